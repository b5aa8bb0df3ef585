"""The JSON API of the uploader: create, sign, finish, answer and cancel uploads.

Each upload is its owner's alone, and each request is asked again whether they still may.
"""

import json
from typing import Any, cast
from xml.sax.saxutils import escape

from botocore.exceptions import BotoCoreError, ClientError
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views import View
from wagtail.admin import messages

from studio.people.models import User
from videos.media.access import get_own_upload, may_end_any_upload, may_see_cuts, require_uploader
from videos.media.admin.forms import CaptionForm
from videos.media.admin.views.job_queue import row_of
from videos.media.models import Cut, Upload
from videos.media.uploads import tus
from videos.media.uploads.backends import backend_of, s3_multipart
from videos.media.uploads.intake import (
    announce,
    arrived,
    cancel,
    cancel_to_free_space,
    finish,
    keep_duplicate,
    shown_to,
)
from videos.planning.models import Video

MOST_JSON = 4096  # bytes of a request that tells of a file
State = Upload.State


class BadUploadRequest(Exception):
    """A request that is not valid."""


def asked(request: HttpRequest) -> dict[str, Any]:
    """The JSON object of a request. Raises BadUploadRequest."""
    if int(request.headers.get("Content-Length") or 0) > MOST_JSON:
        raise BadUploadRequest
    try:
        told = json.loads(request.body or b"{}")
        json.dumps(told, ensure_ascii=False).encode()  # half a letter cannot be kept
    except (ValueError, RecursionError):
        raise BadUploadRequest from None
    if not isinstance(told, dict):
        raise BadUploadRequest
    return told


class UploaderView(View):
    """A view with uncached JSON responses. A refusal is 409 with its message."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response = super().dispatch(request, *args, **kwargs)
        except ValidationError as refusal:
            response = JsonResponse({"refusal": refusal.messages[0]}, status=409)
        except BadUploadRequest:
            response = JsonResponse({"refusal": _("The request is not valid.")}, status=400)
        except (BotoCoreError, ClientError):
            text = _("The studio's storage does not respond. Try again later.")
            response = JsonResponse({"refusal": text}, status=503)
        response["Cache-Control"] = "no-store"
        return response  # type: ignore[return-value]


class UploadsView(UploaderView):
    """A person's uploads to a video: GET lists them, POST creates one."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        video = get_object_or_404(Video, pk=pk)
        user = require_uploader(request.user, video)
        return JsonResponse({"uploads": [told(request, one) for one in shown_to(user, video)]})

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        video = get_object_or_404(Video, pk=pk)
        user = require_uploader(request.user, video)
        match asked(request):
            case {"bytes": bool()}:
                raise BadUploadRequest
            case {"name": str(name), "bytes": int(size), "fingerprint": str(fingerprint)}:
                upload = announce(video, name=name, size=size, fingerprint=fingerprint, by=user)
            case _:
                raise BadUploadRequest
        return JsonResponse(told(request, upload), status=201)


class OneUploadView(UploaderView):
    """One upload: GET returns its state, DELETE cancels it or removes it from the list.

    If it can no longer be cancelled, the response is 409 with its state.
    """

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        return JsonResponse(told(request, get_own_upload(request.user, key)))

    def delete(self, request: HttpRequest, key: str) -> HttpResponse:
        if cancel(get_own_upload(request.user, key)):
            return JsonResponse({})
        upload = get_own_upload(request.user, key)  # as it is now: too late, or it ended before
        if upload.state not in {State.REFUSED, State.EXPIRED, State.CANCELLED}:
            return JsonResponse(told(request, upload) | {"refusal": said(upload)}, status=409)
        upload.delete()
        return JsonResponse({})


class FinishView(UploaderView):
    """Finish an upload: all bytes are sent, and this is the browser's checksum."""

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        upload = get_own_upload(request.user, key)
        upload = finish(upload, str(asked(request).get("sha256", "")))
        return JsonResponse(told(request, upload))


class KeepView(UploaderView):
    """Accept a duplicate as a cut of its own."""

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        upload = get_own_upload(request.user, key)
        keep_duplicate(upload)
        upload.refresh_from_db()
        return JsonResponse(told(request, upload))


class EndView(View):
    """Cancel somebody's upload to free space."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        if not may_end_any_upload(request.user):
            raise PermissionDenied
        upload = get_object_or_404(Upload.objects.select_related("by"), key=key)
        told = {"name": upload.name, "who": upload.by}
        if cancel_to_free_space(upload, by=cast(User, request.user)):
            text = _("The upload of “%(name)s” by %(who)s was cancelled.")
            messages.success(request, text % told)
        else:
            text = _("The upload of “%(name)s” by %(who)s has already ended or is complete.")
            messages.warning(request, text % told)
        return redirect("media_cuts")


class SignView(UploaderView):
    """A signed URL for one part on S3, valid for an hour and for the size of the part."""

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        upload = on_s3(request, key)
        number = asked(request).get("part")
        if not isinstance(number, int):
            raise BadUploadRequest
        if (length := s3_multipart.part_length(upload.bytes, number)) is None:
            raise BadUploadRequest
        return JsonResponse({"url": s3_multipart.sign(upload, number, length)})


class PartsView(UploaderView):
    """The parts on S3, in S3's own words: GET lists all that are whole, POST completes them.

    Uppy asks S3 for these. Asked here, the list has no end at a thousand parts, and the studio
    itself looks that nothing is missing.
    """

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        listed = s3_multipart.parts(on_s3(request, key))
        return xml(
            "ListPartsResult",
            "".join(
                f"<Part><PartNumber>{part.number}</PartNumber>"
                f"<ETag>{escape(part.etag)}</ETag><Size>{part.bytes}</Size></Part>"
                for part in listed
            ),
        )

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        upload = on_s3(request, key)
        try:
            s3_multipart.complete(upload)
        except s3_multipart.Unfinished:
            raise ValidationError(_("Parts of the file are missing.")) from None
        arrived(upload, upload.bytes)
        return xml(
            "CompleteMultipartUploadResult",
            f"<Location>{upload.key}</Location><Key>{upload.key}</Key><ETag>-</ETag>",
        )


def on_s3(request: HttpRequest, key: str) -> Upload:
    """The user's upload, if it still accepts parts. Raises ValidationError."""
    upload = get_own_upload(request.user, key)
    if upload.backend != Upload.Backend.S3 or upload.state != State.RECEIVING:
        raise ValidationError(_("The upload has ended."))
    return upload


def xml(name: str, inside: str) -> HttpResponse:
    """An XML response as S3 sends it."""
    return HttpResponse(f"<{name}>{inside}</{name}>", content_type="application/xml")


def told(request: HttpRequest, upload: Upload) -> dict[str, Any]:
    """The JSON of an upload for the uploader's script."""
    received = backend_of(upload).arrived(upload) if upload.state == State.RECEIVING else 0
    answer = {
        "key": str(upload.key),
        "url": reverse("media_one_upload", args=[upload.key]),
        "name": upload.name,
        "bytes": upload.bytes,
        "received": received,
        "state": upload.state,
        "label": str(upload.get_state_display()),
        "said": said(upload),
        "fingerprint": upload.fingerprint,
    }
    if upload.state == State.RECEIVING:
        answer |= {"place": upload.backend, "part_bytes": s3_multipart.part_bytes(upload.bytes)}
    if upload.state == State.DUPLICATE and upload.duplicate_of:
        answer |= {"choices": choices(upload, upload.duplicate_of)}
    if upload.cut_id and may_see_cuts(request.user):
        row = row_of(request, upload.cut_id)
        context = {"row": row, "caption_form": CaptionForm(auto_id=False)}
        answer |= {
            "cut": upload.cut_id,
            "html": render_to_string("media/cut.html", context, request),
        }
    return answer


def said(upload: Upload) -> str:
    """A sentence about the state of an upload."""
    match upload.state:
        case State.RECEIVING:
            return _("Choose the same file again to resume.")
        case State.CHECKING:
            return _("The upload is complete. The studio is comparing it with your file…")
        case State.DUPLICATE if upload.duplicate_of:
            return same_file(upload, upload.duplicate_of)
        case State.STORED:
            return stored(upload.cut) if upload.cut else _("The cut was removed from the studio.")
        case State.EXPIRED:
            return upload.reason or _(
                "The upload expired because nobody resumed it. Upload the file again."
            )
    return upload.reason


def same_file(upload: Upload, duplicate: Cut) -> str:
    """A sentence about the cut that an upload duplicates."""
    told = {"cut": duplicate.called, "title": duplicate.video.title, "reason": duplicate.reason}
    if duplicate.state == Cut.State.REFUSED:
        return _("The same file was already uploaded and was refused: %(reason)s") % told
    if duplicate.video_id == upload.video_id:
        return _("The same file was already uploaded, as %(cut)s.") % told
    return _("The same file was already uploaded, as %(cut)s of “%(title)s”.") % told


def choices(upload: Upload, duplicate: Cut) -> dict[str, str]:
    """The labels of the two buttons for a duplicate."""
    if duplicate.state == Cut.State.REFUSED:
        return {"use": _("Discard this upload"), "keep": _("Check it again")}
    if duplicate.video_id == upload.video_id:
        use = _("Use %(cut)s") % {"cut": duplicate.called}
        return {"use": use, "keep": _("Keep it as a new cut")}
    return {"use": _("Discard this upload"), "keep": _("Keep it as a cut of this video")}


def stored(cut: Cut) -> str:
    """A sentence about a new cut."""
    told = {"cut": cut.title, "reason": cut.reason}
    if cut.state == Cut.State.REFUSED:
        return _("%(cut)s is stored but cannot be used: %(reason)s") % told
    return _("%(cut)s is stored and is being made ready to watch.") % told


urlpatterns = [
    path("cuts/uploads/<int:pk>/", UploadsView.as_view(), name="media_uploads"),
    path("cuts/uploads/<int:pk>/tus/", tus.CreateView.as_view(), name="media_tus"),
    path("cuts/uploads/<uuid:key>/", OneUploadView.as_view(), name="media_one_upload"),
    path("cuts/uploads/<uuid:key>/tus/", tus.UploadView.as_view(), name="media_tus_upload"),
    path("cuts/uploads/<uuid:key>/end/", EndView.as_view(), name="media_end_upload"),
    path("cuts/uploads/<uuid:key>/sign/", SignView.as_view(), name="media_sign_part"),
    path("cuts/uploads/<uuid:key>/parts/", PartsView.as_view(), name="media_parts"),
    path("cuts/uploads/<uuid:key>/finish/", FinishView.as_view(), name="media_finish_upload"),
    path("cuts/uploads/<uuid:key>/keep/", KeepView.as_view(), name="media_keep_upload"),
]
