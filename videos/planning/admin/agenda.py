"""What stands on the days of the calendar. The rooms below add to it through a registry."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import NamedTuple

from django.utils.translation import gettext as _

from studio.clock import clock_text
from studio.ui.badges import Badge
from videos.planning.models import Expert, Video


class Entry(NamedTuple):
    """One thing on a day: a shoot, a page that goes live, or a video to publish or published.

    `order` sorts the entries of a day. `next` is what comes next for `video`, in one sentence, and
    `picture` the address of its small poster.
    """

    order: str
    kind: str
    time: str
    title: str
    who: str
    url: str
    badge: Badge
    video: int | None = None
    next: str = ""
    picture: str = ""


Found = Iterator[tuple[dt.date, Entry]]
Source = Callable[[dt.datetime, dt.datetime, Expert | None], Found]

_sources: list[Source] = []


def register_agenda(source: Source) -> None:
    """Adds entries to the calendar: `source(first, after, expert)` gives those of a span of time,
    of one expert's videos alone where one is named. Call it from a room's `apps.ready`."""
    if source not in _sources:
        _sources.append(source)


def more_entries(first: dt.datetime, after: dt.datetime, expert: Expert | None) -> Found:
    """What the rooms below add to a span of time."""
    for source in _sources:
        yield from source(first, after, expert)


def days_of(start: dt.datetime, end: dt.datetime) -> list[dt.date]:
    """The days that a span touches, in the zone of its ends; midnight belongs to the day after."""
    last = (end - dt.timedelta(microseconds=1)).date() if end > start else start.date()
    return [start.date() + dt.timedelta(days=n) for n in range((last - start.date()).days + 1)]


def time_on(day: dt.date, start: dt.datetime, end: dt.datetime) -> str:
    """The time that a span has on one of its days: when it starts, or how long it still goes on."""
    if day == start.date():
        return clock_text(start)
    if day == days_of(start, end)[-1]:
        return _("until %(time)s") % {"time": clock_text(end)}
    return _("all day")


def of_video(entry: Entry, video: Video) -> Entry:
    """An entry with what comes next for its video, and its picture; see `listed.look_up`."""
    return entry._replace(video=video.pk, next=video.next_step.sentence, picture=video.picture)
