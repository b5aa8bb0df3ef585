"""A studio of any size, and how long its pages take: run within one, by `pages.py`.

It grows by what a page about one thing should not read: contacts, videos' views, deals of others.
The one deal, contact, company and video that the pages are about stay as they are.
"""

import datetime as dt
import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from budgets.models import Period
from studio.people.models import User
from studio.people.roles import Role
from videos.audience.models import Company, Contact, ShareLink, View, Viewer
from videos.deals.models import Deal, DealContact
from videos.planning.models import Expert, Stage, Video

YEAR = dt.timedelta(days=365)
VIDEOS, REPS = 200, 20
BATCH = 5000


class Studio:
    """What is in it, and how it grows. `dice` makes the same studio each time."""

    def __init__(self) -> None:
        self.dice = random.Random(11)
        self.now = timezone.now()
        self.users = {role: user(f"{role}@bench.example", role) for role in Role}
        self.reps = [self.users[Role.EXPERT]]
        self.reps += [user(f"rep{number}@bench.example", Role.EXPERT) for number in range(REPS)]
        Expert.objects.create(user=self.users[Role.EXPERT])
        today = timezone.localdate()
        Period.objects.create(
            code="NOW", starts_on=today - dt.timedelta(days=45), ends_on=today + YEAR / 4
        )
        self.videos = Video.objects.bulk_create(
            Video(title=f"Video {n}", stage=Stage.PUBLISHED, duration_seconds=Decimal(120))
            for n in range(VIDEOS)
        )
        self.grow(contacts=20, views=50)
        self.deal = Deal.objects.filter(owner=self.reps[0], status="won")[0]
        parts = self.deal.deal_contacts.values("contact")
        watched = View.objects.filter(share_link__contact__in=parts)[0]
        self.video, self.contact = watched.video, watched.share_link.contact
        # The rest is about others
        self.videos = [video for video in self.videos if video != self.video]
        self.reps = self.reps[1:]

    def instant(self) -> dt.datetime:
        """Some time of the last two years."""
        return self.now - 2 * YEAR * self.dice.random()

    def grow(self, contacts: int, views: int) -> None:
        """More contacts, a fifth of it companies and a tenth of it deals, and their views."""
        companies = Company.objects.bulk_create(
            Company(name=f"Company {n}", name_key=f"company {n}") for n in range(contacts // 5)
        )
        people = Contact.objects.bulk_create(
            [
                Contact(
                    name=f"Buyer {n}",
                    email=f"buyer{n}@bench.example",
                    company=companies[n % len(companies)],
                    created_at=self.now - 2 * YEAR,
                )
                for n in range(contacts)
            ],
            BATCH,
        )
        merged = people[::20]
        for doublet, one in zip(merged, people[1::20], strict=True):
            doublet.merged_into, doublet.merged_at = one, self.now - YEAR
        Contact.objects.bulk_update(merged, ["merged_into", "merged_at"], 500)
        links = ShareLink.objects.bulk_create(
            [
                ShareLink(video=self.dice.choice(self.videos), contact=one, rep=self.rep(one))
                for one in people
            ],
            BATCH,
        )
        viewers = Viewer.objects.bulk_create([Viewer() for _ in people], BATCH)
        View.objects.bulk_create(self.views(views, links, viewers), BATCH)
        deals = Deal.objects.bulk_create(
            [self.deal_of(number, companies) for number in range(max(contacts // 10, 4))], BATCH
        )
        DealContact.objects.bulk_create(
            [
                DealContact(deal=deal, contact=people[(n * 5 + k) % len(people)], role="buyer")
                for n, deal in enumerate(deals)
                for k in range(3)
            ],
            BATCH,
        )
        if connection.vendor == "postgresql":  # does it by itself, in a minute
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")

    def rep(self, contact: Contact) -> User:
        return self.reps[contact.pk % len(self.reps)]

    def views(self, count: int, links: list[ShareLink], viewers: list[Viewer]) -> Iterator[View]:
        """Of five two through a link, two anonymous by the same browsers, one by nobody."""
        for number in range(count):
            place = self.dice.randrange(len(links))
            kind = number % 5
            start = self.instant()
            yield View(
                video=links[place].video if kind < 2 else self.dice.choice(self.videos),
                share_link=links[place] if kind < 2 else None,
                viewer=viewers[place] if kind < 4 else None,
                started_at=start,
                counted_at=start,
                seconds_watched=Decimal(10),
                ranges=[[0, 10]],
            )

    def deal_of(self, number: int, companies: list[Company]) -> Deal:
        status = ("won", "won", "lost", "open")[number % 4]
        created = self.instant() - YEAR / 4
        closed = None if status == "open" else created + YEAR / 4
        return Deal(
            name=f"Deal {number}",
            company=companies[number % len(companies)],
            owner=self.reps[number // 4 % len(self.reps)],
            status=status,
            amount=Decimal(1000 + number),
            currency="EUR",
            created_at=created,
            closed_at=closed,
            close_recorded_at=closed,
            first_close_recorded_at=closed,
        )

    def pages(self) -> dict[str, tuple[Role, str]]:
        """Who opens what, by a name for it."""
        manager, deal, video = Role.SALES_MANAGER, self.deal.public_id, self.video.public_id
        panel = [self.video.pk, "touches"]
        return {
            "a deal": (manager, reverse("deals_deals:inspect", args=[self.deal.pk])),
            "a contact": (manager, reverse("audience_contacts:inspect", args=[self.contact.pk])),
            "a company": (
                manager,
                reverse("audience_companies:inspect", args=[self.contact.company_id]),
            ),
            "a video": (manager, reverse("planning_videos:inspect", args=[self.video.pk])),
            "a video's touches": (manager, reverse("planning_video_panel", args=panel)),
            "the views behind a deal": (manager, f"{reverse('deals_evidence')}?deal={deal}"),
            "the views behind a video": (manager, f"{reverse('deals_evidence')}?video={video}"),
            "the deals behind a video": (
                manager,
                f"{reverse('deals_compared')}?status=won&video={video}",
            ),
            "the list of deals": (manager, reverse("deals_deals:index")),
            **{f"home, {role.value}": (role, reverse("wagtailadmin_home")) for role in Role},
        }

    def seconds(self, rounds: int) -> dict[str, float]:
        """How long each page takes, in the quickest of some rounds after a first one."""
        clients = {role: signed_in(who) for role, who in self.users.items()}
        return {
            name: took(lambda client=clients[role], url=url: client.get(url), rounds)
            for name, (role, url) in self.pages().items()
        }


def user(email: str, role: Role) -> User:
    made: User = User.objects.create_user(email)
    made.groups.add(Group.objects.get(name=role.value))
    return made


def signed_in(who: User) -> Client:
    client = Client(headers={"host": "localhost"})
    client.force_login(who)
    return client


def took(ask: Callable[[], Any], rounds: int) -> float:
    """Seconds: of this processor where the database is in this process, else on the clock."""
    clock = time.process_time if connection.vendor == "sqlite" else time.perf_counter
    assert ask().status_code == 200
    times = []
    for _ in range(rounds):
        begun = clock()
        ask()
        times.append(clock() - begun)
    return min(times)


def measure(contacts: int, views: int, rounds: int) -> None:
    """Prints the seconds of each page of a small studio and of a large one, as JSON."""
    studio = Studio()
    small = studio.seconds(rounds)
    studio.grow(contacts, views)
    json.dump({"small": small, "large": studio.seconds(rounds)}, sys.stdout)
