"""Who watched what: share links and views, in the rhythm of working weeks."""

from __future__ import annotations

import datetime as dt
import itertools
import random
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from studio.operations.demo.clips import CLIPS
from studio.operations.demo.records import Contact, Days, Deal, Link, Older, Production, View

VIEWS = 4_000
STAFF, INTERNAL = 90, 60
REACHED = {"won": 0.5, "open": 0.65, "lost": 0.24}  # share of deals in which anybody watched
VIEWERS = 1_100  # browsers that came by without saying who they are
NIGHT_AND_DAY = (1, 1, 0, 0, 0, 1, 3, 9, 20, 30, 34, 30, 22, 27, 32, 30, 25, 16, 10, 8, 8, 7, 5, 2)
WEEK = (20, 24, 24, 22, 16, 4, 5)


@dataclass(frozen=True)
class Shown:
    """A video that could be watched: since when, until when, how long it runs."""

    key: str
    seconds: Decimal
    since: dt.datetime
    until: dt.datetime | None
    older: bool
    pull: int  # its share of passers-by

    def is_on(self, moment: dt.datetime) -> bool:
        return self.since <= moment and (self.until is None or moment < self.until)


SENT = {"how": 3, "year": 4, "film": 1, "night": 12, "payback": 10}  # how readily reps send it
PULL = {"how": 26, "year": 22, "film": 9, "night": 30, "payback": 24}


def shown(productions: Sequence[Production], older: Sequence[Older]) -> list[Shown]:
    """Everything that was ever public."""
    own = [
        Shown(p.key, Decimal(str(CLIPS[p.key].seconds)), p.published_at, None, False, PULL[p.key])
        for p in productions
        if p.published_at
    ]
    before = [
        Shown(o.key, o.seconds, o.published_at, o.retired_at, True, PULL[o.key]) for o in older
    ]
    return [*before, *own]


class Watching:
    """Draws views one after the other; everything comes from `rng`."""

    def __init__(self, rng: random.Random, days: Days) -> None:
        self.rng, self.days = rng, days
        self.numbers = itertools.count(1)

    def new_uuid(self) -> str:
        return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))

    def moment(self, start: dt.datetime, end: dt.datetime) -> dt.datetime:
        """A moment from `start` until `end`, likelier soon after the start and at work."""
        length = (end - start).days
        for _attempt in range(400):
            soon = self.rng.random() < 0.4
            ahead = (
                self.rng.expovariate(8 / length) if soon and length else self.rng.random() * length
            )
            day = start.astimezone(self.days.zone).date() + dt.timedelta(days=int(ahead))
            if self.rng.random() * max(WEEK) > WEEK[day.weekday()]:
                continue
            hour = self.rng.choices(range(24), NIGHT_AND_DAY)[0]
            time = dt.time(hour, self.rng.randrange(60), self.rng.randrange(60))
            if start <= (found := self.days.moment(day, time)) < end:
                return found
        return start + (end - start) * self.rng.random()

    def seconds(self, video: Shown, keen: bool) -> Decimal:
        """How much is watched: most go early or stay to the end."""
        share = self.rng.betavariate(*((4, 1.1) if keen else (0.75, 0.85)))
        return (video.seconds * Decimal(round(share, 3))).quantize(Decimal("0.1"))

    def view(
        self, video: Shown, started_at: dt.datetime, *, keen: bool = False, **who: object
    ) -> View:
        """A view; those of older videos come from the player before."""
        return View(
            id=f"old-view-{next(self.numbers):05}" if video.older else self.new_uuid(),
            video=video.key,
            started_at=started_at,
            seconds=self.seconds(video, keen),
            imported=video.older,
            **who,  # type: ignore[arg-type]
        )


def watched(
    rng: random.Random,
    days: Days,
    shown: Sequence[Shown],
    deals: Sequence[Deal],
    contacts: Sequence[Contact],
) -> tuple[tuple[Link, ...], tuple[View, ...]]:
    """All share links and views, oldest first."""
    watching = Watching(rng, days)
    people = {contact.id: contact for contact in contacts}
    browsers = {contact.id: watching.new_uuid() for contact in contacts}
    links: dict[tuple[str, str, str], Link] = {}
    views: list[View] = []
    for deal in deals[:-1]:  # the last one waits for a view of yours
        if rng.random() > REACHED[deal.status]:
            continue
        for contact, _role in deal.contacts:
            views += touches(watching, shown, deal, people[contact], browsers[contact], links)
    views += scanners(watching, shown, list(links.values()))
    views += colleagues(watching, shown)
    views += passers_by(watching, shown, VIEWS - len(views))
    return (
        tuple(sorted(links.values(), key=lambda link: (link.created_at, link.token))),
        tuple(sorted(views, key=lambda view: (view.started_at, view.id))),
    )


def touches(
    watching: Watching,
    shown: Sequence[Shown],
    deal: Deal,
    contact: Contact,
    browser: str,
    links: dict[tuple[str, str, str], Link],
) -> Iterator[View]:
    """What a contact of a deal watched while it was under way; winners watched more."""
    rng = watching.rng
    often = {"won": 5, "open": 4, "lost": 2.5}[deal.status]
    start = max(deal.created_at - dt.timedelta(days=15), contact.created_at)
    end = deal.closed_at or watching.days.end
    if start + dt.timedelta(days=2) >= end:
        return
    for _touch in range(min(round(rng.expovariate(1 / often)), 9)):
        at = watching.moment(start, end)
        on = [video for video in shown if video.is_on(at)]
        if not on:
            continue
        video = rng.choices(on, [SENT[video.key] for video in on])[0]
        if video.older:
            # Some came before they said who they were; the same browser tells later.
            named = "" if rng.random() < 0.15 else contact.id
            viewer = f"old-{contact.id}"
            yield watching.view(video, at, keen=True, viewer=viewer, contact=named)
            continue
        link = link_for(watching, video, contact, deal.owner, at, links)
        if link.created_at < at:
            yield watching.view(video, at, keen=True, viewer=browser, link=link.token)


def link_for(
    watching: Watching,
    video: Shown,
    contact: Contact,
    rep: str,
    at: dt.datetime,
    links: dict[tuple[str, str, str], Link],
) -> Link:
    """The rep's link to the video for the contact: the one there is, or one made shortly before."""
    key = (video.key, contact.id, rep)
    if key not in links:
        before = at - dt.timedelta(minutes=watching.rng.randint(8, 2_000))
        earliest = max(video.since, contact.created_at)
        token = f"{watching.rng.getrandbits(128):032x}"[:22]
        links[key] = Link(token, video.key, contact.id, rep, max(before, earliest))
    return links[key]


def scanners(watching: Watching, shown: Sequence[Shown], links: Sequence[Link]) -> Iterator[View]:
    """Mail scanners open a link within seconds of its mail, and watch nothing."""
    by_key = {video.key: video for video in shown}
    for link in links:
        at = link.created_at + dt.timedelta(seconds=watching.rng.randint(2, 50))
        view = watching.view(by_key[link.video], at, link=link.token, is_bot=True)
        yield replace(view, seconds=Decimal(0))


def colleagues(watching: Watching, shown: Sequence[Shown]) -> Iterator[View]:
    """Staff who look at their own work, and the office network before there was a studio."""
    own = [video for video in shown if not video.older]
    before = [video for video in shown if video.older]
    for count, videos, flag in ((STAFF, own, "is_staff"), (INTERNAL, before, "is_internal")):
        for _view in range(count):
            video = watching.rng.choice(videos)
            at = watching.moment(video.since, video.until or watching.days.end)
            yield watching.view(video, at, **{flag: True})


def passers_by(watching: Watching, shown: Sequence[Shown], count: int) -> Iterator[View]:
    """Everyone else: nobody knows who."""
    rng = watching.rng
    browsers = [f"old-{rng.getrandbits(48):012x}" for _ in range(VIEWERS)]
    videos = rng.choices(shown, [video.pull for video in shown], k=count)
    for video in videos:
        at = watching.moment(video.since, video.until or watching.days.end)
        known = video.older and rng.random() < 0.8
        yield watching.view(video, at, viewer=rng.choice(browsers) if known else "")
