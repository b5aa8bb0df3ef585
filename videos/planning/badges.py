"""How a stage looks: a word and an icon, besides its colour."""

from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column

from videos.planning.models import Shoot, Stage


class Badge(NamedTuple):
    """A word with its icon and its tone: `quiet`, `busy`, `good` or `bad`."""

    label: Any
    icon: str
    tone: str


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
        return Badge(_("Cancelled"), "circle-xmark", "bad")
    if is_over:
        return Badge(_("Over"), "check", "quiet")
    if has_begun:
        return Badge(_("Running"), "media", "good")
    return Badge(_("Booked"), "calendar-check", "busy")


class LabelledColumn(Column):
    """A column that on a phone, where rows become cards, shows its label in the cell."""

    cell_template_name = "planning/cell.html"


class BadgeColumn(LabelledColumn):
    """A column of badges; its accessor gives a Badge, or None."""

    cell_template_name = "planning/badge_cell.html"


class DayColumn(LabelledColumn):
    """A column of days, in words near today, exact on hover."""

    cell_template_name = "planning/day_cell.html"


class StageColumn(BadgeColumn):
    """A column with the stage of a video, for the lists of every room."""

    def get_value(self, instance: Any) -> Badge | None:
        stage = super().get_value(instance)
        return stage_badge(stage) if stage else None
