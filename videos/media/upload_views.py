"""What the uploader in the admin asks for: announce, sign, finish, answer, give up.

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
from videos.media.access import may_end_any_upload, may_see_cuts, refuse_uploader, upload_by
from videos.media.forms import CaptionForm
from videos.media.models import Cut, Upload
from videos.media.queue import row_of
from videos.media.receiving import multipart, place_of, tus
from videos.media.uploads import (
    announce,
    arrived,
    cancel,
    end_for_room,
    finish,
    keep,
    shown_to,
)
from videos.planning.models import Video

MOST_JSON = 4096  # bytes of a request that tells of a file
State = Upload.State


class Mistake(Exception):
    """A request that our own script does not send."""


def asked(request: HttpRequest) -> dict[str, Any]:
    """The JSON object of a request. Raises Mistake."""
    if int(request.headers.get("Content-Length") or 0) > MOST_JSON:
        raise Mistake
    try:
        told = json.loads(request.body or b"{}")
        json.dumps(told, ensure_ascii=False).encode()  # half a letter cannot be kept
    except (ValueError, RecursionError):
        raise Mistake from None
    if not isinstance(told, dict):
        raise Mistake
    return told


class UploaderView(View):
    """Answers in JSON that nobody keeps; a refusal is 409 with its words."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response = super().dispatch(request, *args, **kwargs)
        except ValidationError as refusal:
            response = JsonResponse({"refusal": refusal.messages[0]}, status=409)
        except Mistake:
            response = JsonResponse({"refusal": _("This cannot be read.")}, status=400)
        except (BotoCoreError, ClientError):
            text = _("The studio's storage does not answer. Try again in a while.")
            response = JsonResponse({"refusal": text}, status=503)
        response["Cache-Control"] = "no-store"
        return response  # type: ignore[return-value]


class UploadsView(UploaderView):
    """A person's uploads to a video: GET lists them, POST announces one."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        video = get_object_or_404(Video, pk=pk)
        user = refuse_uploader(request.user, video)
        return JsonResponse({"uploads": [told(request, one) for one in shown_to(user, video)]})

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        video = get_object_or_404(Video, pk=pk)
        user = refuse_uploader(request.user, video)
        match asked(request):
            case {"bytes": bool()}:
                raise Mistake
            case {"name": str(name), "bytes": int(size), "fingerprint": str(fingerprint)}:
                upload = announce(video, name=name, size=size, fingerprint=fingerprint, by=user)
            case _:
                raise Mistake
        return JsonResponse(told(request, upload), status=201)


class OneUploadView(UploaderView):
    """One upload: GET tells what became of it, DELETE gives it up or takes it off the list.

    What is past giving up stays, and 409 tells how it stands.
    """

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        return JsonResponse(told(request, upload_by(request.user, key)))

    def delete(self, request: HttpRequest, key: str) -> HttpResponse:
        if cancel(upload_by(request.user, key)):
            return JsonResponse({})
        upload = upload_by(request.user, key)  # as it is now: too late, or it ended before
        if upload.state not in {State.REFUSED, State.EXPIRED, State.CANCELLED}:
            return JsonResponse(told(request, upload) | {"refusal": said(upload)}, status=409)
        upload.delete()
        return JsonResponse({})


class FinishView(UploaderView):
    """All bytes are sent, and this is the browser's checksum of them."""

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        upload = upload_by(request.user, key)
        upload = finish(upload, str(asked(request).get("sha256", "")))
        return JsonResponse(told(request, upload))


class KeepView(UploaderView):
    """The same file is here, and this one is to be a cut of its own."""

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        upload = upload_by(request.user, key)
        keep(upload)
        upload.refresh_from_db()
        return JsonResponse(told(request, upload))


class EndView(View):
    """Somebody's upload ends for its room; by who answers for that."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        if not may_end_any_upload(request.user):
            raise PermissionDenied
        upload = get_object_or_404(Upload.objects.select_related("by"), key=key)
        told = {"name": upload.name, "who": upload.by}
        if end_for_room(upload, by=cast(User, request.user)):
            text = _("The upload of “%(name)s” by %(who)s is ended.")
            messages.success(request, text % told)
        else:
            text = _("The upload of “%(name)s” by %(who)s is over, or all of it is here.")
            messages.warning(request, text % told)
        return redirect("media_cuts")


class SignView(UploaderView):
    """The address for one part on S3, good for an hour and for as many bytes as the part has."""

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        upload = on_s3(request, key)
        number = asked(request).get("part")
        if not isinstance(number, int):
            raise Mistake
        if (length := multipart.part_length(upload.bytes, number)) is None:
            raise Mistake
        return JsonResponse({"url": multipart.sign(upload, number, length)})


class PartsView(UploaderView):
    """The parts on S3, in S3's own words: GET lists all that are whole, POST completes them.

    Uppy asks S3 for these. Asked here, the list has no end at a thousand parts, and the studio
    itself looks that nothing is missing.
    """

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        listed = multipart.parts(on_s3(request, key))
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
            multipart.complete(upload)
        except multipart.Unfinished:
            raise ValidationError(_("Parts of the file are missing.")) from None
        arrived(upload, upload.bytes)
        return xml(
            "CompleteMultipartUploadResult",
            f"<Location>{upload.key}</Location><Key>{upload.key}</Key><ETag>-</ETag>",
        )


def on_s3(request: HttpRequest, key: str) -> Upload:
    """The user's upload, if it takes parts."""
    upload = upload_by(request.user, key)
    if upload.place != "s3" or upload.state != State.RECEIVING:
        raise ValidationError(_("The upload has ended."))
    return upload


def xml(name: str, inside: str) -> HttpResponse:
    """An answer as S3 would give it."""
    return HttpResponse(f"<{name}>{inside}</{name}>", content_type="application/xml")


def told(request: HttpRequest, upload: Upload) -> dict[str, Any]:
    """An upload as the uploader's script knows it."""
    received = place_of(upload).arrived(upload) if upload.state == State.RECEIVING else 0
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
        answer |= {"place": upload.place, "part_bytes": multipart.part_bytes(upload.bytes)}
    if upload.state == State.TWIN and upload.twin:
        answer |= {"choices": choices(upload, upload.twin)}
    if upload.cut_id and may_see_cuts(request.user):
        row = row_of(request, upload.cut_id)
        context = {"row": row, "caption_form": CaptionForm(auto_id=False)}
        answer |= {
            "cut": upload.cut_id,
            "html": render_to_string("media/cut.html", context, request),
        }
    return answer


def said(upload: Upload) -> str:
    """How it stands, in a sentence."""
    match upload.state:
        case State.RECEIVING:
            return _("Choose the same file again to go on.")
        case State.CHECKING:
            return _("All of it is here. The studio compares it with your file…")
        case State.TWIN if upload.twin:
            return same_file(upload, upload.twin)
        case State.STORED:
            return stored(upload.cut) if upload.cut else _("It was removed from the studio.")
        case State.EXPIRED:
            return upload.reason or _("Given up: nobody went on with it. Upload the file again.")
    return upload.reason


def same_file(upload: Upload, twin: Cut) -> str:
    """Where the twin is."""
    told = {"cut": twin.called, "title": twin.video.title, "reason": twin.reason}
    if twin.state == Cut.State.REFUSED:
        return _("The same file is here already, and was refused: %(reason)s") % told
    if twin.video_id == upload.video_id:
        return _("The same file is here already, as %(cut)s.") % told
    return _("The same file is here already, as %(cut)s of “%(title)s”.") % told


def choices(upload: Upload, twin: Cut) -> dict[str, str]:
    """The words of the two answers."""
    if twin.state == Cut.State.REFUSED:
        return {"use": _("Take it back"), "keep": _("Have it looked at again")}
    if twin.video_id == upload.video_id:
        use = _("Use %(cut)s") % {"cut": twin.called}
        return {"use": use, "keep": _("Keep it as a new cut")}
    return {"use": _("Take it back"), "keep": _("Keep it as a cut of this video")}


def stored(cut: Cut) -> str:
    """What became of it."""
    told = {"cut": cut.title, "reason": cut.reason}
    if cut.state == Cut.State.REFUSED:
        return _("%(cut)s is kept but cannot be used: %(reason)s") % told
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
