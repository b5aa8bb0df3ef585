"""The entries of the content calendar. Other apps add their own through a registry."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import NamedTuple

from django.utils.translation import gettext as _

from studio.clock import clock_text
from studio.ui.badges import Badge
from videos.planning.models import Expert, Video


class Entry(NamedTuple):
    """One entry on a day of the calendar: a shoot, a page that goes live, or a video.

    `order` sorts the entries of a day. `next` is the next step of `video` as one sentence, and
    `picture` is the URL of its small poster.
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
    """Register a function that adds entries to the calendar.

    `source(first, after, expert)` yields the entries from `first` until before `after`; with an
    expert, only those of the expert's videos. Call this in the `ready` method of an app.
    """
    if source not in _sources:
        _sources.append(source)


def more_entries(first: dt.datetime, after: dt.datetime, expert: Expert | None) -> Found:
    """The entries that other apps add from `first` until before `after`."""
    for source in _sources:
        yield from source(first, after, expert)


def days_of(start: dt.datetime, end: dt.datetime) -> list[dt.date]:
    """The days from `start` to `end`, without the last if `end` is at its midnight."""
    last = (end - dt.timedelta(microseconds=1)).date() if end > start else start.date()
    return [start.date() + dt.timedelta(days=n) for n in range((last - start.date()).days + 1)]


def time_on(day: dt.date, start: dt.datetime, end: dt.datetime) -> str:
    """The time to show on one day of an entry: its start, its end, or “all day” in between."""
    if day == start.date():
        return clock_text(start)
    if day == days_of(start, end)[-1]:
        return _("until %(time)s") % {"time": clock_text(end)}
    return _("all day")


def of_video(entry: Entry, video: Video) -> Entry:
    """The entry with the next step and picture of its video, which `listed.look_up` has set."""
    return entry._replace(video=video.pk, next=video.next_step.sentence, picture=video.picture)
