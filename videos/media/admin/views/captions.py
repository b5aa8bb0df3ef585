"""Admin views of captions: upload, create, edit, download and remove."""

from typing import Any, cast

from django.contrib.auth.mixins import UserPassesTestMixin
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views import View
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from studio.people.models import User
from videos.media.access import may_change_captions, may_see_cuts
from videos.media.admin.forms import CaptionForm, CaptionTextForm, LanguageForm
from videos.media.captions import lint as looked
from videos.media.captions.editing import CaptionsChanged, change, remove, save, start
from videos.media.errors import CaptionRefused
from videos.media.jobs import embedded_captions, machine_captions
from videos.media.jobs.actions import begin
from videos.media.models import Caption, Cut
from videos.media.transcoding.webvtt import Cue, stored_cues, to_srt

TYPES = {"vtt": "text/vtt", "srt": "application/x-subrip"}


class CaptionsPermissionMixin(UserPassesTestMixin, View):
    """A view for users who may change captions."""

    def test_func(self) -> bool:
        return may_see_cuts(self.request.user) and may_change_captions(self.request.user)

    @property
    def user(self) -> User:
        return cast(User, self.request.user)


def back_to(cut_id: int) -> HttpResponse:
    """To the captions on the page of their cut."""
    return redirect(reverse("media_cut", args=[cut_id]) + "#captions")


def editor_of(caption: Caption) -> HttpResponse:
    """To where captions are edited."""
    return redirect(reverse("media_edit_captions", args=[caption.pk]))


class UploadView(CaptionsPermissionMixin):
    """Upload a file of captions, replacing those in its language."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        cut = get_object_or_404(Cut.objects.select_related("current_set"), pk=pk)
        form = CaptionForm(request.POST, request.FILES)
        if not form.is_valid():
            refusals = [str(text) for errors in form.errors.values() for text in errors]
            text = _("The captions were not saved. %(why)s") % {"why": " ".join(refusals)}
            messages.error(request, text)
            return back_to(pk)
        caption = save(
            pk, form.cleaned_data["language"], form.cleaned_data["captions"], by=self.user
        )
        self.tell(cut, caption)
        return back_to(pk)

    def tell(self, cut: Cut, caption: Caption) -> None:
        """Tell the user that the captions were saved, with remarks on them."""
        said = _("%(cut)s now has captions in %(language)s.")
        messages.success(self.request, said % {"cut": cut.title, "language": caption.label})
        odd = remarks_of(caption)
        if odd:
            first = _("Line %(line)d: %(text)s") % {"line": odd[0].line, "text": odd[0].text}
            more = ngettext(
                "%(first)s The editor shows this remark.",
                "%(first)s The editor shows all %(count)d remarks.",
                len(odd),
            )
            messages.warning(self.request, more % {"first": first, "count": len(odd)})


class NewView(CaptionsPermissionMixin):
    """Create empty captions in a language."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        cut = get_object_or_404(Cut, pk=pk)
        form = LanguageForm(request.POST, prefix="new")
        if not form.is_valid():
            messages.error(request, _("Choose a language first."))
            return back_to(pk)
        return editor_of(start(cut.pk, form.cleaned_data["language"], by=self.user))


class MachineView(CaptionsPermissionMixin):
    """Request automatic captions."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        cut = get_object_or_404(Cut.objects.select_related("current_set"), pk=pk)
        if machine_captions.ask(cut):
            messages.success(
                request,
                _("Captions are being made. You can leave this page; they will appear here."),
            )
        else:
            messages.warning(
                request, _("Captions are already being made, or this cut has no speech.")
            )
        return back_to(pk)


class InnerView(CaptionsPermissionMixin):
    """Add the captions embedded in the source."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        cut = get_object_or_404(Cut, pk=pk)
        if embedded_captions.offered(cut) and begin(cut, embedded_captions.KIND):
            messages.success(
                request, _("The captions from the file are being added. They will appear here.")
            )
        else:
            messages.warning(
                request, _("The captions from the file were already added, or are being added.")
            )
        return back_to(pk)


class RemoveView(CaptionsPermissionMixin):
    """Remove captions."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        caption = get_object_or_404(Caption.objects.select_related("cut__video"), pk=pk)
        remove(caption, by=self.user)
        text = _("The captions in %(language)s were removed.") % {"language": caption.label}
        messages.success(request, text)
        return back_to(caption.cut_id)


class DownloadView(CaptionsPermissionMixin):
    """Captions as a file of WebVTT or SubRip."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, pk: int, kind: str) -> HttpResponse:
        caption = get_object_or_404(Caption.objects.select_related("cut__video"), pk=pk)
        if kind not in TYPES:
            raise Http404
        try:
            text = caption.webvtt if kind == "vtt" else to_srt(caption.webvtt)
        except CaptionRefused as refusal:  # kept before it was
            messages.error(request, refusal.messages[0])
            return editor_of(caption)
        response = HttpResponse(text, content_type=f"{TYPES[kind]}; charset=utf-8")
        title = slugify(caption.cut.video.title)[:80] or "captions"
        name = f"{title}-cut-{caption.cut.number or 'new'}-{caption.language}.{kind}"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response


def length_of(cut: Cut) -> float | None:
    """Seconds of a cut, once a set of it is there."""
    return float(cut.current_set.seconds) if cut.current_set else None


def remarks_of(caption: Caption) -> list[looked.Remark]:
    """What is odd with captions that we keep. Raises CaptionRefused."""
    return looked.remarks(stored_cues(caption.webvtt), length_of(caption.cut))


def as_json(cue: Cue) -> dict[str, Any]:
    """A cue as the editor's script reads it."""
    lines = "\n".join(line for line in cue.lines if line)
    return {"start": cue.start, "end": cue.end, "settings": cue.settings, "text": lines}


class EditView(CaptionsPermissionMixin, WagtailAdminTemplateMixin, TemplateView):
    """The editor: a text of WebVTT, which its script makes a table next to the player.

    The script sends the same form and reads JSON: 200 with when it was saved, 400 with what is
    wrong, 409 with who was first.
    """

    template_name = "media/captions_edit.html"
    header_icon = "openquote"
    page_title = gettext_lazy("Captions")

    @cached_property
    def caption(self) -> Caption:
        captions = Caption.objects.select_related("cut__video", "cut__current_set", "changed_by")
        return get_object_or_404(captions, pk=self.kwargs["pk"])

    def get_page_subtitle(self) -> str:
        return f"{self.caption.label} · {self.caption.cut}"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        cut = self.caption.cut
        return [
            *self.breadcrumbs_items,
            {"url": reverse("media_cuts"), "label": _("Cuts")},
            {"url": reverse("media_cut", args=[cut.pk]), "label": str(cut)},
            {"url": "", "label": self.get_page_title(), "sublabel": self.get_page_subtitle()},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        caption = self.caption
        form = CaptionTextForm(
            own=caption.language,
            initial={
                "language": caption.language,
                "label": caption.label,
                "webvtt": caption.webvtt,
                "seen": caption.changed_at.isoformat(),
            },
        )
        length = length_of(caption.cut)
        try:
            cues, remarks, broken = stored_cues(caption.webvtt), remarks_of(caption), ""
        except CaptionRefused as refusal:  # kept before it was: shown as text, to be mended
            cues, remarks, broken = [], [], refusal.messages[0]
        return super().get_context_data(
            **{
                "caption": caption,
                "cut": caption.cut,
                "video": caption.cut.video,
                "set": caption.cut.current_set,
                "form": form,
                "cues": [as_json(cue) for cue in cues],
                "broken": broken,
                "length": length,
                "limits": {
                    "fastest": looked.FASTEST,
                    "lines": looked.MOST_LINES,
                    "columns": looked.LONGEST_LINE,
                    "shortest": looked.SHORTEST_SECONDS,
                    "length": length,
                },
                "remarks": remarks,
                **kwargs,
            }
        )

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = CaptionTextForm(request.POST, own=self.caption.language)
        if not form.is_valid():
            texts = [str(text) for errors in form.errors.values() for text in errors]
            return self.refused(form, " ".join(texts), status=400)
        kept = form.cleaned_data
        try:
            caption = change(
                self.caption,
                kept["webvtt"],
                language=kept["language"],
                label=kept["label"],
                seen=kept["seen"],
                by=self.user,
            )
        except CaptionsChanged as refusal:
            return self.refused(form, refusal.messages[0], status=409)
        except ValidationError as refusal:
            return self.refused(form, refusal.messages[0], status=400)
        if self.is_script:
            return JsonResponse({"seen": caption.changed_at.isoformat(), "label": caption.label})
        messages.success(
            request, _("The captions in %(language)s were saved.") % {"language": caption.label}
        )
        return editor_of(caption)

    @property
    def is_script(self) -> bool:
        return bool(self.request.headers.get("X-Requested-With") == "XMLHttpRequest")

    def refused(self, form: CaptionTextForm, text: str, *, status: int) -> HttpResponse:
        """The response if nothing was saved. The form keeps the changes."""
        self.caption.refresh_from_db()
        theirs = self.caption.changed_at.isoformat()
        if self.is_script:
            return JsonResponse({"refusal": text, "theirs": theirs}, status=status)
        messages.error(self.request, text)
        context = self.get_context_data(form=form, conflict=status == 409, theirs=theirs)
        return self.render_to_response(context, status=status)
