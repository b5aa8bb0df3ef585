"""The page of one cut, and what is chosen there: poster, sound, its source back."""

from typing import Any, cast

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import TemplateView
from laces.components import MediaContainer
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from studio.people.models import User
from videos.media import chosen_posters, inner_captions, speech
from videos.media.access import may_change_captions, may_see_cuts, may_upload
from videos.media.acts import under_way
from videos.media.attachments import attachment
from videos.media.cut_parts import parts_for
from videos.media.forms import CaptionForm, FrameForm, LanguageForm, PictureForm, SoundForm
from videos.media.in_words import facts_in_words
from videos.media.models import Cut, RenditionSet
from videos.media.published import is_changed
from videos.media.showing import jobs_of, shown, with_rows
from videos.media.sound_guards import why_sound_stays
from videos.media.sounds import choices_of, choose_sound, heard_in, is_being_remade
from videos.planning.addresses import video_url


class OfACut(View):
    """Something done to a cut, by whoever may upload to its video; by POST alone."""

    http_method_names = ["post", "options"]

    @cached_property
    def cut(self) -> Cut:
        cuts = Cut.objects.select_related("video", "current_set")
        return get_object_or_404(cuts, pk=self.kwargs["pk"])

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may_see_cuts(request.user) or not may_upload(request.user, self.cut.video):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def back(self, anchor: str = "") -> HttpResponse:
        """To the page of the cut."""
        return redirect(cut_url(self.cut) + anchor)


def cut_url(cut: Cut) -> str:
    """Where the page of a cut is."""
    return reverse("media_cut", args=[cut.pk])


class CutPageView(WagtailAdminTemplateMixin, TemplateView):
    """One cut: watch it, read what is in it and what became of it, and choose what it shows."""

    template_name = "media/cut_page.html"
    header_icon = "upload"
    http_method_names = ["get", "head", "options"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may_see_cuts(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def cut(self) -> Cut:
        return get_object_or_404(with_rows(Cut.objects.all()), pk=self.kwargs["pk"])

    def get_page_title(self) -> str:
        return self.cut.video.title

    def get_page_subtitle(self) -> str:
        return self.cut.title

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("media_cuts"), "label": _("Cuts")},
            {"url": "", "label": self.get_page_title(), "sublabel": self.get_page_subtitle()},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        cut, user = self.cut, self.request.user
        may = may_upload(user, cut.video)
        return super().get_context_data(
            row=shown(cut, user, may=may),
            cut=cut,
            video=cut.video,
            video_url=f"{video_url(cut.video)}#cuts",
            video_page_url=f"{video_url(cut.video)}#public-page",
            set=cut.current_set,
            facts=facts_in_words(cut.facts),
            captions=list(cut.captions.without_texts().select_related("changed_by")),
            spoken=cut.captions.with_words().without_texts(),
            viewers_have_others=bool(cut.current_set and cut.current_set.is_public)
            and is_changed(cut),
            jobs=jobs_of(cut),
            parts=MediaContainer(parts_for(self.request, cut)),
            may_change=may,
            may_caption=may_change_captions(user),
            by_machine=speech.is_offered(cut),
            hears=under_way(cut, speech.KIND),
            inner_captions=inner_captions.offered_in_words(cut),
            takes=under_way(cut, inner_captions.KIND),
            remarks=inner_captions.remarks_on(cut),
            is_being_remade=is_being_remade(cut),
            **self.choices(may=may),
            **kwargs,
        )

    def choices(self, *, may: bool) -> dict[str, Any]:
        """The forms that the user may send."""
        cut, forms = self.cut, dict[str, Any]()
        if may_change_captions(self.request.user):
            forms["caption_form"] = CaptionForm(auto_id="file_%s")
            forms["language_form"] = LanguageForm(prefix="new")
        if may and cut.current_set:
            moment = cut.poster_seconds
            forms["frame_form"] = FrameForm(length=cut.current_set.seconds)
            forms["picture_form"] = PictureForm()
            forms["poster_seconds"] = moment
        if may and len(choices_of(cut)) > 1:
            forms["sound_form"] = SoundForm(
                choices=choices_of(cut), initial={"track": heard_in(cut)}
            )
            forms["why_sound_stays"] = why_sound_stays(cut)
        return forms


class PosterView(OfACut):
    """Choose the poster: `act` is frame, picture or automatic."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        current = self.cut.current_set
        if current is None:
            messages.error(request, _("This cut has no pictures yet."))
            return self.back("#poster")
        try:
            self.choose(current)
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
        else:
            text = (
                _("This is the cut’s poster now. Viewers see it once you publish it.")
                if current.is_public
                else _("This is the poster now.")
            )
            messages.success(request, text)
        return self.back("#poster")

    def choose(self, current: RenditionSet) -> None:
        """Raises ValidationError."""
        act = self.request.POST.get("act")
        if act == "automatic":
            chosen_posters.choose_none(self.cut)
        elif act == "picture":
            form = valid(PictureForm(self.request.POST, self.request.FILES))
            chosen_posters.choose_picture(self.cut, current, form.cleaned_data["picture"])
        else:
            frame = valid(FrameForm(self.request.POST, length=current.seconds))
            chosen_posters.choose_frame(self.cut, current, frame.cleaned_data["seconds"])


def valid(form: forms.Form) -> forms.Form:
    """The form, if it is in order. Raises ValidationError."""
    if not form.is_valid():
        raise ValidationError([text for texts in form.errors.values() for text in texts])
    return form


class SoundView(OfACut):
    """Choose which track of the source is heard."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = SoundForm(request.POST, choices=choices_of(self.cut))
        try:
            choose_sound(self.cut, valid(form).cleaned_data["track"], by=cast(User, request.user))
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
        else:
            text = _("The cut is made again with this sound. Until then it stays as it is.")
            messages.success(request, text)
        return self.back("#sound")


class SourceView(OfACut):
    """The source, as it was uploaded."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        return attachment(request, str(self.cut.source.name), self.cut.source_name)
