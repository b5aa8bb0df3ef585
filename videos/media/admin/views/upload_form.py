"""Upload of a cut by a plain form."""

from typing import Any, cast

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from wagtail.admin import messages

from studio.people.models import User
from videos.media.access import may_see_cuts, may_upload
from videos.media.admin.forms import SourceForm
from videos.media.admin.views.upload_api import stored
from videos.media.models import Cut
from videos.media.storage.quota import refuse_size
from videos.media.uploads.intake import receive, refuse_stage
from videos.planning.models import Video
from videos.planning.urls_for import video_url

# What a form adds to a file's own bytes
FORM_BYTES = 64 * 1024


def cuts_url(video: Video) -> str:
    """Where a video's cuts are on its page."""
    return f"{video_url(video)}#cuts"


@method_decorator(csrf_exempt, name="dispatch")
class UploadView(View):
    """A new cut: GET with `bytes` asks whether it would be taken, POST hands it in.

    The token is asked for inside, by `csrf_protect`: reading it earlier would read the whole body
    before its length is looked at.
    """

    video: Video

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.video = get_object_or_404(Video, pk=kwargs["pk"])
        if not may_see_cuts(request.user) or not may_upload(request.user, self.video):
            raise PermissionDenied
        if request.method == "POST":
            request.upload_handlers = [TemporaryFileUploadHandler(request)]
            return method_decorator(csrf_protect)(self.__class__.checked)(self, request)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        try:
            self.refuse(int(request.GET.get("bytes", "")))
        except ValueError:
            return JsonResponse({"refusal": _("The size of the file is missing.")}, status=400)
        except ValidationError as refusal:
            return JsonResponse({"refusal": refusal.messages[0]})
        return JsonResponse({"refusal": ""})

    def refuse(self, size: int) -> None:
        """Raises UploadRefused before the first byte of what could not be finished."""
        refuse_stage(self.video)
        refuse_size(size, by=cast(User, self.request.user))

    def checked(self, request: HttpRequest) -> HttpResponse:
        """The upload, once the token is found right."""
        try:
            cut = self.receive(request)
        except ValidationError as refusal:
            return self.answer(request, refusal.messages[0], refused=True)
        return self.answer(request, stored(cut), refused=cut.state == Cut.State.REFUSED)

    def receive(self, request: HttpRequest) -> Cut:
        """The new cut. Raises ValidationError."""
        length = int(request.META.get("CONTENT_LENGTH") or 0)
        self.refuse(max(1, length - FORM_BYTES))
        form = SourceForm(request.POST, request.FILES)
        if not form.is_valid():
            raise ValidationError(_("Choose a video file first."))
        by = cast(User, request.user)
        return receive(self.video, form.cleaned_data["source"], by=by, probed=False)

    def answer(self, request: HttpRequest, text: str, *, refused: bool) -> HttpResponse:
        """A message on the video's page; the script gets the page's address to go to."""
        (messages.error if refused else messages.success)(request, text)
        if request.headers.get("X-Requested-With") == "XMLHttpRequest":
            return JsonResponse({"url": cuts_url(self.video)})
        return redirect(cuts_url(self.video))
