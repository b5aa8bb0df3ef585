"""The page editor's form, and the form for choosing a cut."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminPageForm

from studio.fields import ExactDecimalFormField
from studio.ui.moments import say_which
from videos.media.cuts.carry_over import MOST_SHIFT_SECONDS, losses
from videos.media.models import Cut
from videos.planning.models import Stage, Video
from videos.publishing.readiness import chosen_cut_blocker, loss_blocker, publish_blocker
from videos.review.approvals import approved_cut


class VideoPageForm(WagtailAdminPageForm):
    """The page editor's form.

    The video of a page cannot be changed. Publishing is validated before anything is saved.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields.get("video")
        if field and self.instance.pk:
            field.disabled = True
        elif field:
            field.queryset = Video.objects.filter(page=None).exclude(stage=Stage.CANCELLED)
        if slug := self.fields.get("slug"):
            slug.required = False  # generated from the title
        say_which(self)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        video = cleaned.get("video")
        goes_live_at = cleaned.get("go_live_at")
        now = not goes_live_at or goes_live_at <= timezone.now()
        keeps_its_cut = self.instance.live and self.instance.cut
        if "action-publish" in self.data and video and not keeps_its_cut:
            cut = approved_cut(video)
            reason = publish_blocker(video, cut) if now else None
            if cut and not reason:  # also for scheduled pages: nobody is there to read it then
                reason = loss_blocker(losses(self.instance.cut, cut), cut)
            if reason:
                self.add_error(None, ValidationError(reason, code="publish_refused"))
        return cleaned


class CutForm(forms.Form):
    """Which cut of a video to publish, and what to carry over from the current one.

    `known` is what viewers lose if nothing is carried over. Caption lines outside the new cut are
    dropped only if `without_lines` is set.
    """

    cut = forms.ModelChoiceField(
        Cut.objects.none(),
        widget=forms.HiddenInput,
        error_messages={
            name: _("Choose the cut on the video’s page.")
            for name in ("required", "invalid_choice")
        },
    )
    carry = forms.BooleanField(label=_("Carry over to this cut"), required=False)
    shift = ExactDecimalFormField(
        label=_("Delay captions by"),
        help_text=_("In seconds. Negative if something was cut from the beginning."),
        required=False,
        initial=0,
        min_value=-MOST_SHIFT_SECONDS,
        max_value=MOST_SHIFT_SECONDS,
        decimals=3,
        decimal_places=3,
    )
    without_lines = forms.BooleanField(
        label=_("Leave out caption lines that are outside this cut"), required=False
    )
    known = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, video: Video, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.video = video
        cut: Any = self.fields["cut"]
        cut.queryset = video.cuts.numbered()

    def clean_cut(self) -> Cut:
        cut: Cut = self.cleaned_data["cut"]
        if reason := chosen_cut_blocker(cut, approved_cut(self.video)):
            raise ValidationError(reason, code="not_approved")
        return cut

    def clean_shift(self) -> Decimal:
        return self.cleaned_data["shift"] or Decimal(0)
