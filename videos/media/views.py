"""What staff do with cuts: upload, watch the progress, try again, add captions."""

from typing import Any, cast

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.generic import ListView
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from studio.people.models import User
from videos.media.access import may_see_cuts, may_upload
from videos.media.acts import retry
from videos.media.forms import SourceForm
from videos.media.models import Cut
from videos.media.showing import UNDER_WAY, ShownCut, shown, with_rows
from videos.media.uploads import receive, refuse_size, refuse_stage
from videos.planning.addresses import video_url
from videos.planning.models import Video

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
        refuse_size(size)

    def checked(self, request: HttpRequest) -> HttpResponse:
        """The upload, once the token is found right."""
        try:
            cut = self.receive(request)
        except ValidationError as refusal:
            return self.answer(request, refusal.messages[0], refused=True)
        if cut.state == Cut.State.REFUSED:
            text = _("Cut %(number)d is kept but cannot be used: %(reason)s") % {
                "number": cut.number,
                "reason": cut.reason,
            }
            return self.answer(request, text, refused=True)
        text = _("Cut %(number)d is stored and is being made ready to watch.")
        return self.answer(request, text % {"number": cut.number}, refused=False)

    def receive(self, request: HttpRequest) -> Cut:
        """The new cut. Raises ValidationError."""
        length = int(request.META.get("CONTENT_LENGTH") or 0)
        self.refuse(max(1, length - FORM_BYTES))
        form = SourceForm(request.POST, request.FILES)
        if not form.is_valid():
            raise ValidationError(_("Choose a video file first."))
        return receive(self.video, form.cleaned_data["source"], by=cast(User, request.user))

    def answer(self, request: HttpRequest, text: str, *, refused: bool) -> HttpResponse:
        """A message on the video's page; the script gets the page's address to go to."""
        (messages.error if refused else messages.success)(request, text)
        if request.headers.get("X-Requested-With") == "XMLHttpRequest":
            return JsonResponse({"url": cuts_url(self.video)})
        return redirect(cuts_url(self.video))


def row_of(request: HttpRequest, pk: int) -> ShownCut:
    """A cut as its row shows it to the user. Raises PermissionDenied."""
    if not may_see_cuts(request.user):
        raise PermissionDenied
    cut = get_object_or_404(with_rows(Cut.objects.all()), pk=pk)
    return shown(cut, request.user, may=may_upload(request.user, cut.video))


class CutStateView(View):
    """How far a cut is, for the page that asks every two seconds."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = row_of(request, pk)
        html = render_to_string("media/cut_inside.html", {"row": row}, request)
        response = JsonResponse(
            {
                "state": row.cut.state,
                "label": str(row.badge.label),
                "percent": row.percent,
                "under_way": row.is_under_way,
                "html": html,
            }
        )
        response["Cache-Control"] = "no-store"
        return response


class RetryView(View):
    """Try a failed cut again."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        cut = get_object_or_404(Cut.objects.select_related("video"), pk=pk)
        if not may_upload(request.user, cut.video):
            raise PermissionDenied
        if retry(cut):
            messages.success(request, _("Cut %(number)d is tried again.") % {"number": cut.number})
        else:
            messages.warning(request, _("Cut %(number)d has not failed.") % {"number": cut.number})
        return redirect(cuts_url(cut.video))


class CutsView(WagtailAdminTemplateMixin, ListView):
    """The queue: what runs, waits and failed first, then what became ready."""

    template_name = "media/cuts.html"
    page_title = gettext_lazy("Cuts")
    header_icon = "upload"
    paginate_by = 25
    context_object_name = "cuts"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may_see_cuts(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.get_page_title()}]

    def get_queryset(self) -> QuerySet[Cut]:
        pressing = Case(
            When(state__in=UNDER_WAY, then=Value(0)),
            When(state=Cut.State.FAILED, then=Value(1)),
            default=Value(2),
            output_field=IntegerField(),
        )
        return with_rows(Cut.objects.all()).order_by(pressing, "-uploaded_at", "-pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        may = self.request.user.has_perm("media.change_cut")
        context["rows"] = [shown(cut, self.request.user, may=may) for cut in context["cuts"]]
        return context
