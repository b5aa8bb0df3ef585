"""The badges of stages and shoots: a word, an icon and a colour."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from studio.ui.badges import Badge
from studio.ui.tables import BadgeColumn
from videos.planning.models import Shoot, Stage

STAGE_LOOKS = {
    Stage.IDEA: ("draft", "quiet"),
    Stage.PLANNED: ("calendar-alt", "busy"),
    Stage.GREENLIT: ("circle-check", "busy"),
    Stage.SCHEDULED: ("calendar-check", "busy"),
    Stage.SHOT: ("media", "busy"),
    Stage.EDITING: ("cut", "busy"),
    Stage.REVIEW: ("glasses", "busy"),
    Stage.APPROVED: ("check", "good"),
    Stage.PUBLISHED: ("globe", "good"),
    Stage.RETIRED: ("no-view", "quiet"),
    Stage.CANCELLED: ("circle-xmark", "bad"),
}


def stage_badge(stage: str) -> Badge:
    """The badge of a stage."""
    return Badge(Stage(stage).label, *STAGE_LOOKS[Stage(stage)])


def shoot_badge(shoot: Shoot, *, has_begun: bool, is_over: bool) -> Badge:
    """The badge of a shoot: cancelled, over, running or booked."""
    if shoot.cancelled_at:
        return Badge(pgettext_lazy("shoot", "Cancelled"), "circle-xmark", "bad")
    if is_over:
        return Badge(_("Over"), "check", "quiet")
    if has_begun:
        return Badge(_("Running"), "media", "good")
    return Badge(_("Booked"), "calendar-check", "busy")


def shoot_badge_now(shoot: Shoot) -> Badge:
    """The badge of a shoot at this moment."""
    now = timezone.now()
    return shoot_badge(shoot, has_begun=shoot.starts_at <= now, is_over=shoot.ends_at <= now)


class StageColumn(BadgeColumn):
    """A column with the stage of a video, for the lists of every room."""

    def get_value(self, instance: Any) -> Badge | None:
        stage = super().get_value(instance)
        return stage_badge(stage) if stage else None
