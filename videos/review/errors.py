"""Why a verdict is refused. None of these changes anything."""

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from videos.media.models import Cut
from videos.planning.models import Stage
from videos.review.models import Verdict


class ReviewRefused(ValidationError):
    """A verdict that is refused; the message says why."""


class CutNotReady(ReviewRefused):
    """The cut is not ready, so nobody has watched it as viewers will."""

    def __init__(self, cut: Cut) -> None:
        super().__init__(
            _("“%(cut)s” is not ready yet, so it cannot be reviewed."),
            "cut_not_ready",
            {"cut": cut},
        )


class NewerCut(ReviewRefused):
    """A newer cut of the video is ready."""

    def __init__(self, newer: Cut) -> None:
        super().__init__(
            _("A newer cut is ready: “%(newer)s”. Please review that one."),
            "newer_cut",
            {"newer": newer},
        )


class OtherSource(ReviewRefused):
    """The cut's source is not the one that was watched."""

    def __init__(self, cut: Cut) -> None:
        super().__init__(
            _("The file of “%(cut)s” is not the one you watched. Please watch it again."),
            "other_source",
            {"cut": cut},
        )


class OwnUpload(ReviewRefused):
    """Nobody approves a cut that they uploaded."""

    def __init__(self, cut: Cut) -> None:
        super().__init__(
            _(
                "You uploaded “%(cut)s” yourself. A sales manager or another expert on camera"
                " has to approve it."
            ),
            "own_upload",
            {"cut": cut},
        )


class AlreadyApproved(ReviewRefused):
    """The cut is already approved."""

    def __init__(self, cut: Cut, verdict: Verdict) -> None:
        super().__init__(
            _("“%(cut)s” was approved by %(by)s on %(day)s already."),
            "already_approved",
            {
                "cut": cut,
                "by": verdict.by,
                "day": date_format(timezone.localtime(verdict.at), "DATE_FORMAT"),
            },
        )


class NotInReview(ReviewRefused):
    """The video is in a stage without review."""

    def __init__(self, cut: Cut, stage: Stage) -> None:
        super().__init__(
            _("“%(title)s” is not in review: its stage is “%(stage)s”."),
            "not_in_review",
            {"title": cut.video.title, "stage": stage.label},
        )


class NoteMissing(ReviewRefused):
    """A request for changes without a note."""

    def __init__(self) -> None:
        super().__init__(_("Please say what to change."), "note_missing")
