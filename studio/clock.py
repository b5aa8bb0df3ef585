"""The studio's clock: which instants a time on the wall means, and what lies between instants.

Clocks are set forward and back. So a time on the wall may stand for one instant, for two (the hour
comes twice) or for none (it is skipped), and a length is added to an instant, never to a time on
the wall: Python adds to the latter where a datetime carries a zone.
"""

import datetime as dt

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _

# Every zone, and every database, can tell what lies between these.
FIRST, LAST = dt.datetime(2, 1, 1, tzinfo=dt.UTC), dt.datetime(9998, 12, 31, tzinfo=dt.UTC)
SECOND, MINUTE = dt.timedelta(seconds=1), dt.timedelta(minutes=1)


class NoSuchTime(ValidationError):
    """Clocks never show that time: they are set forward over it. Names the nearest that they do."""


class OutOfTime(ValidationError):
    """A time at either end of the calendar, which not every zone can tell."""


def after(start: dt.datetime, length: dt.timedelta) -> dt.datetime:
    """The instant that follows an aware `start` by `length`, in UTC."""
    return start.astimezone(dt.UTC) + length


def instants_of(wall: dt.datetime, zone: dt.tzinfo) -> list[dt.datetime]:
    """The instants, in UTC and in order, at which clocks in `zone` show the naive `wall`.

    One as a rule, two where the hour comes twice, none where it is skipped.
    """
    found = {wall.replace(tzinfo=zone, fold=fold).astimezone(dt.UTC) for fold in (0, 1)}
    return sorted(one for one in found if wall_of(one, zone) == wall)


def wall_of(instant: dt.datetime, zone: dt.tzinfo) -> dt.datetime:
    """What clocks in `zone` show at an instant, without a zone."""
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)


def beside_gap(wall: dt.datetime, zone: dt.tzinfo) -> tuple[dt.datetime, dt.datetime]:
    """The last whole minute before, and the first time after, the gap that a skipped `wall` is in.

    Both as clocks in `zone` show them, without a zone.
    """
    low, high = sorted(wall.replace(tzinfo=zone, fold=fold).astimezone(dt.UTC) for fold in (0, 1))
    offset = low.astimezone(zone).utcoffset()
    same, other = 0, (high - low) // SECOND  # clocks are set in between, on a full second
    while other - same > 1:
        middle = (same + other) // 2
        is_same = (low + middle * SECOND).astimezone(zone).utcoffset() == offset
        same, other = (middle, other) if is_same else (same, middle)
    high = (low + other * SECOND).replace(microsecond=0)
    return wall_of(high - MINUTE, zone), wall_of(high, zone)


def instant_of(
    wall: dt.datetime, zone: dt.tzinfo, *, which: str = "", before: dt.datetime | None = None
) -> dt.datetime:
    """The instant, in UTC, that a person means who enters the naive `wall` in `zone`.

    Where the time comes twice, `which` chooses: "0" the first, "1" the second; without it, the
    first. `before` is the instant that stood in the form: where its minute was left as it was, it
    stays, to the microsecond. Raises NoSuchTime and OutOfTime.
    """
    if not FIRST.year <= wall.year <= LAST.year:
        raise OutOfTime(_("That year is out of all time. Check it."), code="out_of_time")
    if before is not None and is_kept(wall, zone, which, before):
        return before.astimezone(dt.UTC)
    found = instants_of(wall, zone)
    if not found:
        raise NoSuchTime(skipped_text(wall, zone), code="no_such_time")
    return found[-1] if which == "1" else found[0]


def is_kept(wall: dt.datetime, zone: dt.tzinfo, which: str, before: dt.datetime) -> bool:
    """Whether somebody who enters `wall` left the instant `before` where it was."""
    shown = wall_of(before, zone)
    if wall not in (shown, shown.replace(second=0, microsecond=0)):
        return False
    turn = turn_of(before, zone)
    return turn is None or which not in ("0", "1") or int(which) == turn


def turn_of(instant: dt.datetime, zone: dt.tzinfo) -> int | None:
    """0 or 1 for the first or second time that clocks show an instant's time; None if it is one."""
    both = instants_of(wall_of(instant, zone), zone)
    return both.index(instant.astimezone(dt.UTC)) if len(both) == 2 else None


def zone_text(instant: dt.datetime, zone: dt.tzinfo) -> str:
    """The name of an instant's offset, such as “EDT, UTC−04:00”."""
    offset = instant.astimezone(zone).utcoffset() or dt.timedelta()
    minutes = abs(offset) // MINUTE
    sign = "\N{MINUS SIGN}" if offset < dt.timedelta() else "+"
    utc = f"UTC{sign}{minutes // 60:02}:{minutes % 60:02}"
    name = zone_name(instant, zone)
    return f"{name}, {utc}" if name else utc


def zone_name(instant: dt.datetime, zone: dt.tzinfo) -> str:
    """The letters of an instant's offset, such as “EDT”; nothing where a zone has none."""
    name = instant.astimezone(zone).tzname() or ""
    return name if name.isalpha() and name != "UTC" else ""


def clock_text(instant: dt.datetime, *, with_zone: bool = False) -> str:
    """The studio's time of day, such as “01:30”; with its zone where asked or where it comes
    twice: “01:30 (EDT, UTC−04:00)”."""
    zone = timezone.get_default_timezone()
    text = time_format(instant.astimezone(zone), "H:i")
    if with_zone or turn_of(instant, zone) is not None:
        return f"{text} ({zone_text(instant, zone)})"
    return text


def instant_text(
    instant: dt.datetime, shape: str = "DATETIME_FORMAT", zone: dt.tzinfo | None = None
) -> str:
    """Day and time of an instant (default: on the studio's clock) in a format of Django's; with its
    zone where that time comes twice, so that no two instants read alike."""
    zone = zone or timezone.get_default_timezone()
    text = date_format(instant.astimezone(zone), shape)
    return text if turn_of(instant, zone) is None else f"{text} ({zone_text(instant, zone)})"


def turn_not_before(instant: dt.datetime, earliest: dt.datetime) -> dt.datetime:
    """Of two instants at which the studio's clock shows the time of `instant`, the first that is
    not before `earliest`; `instant` where there is none."""
    zone = timezone.get_default_timezone()
    both = instants_of(wall_of(instant, zone), zone)
    return next((turn for turn in both if turn >= earliest), instant)


def which_text(instant: dt.datetime, zone: dt.tzinfo | None = None) -> str:
    """Which of two an instant is, where its time comes twice (default: on the studio's clock);
    else nothing."""
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
    """Why a skipped time cannot be meant, and the nearest that can."""
    last, first = beside_gap(wall, zone)
    shape = "H:i" if last.date() == first.date() == wall.date() else "j M Y, H:i"
    return _(
        "Clocks in %(zone)s never show %(time)s on %(day)s: they are set forward over it. "
        "The nearest times are %(last)s and %(first)s."
    ) % {
        "zone": zone,
        "time": time_format(wall, "H:i"),
        "day": date_format(wall, "j M Y"),
        "last": date_format(last, shape),
        "first": date_format(first, shape),
    }
