"""Why a shoot is not booked, changed or cancelled."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from studio.clock import clock_text
from videos.planning.models import Expert, Resource, Shoot, Video


def when(shoot: Shoot) -> str:
    """The day and the hours of a shoot, in the studio's time zone.

    Where clocks are set during it, or show its hour twice, the hours come with their offset.
    """
    start, end = timezone.localtime(shoot.starts_at), timezone.localtime(shoot.ends_at)
    is_set = start.utcoffset() != end.utcoffset()
    words = {
        "day": date_format(start, "D j M Y"),
        "start": clock_text(start, with_zone=is_set),
        "last_day": date_format(end, "D j M Y"),
        "end": clock_text(end, with_zone=is_set),
    }
    if start.date() == end.date():
        return _("%(day)s, %(start)s to %(end)s") % words
    return _("%(day)s, %(start)s to %(last_day)s, %(end)s") % words


def what(shoot: Shoot) -> str:
    """The titles of a shoot's videos, quoted."""
    titles = [f"“{video.title}”" for video in shoot.videos.all()]
    return get_text_list(titles, _("and"))


class ShootRefused(ValidationError):
    """A shoot stays as it is. `shoot` or `video` is what stands in the way, if anything does."""

    shoot: Shoot | None = None
    video: Video | None = None

    def __init__(self, text: str, code: str, params: dict[str, Any] | None = None) -> None:
        super().__init__(text, code, params)


class ExpertBooked(ShootRefused):
    """An expert is on camera elsewhere at that time."""

    def __init__(self, expert: Expert, shoot: Shoot) -> None:
        self.expert, self.shoot = expert, shoot
        text = _("%(who)s is booked at that time: %(when)s, for %(what)s.")
        params = {"who": str(expert), "when": when(shoot), "what": what(shoot)}
        super().__init__(text, "expert_booked", params)


class ResourceBooked(ShootRefused):
    """Somebody of the crew, a place or a piece of gear is taken at that time."""

    def __init__(self, resource: Resource, shoot: Shoot) -> None:
        self.resource, self.shoot = resource, shoot
        text = _("%(name)s is taken at that time: %(when)s, for %(what)s.")
        params = {"name": resource.name, "when": when(shoot), "what": what(shoot)}
        super().__init__(text, "resource_booked", params)


class VideoNotGreenlit(ShootRefused):
    """Only greenlit videos are shot, and those that have a shoot already."""

    def __init__(self, video: Video) -> None:
        self.video = video
        text = _("“%(title)s” cannot be booked: it is %(stage)s, not greenlit.")
        stage = str(video.get_stage_display()).lower()
        super().__init__(text, "not_greenlit", {"title": video.title, "stage": stage})


class ShootInThePast(ShootRefused):
    """Nobody can be booked for a time that has gone."""

    def __init__(self) -> None:
        super().__init__(_("That time has passed. Choose a later one."), "past")


class ShootWithoutTime(ShootRefused):
    """A shoot ends after it starts."""

    def __init__(self) -> None:
        super().__init__(_("A shoot must end after it starts."), "no_time")


class EmptyShoot(ShootRefused):
    """A shoot is for a video, with an expert."""

    def __init__(self) -> None:
        text = _("A shoot needs at least one video and one expert.")
        super().__init__(text, "empty")


class ShootIsOver(ShootRefused):
    """What has begun is not moved, and what was filmed is not cancelled."""

    def __init__(self, shoot: Shoot) -> None:
        self.shoot = shoot
        text = _("The shoot of %(when)s has begun or is over, and stays on record.")
        super().__init__(text, "over", {"when": when(shoot)})


class ShootIsCancelled(ShootRefused):
    """A cancelled shoot stays cancelled."""

    def __init__(self, shoot: Shoot) -> None:
        self.shoot = shoot
        text = _("The shoot of %(when)s is cancelled already. Book a new one.")
        super().__init__(text, "cancelled", {"when": when(shoot)})


class ShootChangedMeanwhile(ShootRefused):
    """Somebody else changed the shoot at the same instant."""

    def __init__(self, shoot: Shoot) -> None:
        self.shoot = shoot
        text = _("Somebody else has just changed this shoot. Look at it again.")
        super().__init__(text, "changed_meanwhile")
