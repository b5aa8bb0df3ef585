"""The page of a cut, and its actions: poster, audio track, download of the source."""

from typing import Any, cast

from django import forms
from django.contrib.auth.mixins import UserPassesTestMixin
from django.core.exceptions import ValidationError
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
from videos.media.access import may_change_captions, may_see_cuts, may_upload
from videos.media.admin.forms import CaptionForm, FrameForm, LanguageForm, PictureForm, SoundForm
from videos.media.admin.presenters import jobs_of, shown, with_rows
from videos.media.admin.source_summary import source_summary
from videos.media.cuts import poster
from videos.media.cuts.page_parts import parts_for
from videos.media.cuts.published import is_changed
from videos.media.delivery.attachments import source_of
from videos.media.jobs import embedded_captions, machine_captions
from videos.media.jobs.actions import open_job
from videos.media.jobs.audio_tracks import (
    audio_track_choices,
    audio_track_of,
    choose_audio_track,
    is_being_remade,
)
from videos.media.models import Cut, RenditionSet
from videos.media.renditions.sound_guards import why_sound_stays
from videos.planning.urls_for import video_url


class CutActionView(UserPassesTestMixin, View):
    """An action on a cut by POST, for users who may upload to its video."""

    http_method_names = ["post", "options"]

    @cached_property
    def cut(self) -> Cut:
        cuts = Cut.objects.select_related("video", "current_set")
        return get_object_or_404(cuts, pk=self.kwargs["pk"])

    def test_func(self) -> bool:
        return may_see_cuts(self.request.user) and may_upload(self.request.user, self.cut.video)

    def back(self, anchor: str = "") -> HttpResponse:
        """To the page of the cut."""
        return redirect(cut_url(self.cut) + anchor)


def cut_url(cut: Cut) -> str:
    """Where the page of a cut is."""
    return reverse("media_cut", args=[cut.pk])


class CutPageView(UserPassesTestMixin, WagtailAdminTemplateMixin, TemplateView):
    """The page of a cut: player, state, captions, poster, audio track and source."""

    template_name = "media/cut_page.html"
    header_icon = "upload"
    http_method_names = ["get", "head", "options"]

    def test_func(self) -> bool:
        return may_see_cuts(self.request.user)

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
            facts=source_summary(cut.source_info),
            captions=list(cut.captions.without_texts().select_related("changed_by")),
            spoken=cut.captions.with_words().without_texts(),
            viewers_have_others=bool(cut.current_set and cut.current_set.is_public)
            and is_changed(cut),
            jobs=jobs_of(cut),
            parts=MediaContainer(parts_for(self.request, cut)),
            may_change=may,
            may_caption=may_change_captions(user),
            by_machine=machine_captions.is_offered(cut),
            hears=open_job(cut, machine_captions.KIND),
            inner_captions=embedded_captions.offered_in_words(cut),
            takes=open_job(cut, embedded_captions.KIND),
            remarks=embedded_captions.remarks_on(cut),
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
        if may and len(audio_track_choices(cut)) > 1:
            forms["sound_form"] = SoundForm(
                choices=audio_track_choices(cut), initial={"track": audio_track_of(cut)}
            )
            forms["why_sound_stays"] = why_sound_stays(cut)
        return forms


class PosterView(CutActionView):
    """Choose the poster: `act` is frame, picture or automatic."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        current = self.cut.current_set
        if current is None:
            messages.error(request, _("This cut cannot be watched yet, so it has no poster."))
            return self.back("#poster")
        try:
            self.choose(current)
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
        else:
            text = (
                _("The poster was changed. Viewers see it once you publish it.")
                if current.is_public
                else _("The poster was changed.")
            )
            messages.success(request, text)
        return self.back("#poster")

    def choose(self, current: RenditionSet) -> None:
        """Raises ValidationError."""
        act = self.request.POST.get("act")
        if act == "automatic":
            poster.choose_none(self.cut)
        elif act == "picture":
            form = valid(PictureForm(self.request.POST, self.request.FILES))
            poster.choose_picture(self.cut, current, form.cleaned_data["picture"])
        else:
            frame = valid(FrameForm(self.request.POST, length=current.seconds))
            poster.choose_frame(self.cut, current, frame.cleaned_data["seconds"])


def valid(form: forms.Form) -> forms.Form:
    """The form, if it is in order. Raises ValidationError."""
    if not form.is_valid():
        raise ValidationError([text for texts in form.errors.values() for text in texts])
    return form


class SoundView(CutActionView):
    """Choose the audio track of a cut."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = SoundForm(request.POST, choices=audio_track_choices(self.cut))
        try:
            choose_audio_track(
                self.cut, valid(form).cleaned_data["track"], by=cast(User, request.user)
            )
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
        else:
            text = _(
                "The cut is being made again with this audio track. Until then it stays as it is."
            )
            messages.success(request, text)
        return self.back("#sound")


class SourceView(CutActionView):
    """The source, as it was uploaded."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        return source_of(request, self.cut)
