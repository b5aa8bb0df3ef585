"""The editor's form of a video page: it says what is missing before anything is saved."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from wagtail.admin.forms import WagtailAdminPageForm

from videos.planning.models import Stage, Video
from videos.publishing.readiness import why_not
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

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        video = cleaned.get("video")
        goes_live_at = cleaned.get("go_live_at")
        now = not goes_live_at or goes_live_at <= timezone.now()
        if "action-publish" in self.data and now and video:
            reason = why_not(video, approved_cut(video))
            if reason:
                self.add_error(None, ValidationError(reason, code="publish_refused"))
        return cleaned
