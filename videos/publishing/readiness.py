"""What a video needs before its page may go live."""

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext as _

from videos.media.models import Cut
from videos.planning.models import Stage, Video

OPEN_STAGES = {Stage.APPROVED, Stage.PUBLISHED, Stage.RETIRED}


class PublishRefused(ValidationError):
    """The page stays as it is; the message says what is missing."""

    def __init__(self, reason: str) -> None:
        super().__init__({NON_FIELD_ERRORS: ValidationError(reason, "publish_refused")})


def why_not(video: Video, approved: Cut | None) -> str | None:
    """What keeps the page of a video from going live, in one sentence; None when nothing does.

    `approved` is the video's `approved_cut`.
    """
    if approved is None:
        return _("“%(title)s” has no approved cut. Let the newest cut be reviewed first.") % {
            "title": video.title
        }
    if video.stage not in OPEN_STAGES:
        return _("“%(title)s” is in the stage “%(stage)s”, and only approved videos go live.") % {
            "title": video.title,
            "stage": Stage(video.stage).label,
        }
    return None
