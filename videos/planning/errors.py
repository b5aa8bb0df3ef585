"""Why a shoot cannot be booked, changed or cancelled."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from studio.clock import clock_text
from videos.planning.models import Expert, Resource, Shoot, Video


def shoot_time(shoot: Shoot) -> str:
    """The day and time of a shoot, in the studio's time zone.

    With UTC offsets if clocks change during it, or if its time occurs twice that day.
    """
    start, end = timezone.localtime(shoot.starts_at), timezone.localtime(shoot.ends_at)
    is_set = start.utcoffset() != end.utcoffset()
    words = {
        "day": date_format(start, _("D j M Y")),
        "start": clock_text(start, with_zone=is_set),
        "last_day": date_format(end, _("D j M Y")),
        "end": clock_text(end, with_zone=is_set),
    }
    if start.date() == end.date():
        return _("%(day)s, %(start)s to %(end)s") % words
    return _("%(day)s, %(start)s to %(last_day)s, %(end)s") % words


def video_titles(shoot: Shoot) -> str:
    """The titles of a shoot's videos, quoted."""
    titles = [_("“%(text)s”") % {"text": video.title} for video in shoot.videos.all()]
    return get_text_list(titles, _("and"))


class ShootRefused(ValidationError):
    """The shoot stays as it is. `shoot` or `video` is the cause, if there is one."""

    shoot: Shoot | None = None
    video: Video | None = None

    def __init__(self, text: str, code: str, params: dict[str, Any] | None = None) -> None:
        super().__init__(text, code, params)


class ExpertBooked(ShootRefused):
    """An expert is already booked at that time."""

    def __init__(self, expert: Expert, shoot: Shoot) -> None:
        self.expert, self.shoot = expert, shoot
        text = _("%(who)s is already booked at that time: %(when)s, for %(what)s.")
        params = {"who": str(expert), "when": shoot_time(shoot), "what": video_titles(shoot)}
        super().__init__(text, "expert_booked", params)


class ResourceBooked(ShootRefused):
    """A crew member, a place or a piece of gear is already booked at that time."""

    def __init__(self, resource: Resource, shoot: Shoot) -> None:
        self.resource, self.shoot = resource, shoot
        text = _("%(name)s is already booked at that time: %(when)s, for %(what)s.")
        params = {"name": resource.name, "when": shoot_time(shoot), "what": video_titles(shoot)}
        super().__init__(text, "resource_booked", params)


class VideoNotGreenlit(ShootRefused):
    """Only greenlit and scheduled videos can be booked."""

    def __init__(self, video: Video) -> None:
        self.video = video
        text = _("“%(title)s” cannot be booked before it is greenlit. Its stage is “%(stage)s”.")
        params = {"title": video.title, "stage": video.get_stage_display()}
        super().__init__(text, "not_greenlit", params)


class ShootInThePast(ShootRefused):
    """The time has passed."""

    def __init__(self) -> None:
        super().__init__(_("That time has passed. Choose a later one."), "past")


class ShootWithoutTime(ShootRefused):
    """The shoot does not end after it starts."""

    def __init__(self) -> None:
        super().__init__(_("A shoot must end after it starts."), "no_time")


class EmptyShoot(ShootRefused):
    """A shoot needs a video and an expert."""

    def __init__(self) -> None:
        text = _("A shoot needs at least one video and one expert.")
        super().__init__(text, "empty")


class ShootIsOver(ShootRefused):
    """A shoot that has started cannot be changed, and one that was filmed not cancelled."""

    def __init__(self, shoot: Shoot) -> None:
        self.shoot = shoot
        text = _("The shoot on %(when)s has started or is over, so it cannot be changed.")
        super().__init__(text, "over", {"when": shoot_time(shoot)})


class ShootIsCancelled(ShootRefused):
    """The shoot is already cancelled."""

    def __init__(self, shoot: Shoot) -> None:
        self.shoot = shoot
        text = _("The shoot on %(when)s is already cancelled. Book a new one.")
        super().__init__(text, "cancelled", {"when": shoot_time(shoot)})


class ShootChangedMeanwhile(ShootRefused):
    """Somebody else has just changed the shoot."""

    def __init__(self, shoot: Shoot) -> None:
        self.shoot = shoot
        text = _("Somebody else has just changed this shoot. Check it and try again.")
        super().__init__(text, "changed_meanwhile")
