"""The studio's time zone: which instants a local time means, and how times are displayed.

Clocks are set forward and back for daylight saving time. So a local time may stand for one instant,
for two (the hour occurs twice) or for none (it is skipped). Durations are added to instants in UTC:
adding them to a datetime with a zone, Python adds to the local time.
"""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import npgettext_lazy

# Every time zone and every database can represent what lies between these.
FIRST, LAST = dt.datetime(2, 1, 1, tzinfo=dt.UTC), dt.datetime(9998, 12, 31, tzinfo=dt.UTC)
SECOND, MINUTE = dt.timedelta(seconds=1), dt.timedelta(minutes=1)
# Units in a sentence about the past have other forms in some languages: German “3 Tage”, but
# “vor 3 Tagen”.
PAST_UNITS: dict[str, Any] = {
    "year": npgettext_lazy("ago", "%(num)d year", "%(num)d years", "num"),
    "month": npgettext_lazy("ago", "%(num)d month", "%(num)d months", "num"),
    "week": npgettext_lazy("ago", "%(num)d week", "%(num)d weeks", "num"),
    "day": npgettext_lazy("ago", "%(num)d day", "%(num)d days", "num"),
    "hour": npgettext_lazy("ago", "%(num)d hour", "%(num)d hours", "num"),
    "minute": npgettext_lazy("ago", "%(num)d minute", "%(num)d minutes", "num"),
}


class NoSuchTime(ValidationError):
    """The local time is skipped when clocks are set forward. Names the nearest valid times."""


class OutOfTime(ValidationError):
    """The time is too close to either end of the calendar to be converted."""


def after(start: dt.datetime, length: dt.timedelta) -> dt.datetime:
    """Return the instant `length` after an aware `start`, in UTC."""
    return start.astimezone(dt.UTC) + length


def instants_of(wall: dt.datetime, zone: dt.tzinfo) -> list[dt.datetime]:
    """Return the instants, in UTC and in order, at which clocks in `zone` show the naive `wall`.

    Usually one, two if the hour occurs twice, none if it is skipped.
    """
    found = {wall.replace(tzinfo=zone, fold=fold).astimezone(dt.UTC) for fold in (0, 1)}
    return sorted(one for one in found if wall_of(one, zone) == wall)


def wall_of(instant: dt.datetime, zone: dt.tzinfo) -> dt.datetime:
    """Return the naive local time in `zone` at an instant."""
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)


def beside_gap(wall: dt.datetime, zone: dt.tzinfo) -> tuple[dt.datetime, dt.datetime]:
    """Return the last whole minute before and the first time after the gap around a skipped `wall`.

    Both are naive local times in `zone`.
    """
    low, high = sorted(wall.replace(tzinfo=zone, fold=fold).astimezone(dt.UTC) for fold in (0, 1))
    offset = low.astimezone(zone).utcoffset()
    same, other = 0, (high - low) // SECOND  # clocks are set on a full second in between
    while other - same > 1:
        middle = (same + other) // 2
        is_same = (low + middle * SECOND).astimezone(zone).utcoffset() == offset
        same, other = (middle, other) if is_same else (same, middle)
    high = (low + other * SECOND).replace(microsecond=0)
    return wall_of(high - MINUTE, zone), wall_of(high, zone)


def instant_of(
    wall: dt.datetime, zone: dt.tzinfo, *, which: str = "", before: dt.datetime | None = None
) -> dt.datetime:
    """Return the instant, in UTC, for the naive local time `wall` in `zone`.

    If the time occurs twice, `which` chooses: "0" the first (the default), "1" the second. `before`
    is the form's initial instant: if its minute was not changed, it is returned unchanged, with
    seconds and microseconds. Raises NoSuchTime and OutOfTime.
    """
    if not FIRST.year <= wall.year <= LAST.year:
        raise OutOfTime(_("This year cannot be right. Check it."), code="out_of_time")
    if before is not None and is_kept(wall, zone, which, before):
        return before.astimezone(dt.UTC)
    found = instants_of(wall, zone)
    if not found:
        raise NoSuchTime(skipped_text(wall, zone), code="no_such_time")
    return found[-1] if which == "1" else found[0]


def is_kept(wall: dt.datetime, zone: dt.tzinfo, which: str, before: dt.datetime) -> bool:
    """Whether `wall` is the unchanged minute of the instant `before`."""
    shown = wall_of(before, zone)
    if wall not in (shown, shown.replace(second=0, microsecond=0)):
        return False
    turn = turn_of(before, zone)
    return turn is None or which not in ("0", "1") or int(which) == turn


def turn_of(instant: dt.datetime, zone: dt.tzinfo) -> int | None:
    """Return 0 or 1 for the first or second occurrence of a time that occurs twice, else None."""
    both = instants_of(wall_of(instant, zone), zone)
    return both.index(instant.astimezone(dt.UTC)) if len(both) == 2 else None


def zone_text(instant: dt.datetime, zone: dt.tzinfo) -> str:
    """Return the name of an instant's offset, such as “EDT, UTC−04:00”."""
    offset = instant.astimezone(zone).utcoffset() or dt.timedelta()
    minutes = abs(offset) // MINUTE
    sign = "\N{MINUS SIGN}" if offset < dt.timedelta() else "+"
    utc = f"UTC{sign}{minutes // 60:02}:{minutes % 60:02}"
    name = zone_name(instant, zone)
    return f"{name}, {utc}" if name else utc


def zone_name(instant: dt.datetime, zone: dt.tzinfo) -> str:
    """Return the abbreviation of an instant's zone, such as “EDT”; empty if it has none."""
    name = instant.astimezone(zone).tzname() or ""
    return name if name.isalpha() and name != "UTC" else ""


def clock_text(instant: dt.datetime, *, with_zone: bool = False) -> str:
    """Return the time of day, such as “01:30”; with its zone if asked or if the time occurs
    twice: “01:30 (EDT, UTC−04:00)”."""
    zone = timezone.get_default_timezone()
    text = time_format(instant.astimezone(zone), "H:i")
    if with_zone or turn_of(instant, zone) is not None:
        return f"{text} ({zone_text(instant, zone)})"
    return text


def instant_text(
    instant: dt.datetime, shape: str = "DATETIME_FORMAT", zone: dt.tzinfo | None = None
) -> str:
    """Return day and time of an instant (default: in the studio's zone) in a date format; with
    its zone if that time occurs twice, so that no two instants look the same."""
    zone = zone or timezone.get_default_timezone()
    text = date_format(instant.astimezone(zone), shape)
    return text if turn_of(instant, zone) is None else f"{text} ({zone_text(instant, zone)})"


def day_text(day: dt.date, today: dt.date) -> str:
    """Return “today”, “tomorrow”, “yesterday”, or “Tue 1 December”, with the year if it is not
    this year."""
    near = {-1: _("yesterday"), 0: _("today"), 1: _("tomorrow")}
    if (day - today).days in near:
        return near[(day - today).days]
    return date_format(day, _("D j F") if day.year == today.year else _("D j F Y"))


def due_text(instant: dt.datetime, now: dt.datetime) -> str:
    """Return when something is due: “tomorrow, 10:00”, “Tue 1 December, 10:00”.

    In the studio's zone; `now` determines which day is today.
    """
    zone = timezone.get_default_timezone()
    day = day_text(instant.astimezone(zone).date(), now.astimezone(zone).date())
    return _("%(day)s, %(time)s") % {"day": day, "time": clock_text(instant)}


def ago_text(past: dt.date) -> str:
    """Return how long ago something was: “just now”, “3 days ago”."""
    lately = timezone.now() - MINUTE
    if isinstance(past, dt.datetime) and timezone.is_aware(past) and past > lately:
        return _("just now")
    return _("%(time)s ago") % {"time": since_text(past)}


def since_text(past: dt.date) -> str:
    """Return how much time has passed since then, for a sentence with “ago” or “for”: “3 days”."""
    return timesince(past, time_strings=PAST_UNITS, depth=1)


def turn_not_before(instant: dt.datetime, earliest: dt.datetime) -> dt.datetime:
    """Return the first instant with the same local time as `instant` that is not before
    `earliest`; `instant` if there is none."""
    zone = timezone.get_default_timezone()
    both = instants_of(wall_of(instant, zone), zone)
    return next((turn for turn in both if turn >= earliest), instant)


def which_text(instant: dt.datetime, zone: dt.tzinfo | None = None) -> str:
    """Return which occurrence an instant is if its local time occurs twice (default: in the
    studio's zone); else empty."""
    zone = zone or timezone.get_default_timezone()
    turn = turn_of(instant, zone)
    if turn is None:
        return ""
    text = (
        _("%(time)s comes twice that day; this is the first (%(zone)s).")
        if turn == 0
        else _("%(time)s comes twice that day; this is the second (%(zone)s).")
    )
    return text % {
        "time": time_format(instant.astimezone(zone), "H:i"),
        "zone": zone_text(instant, zone),
    }


def skipped_text(wall: dt.datetime, zone: dt.tzinfo) -> str:
    """Explain that a time is skipped, and name the nearest valid times."""
    last, first = beside_gap(wall, zone)
    shape = "H:i" if last.date() == first.date() == wall.date() else "DATETIME_FORMAT"
    return _(
        "Clocks in %(zone)s never show %(time)s on %(day)s: they are set forward over it. "
        "The nearest times are %(last)s and %(first)s."
    ) % {
        "zone": zone,
        "time": time_format(wall, "H:i"),
        "day": date_format(wall, "DATE_FORMAT"),
        "last": date_format(last, shape),
        "first": date_format(first, shape),
    }
