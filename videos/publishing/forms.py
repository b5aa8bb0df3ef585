"""The editor's form of a video page: it says what is missing before anything is saved."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminPageForm

from studio.moments import say_which
from videos.media.carrying import MOST_SHIFT_SECONDS, losses
from videos.media.models import Cut
from videos.planning.models import Stage, Video
from videos.publishing.readiness import why_not, why_not_chosen, why_not_without
from videos.review.approvals import approved_cut


class VideoPageForm(WagtailAdminPageForm):
    """A page chooses its video once, and is published only when the video is ready for it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields.get("video")
        if field and self.instance.pk:
            field.disabled = True
        elif field:
            field.queryset = Video.objects.filter(page=None).exclude(stage=Stage.CANCELLED)
        say_which(self)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        video = cleaned.get("video")
        goes_live_at = cleaned.get("go_live_at")
        now = not goes_live_at or goes_live_at <= timezone.now()
        keeps_its_cut = self.instance.live and self.instance.cut
        if "action-publish" in self.data and video and not keeps_its_cut:
            cut = approved_cut(video)
            reason = why_not(video, cut) if now else None
            if cut and not reason:  # also of what is scheduled: at night nobody reads it
                reason = why_not_without(losses(self.instance.cut, cut), cut)
            if reason:
                self.add_error(None, ValidationError(reason, code="publish_refused"))
        return cleaned


class CutForm(forms.Form):
    """Which cut of a video goes public, and what it takes over from the one before.

    `known` is what viewers lose where it takes over nothing. Lines of captions that lie outside of
    the new cut are left out only where `without_lines` says so.
    """

    cut = forms.ModelChoiceField(
        Cut.objects.none(),
        widget=forms.HiddenInput,
        error_messages={
            name: _("Choose the cut on the page of the video.")
            for name in ("required", "invalid_choice")
        },
    )
    carry = forms.BooleanField(label=_("Carry over to this cut"), required=False)
    shift = forms.DecimalField(
        label=_("Captions come later by"),
        help_text=_("Seconds; below zero if the new cut leaves out something at its beginning."),
        required=False,
        initial=0,
        min_value=-MOST_SHIFT_SECONDS,
        max_value=MOST_SHIFT_SECONDS,
        decimal_places=3,
        widget=forms.NumberInput(attrs={"step": "0.001"}),
    )
    without_lines = forms.BooleanField(
        label=_("Leave out lines of captions that lie outside of this cut"), required=False
    )
    known = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, video: Video, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.video = video
        cut: Any = self.fields["cut"]
        cut.queryset = video.cuts.numbered()

    def clean_cut(self) -> Cut:
        cut: Cut = self.cleaned_data["cut"]
        if reason := why_not_chosen(cut, approved_cut(self.video)):
            raise ValidationError(reason, code="not_approved")
        return cut

    def clean_shift(self) -> Decimal:
        return self.cleaned_data["shift"] or Decimal(0)
