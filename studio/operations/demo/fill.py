"""Fills an empty studio with the demo: the year happens again, each act at its time.

What needs footage follows in `premiere.py`, once there is footage.
"""

from __future__ import annotations

import datetime as dt
import tempfile
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone

from budgets import estimates, ledger, periods
from budgets.models import Budget, Estimate, Line, Period
from studio.operations.demo import clock, sheets
from studio.operations.demo.cast import RESOURCES
from studio.operations.demo.catalogue import LINES
from studio.operations.demo.pages import dress_site
from studio.operations.demo.records import Asked, Older, Production, Spent, World
from studio.operations.demo.records import Deal as DealValue
from studio.people.models import User
from videos.audience.models import Company, Contact
from videos.deals.imports.crm_import import import_crm
from videos.deals.imports.view_import import import_views
from videos.deals.models import Deal, DealContact
from videos.planning import shoots, stages, transitions
from videos.planning.models import Expert, Question, Resource, Stage, Video

Act = Callable[[], object]


class Event(NamedTuple):
    """Something that happens at a moment."""

    at: dt.datetime
    act: Act


def public_id(key: str) -> str:
    """The id of one of the studio's own videos, the same on every machine."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{key}.fernhill.example"))


class Filler:
    """Makes the rows of a world, and remembers them by key."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.users: dict[str, User] = {}
        self.experts: dict[str, Expert] = {}
        self.videos: dict[str, Video] = {}

    def fill(self, password: str) -> None:
        """Everything, or nothing when something fails."""
        with transaction.atomic():
            first = min(event.at for event in self.events())
            with clock.at(first - dt.timedelta(days=30)):
                self.make_people(password)
            for event in sorted(self.events(), key=lambda event: event.at):
                with clock.at(event.at):
                    event.act()
            self.answer_questions()
            self.import_market()
            dress_site()

    # People and things

    def make_people(self, password: str) -> None:
        """Users with their roles, experts, resources."""
        hashed = make_password(password)  # once: it is slow on purpose
        for person in self.world.people:
            user = User.objects.create(
                email=person.email,
                first_name=person.first_name,
                last_name=person.last_name,
                password=hashed,
            )
            user.groups.add(Group.objects.get(name=person.role.value))
            self.users[person.key] = user
            if person.topics:
                self.experts[person.key] = Expert.objects.create(user=user, topics=person.topics)
        # The sales manager steps in front of the camera now and then.
        self.experts["henrik"] = Expert.objects.create(
            user=self.users["henrik"], topics="contracts", minutes_a_month=15, active=True
        )
        Resource.objects.bulk_create(Resource(kind=kind, name=name) for kind, name in RESOURCES)

    # The year

    def events(self) -> Iterator[Event]:
        """What happened, in no order."""
        start = self.world.quarters[0].starts_on
        zone = timezone.get_default_timezone()
        yield Event(dt.datetime.combine(start, dt.time(8), zone), self.make_budget)
        for quarter in self.world.quarters:
            if quarter.closed_at:
                yield Event(quarter.closed_at, partial(self.close, quarter.code))
        for asked in self.world.questions:
            at = dt.datetime.combine(asked.heard_on, dt.time(18), zone)
            yield Event(at, partial(self.hand_in, asked))
        for production in self.world.productions:
            yield from self.events_of(production)

    def events_of(self, production: Production) -> Iterator[Event]:
        """The way of one video, as far as it goes without footage."""
        yield Event(production.created_at, partial(self.make_video, production))
        for at, to, note in (
            (production.planned_at, Stage.PLANNED, ""),
            (production.shot_at, Stage.SHOT, ""),
            (production.editing_at, Stage.EDITING, ""),
            (production.cancelled_at, Stage.CANCELLED, production.cancelled_because),
        ):
            if at:
                yield Event(at, partial(self.move, production, to, note))
        if production.shoot:
            yield Event(production.shoot.booked_at, partial(self.book, production))
        if money := production.money:
            yield Event(money.asked_at, partial(self.ask, production))
            if money.greenlit_at:
                yield Event(money.greenlit_at, partial(self.greenlight, production))
            for spent in money.spent:
                yield Event(spent.at, partial(self.post, production, spent))

    def make_budget(self) -> None:
        """The sales budget with its quarters and lines."""
        claire = self.users["claire"]
        budget = Budget.objects.create(name="Sales budget", currency="EUR")
        for quarter in self.world.quarters:
            period = Period.objects.create(
                code=quarter.code,
                name=quarter.name,
                starts_on=quarter.starts_on,
                ends_on=quarter.ends_on,
            )
            for kind, (name, minor) in LINES.items():
                line = Line.objects.create(budget=budget, period=period, name=name, kind=kind)
                ledger.set_approved(line.pk, minor, by=claire, reason="Sales plan of the year")

    def close(self, code: str) -> None:
        periods.close(Period.objects.get(code=code).pk, by=self.users["claire"])

    def hand_in(self, asked: Asked) -> None:
        Question.objects.create(
            text=asked.text,
            heard_by=self.users[asked.heard_by],
            heard_at=asked.heard_at,
            heard_on=asked.heard_on,
        )

    def make_video(self, production: Production) -> None:
        video = Video.objects.create(
            public_id=public_id(production.key),
            title=production.title,
            summary=production.summary,
            producer=self.users["nora"],
            created_by=self.users["nora"],
            planned_for=production.planned_for,
        )
        video.experts.set(self.experts[key] for key in production.experts)
        self.videos[production.key] = video

    def move(self, production: Production, to: Stage, note: str) -> None:
        transitions.make_transition(
            self.videos[production.key].pk, to, by=self.users["nora"], note=note
        )

    def ask(self, production: Production) -> None:
        money = production.money
        assert money is not None
        asks = [
            estimates.ItemData(self.line(money.period, kind), minor)
            for kind, minor in money.asks.items()
        ]
        estimates.save_estimate(self.videos[production.key].pk, asks, by=self.users["nora"])

    def line(self, period: str, kind: str) -> Line:
        return Line.objects.select_related("period", "budget").get(period__code=period, kind=kind)

    def greenlight(self, production: Production) -> None:
        estimate = Estimate.objects.get(video=self.videos[production.key])
        ledger.greenlight(estimate.pk, by=self.users["claire"])

    def book(self, production: Production) -> None:
        shoot = production.shoot
        assert shoot is not None
        shoots.book(
            videos=[self.videos[production.key]],
            experts=[self.experts[key] for key in production.experts],
            resources=list(Resource.objects.filter(name__in=shoot.resources)),
            starts_at=shoot.starts_at,
            ends_at=shoot.starts_at + dt.timedelta(minutes=shoot.minutes),
            by=self.users["nora"],
            note=shoot.note,
        )

    def post(self, production: Production, spent: Spent) -> None:
        assert production.money is not None
        ledger.post_expense(
            self.line(production.money.period, spent.kind).pk,
            self.videos[production.key].pk,
            spent.minor,
            by=self.users["claire"],
            supplier=spent.supplier,
            invoice=spent.invoice,
        )

    def answer_questions(self) -> None:
        """Each question goes to the video that answers it."""
        for asked in self.world.questions:
            if asked.video:
                Question.objects.filter(text=asked.text).update(video=self.videos[asked.video])

    # The market

    def import_market(self) -> None:
        """The CRM's export and the views of the player before come in by the imports."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            sheets.write_crm(self.world, folder)
            import_crm(folder)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            sheets.write_older(self.world, folder)
            import_views(folder)
        for older in self.world.older:
            self.dress(older)
        self.enter_by_hand(self.world.deals[-1])

    def dress(self, older: Older) -> None:
        """What the import does not bring: a summary, and that one of them was retired."""
        videos = Video.objects.filter(public_id=older.public_id)
        videos.update(summary=older.summary, created_at=older.published_at)
        if older.retired_at:
            with clock.at(older.retired_at):
                stages.change_stage(
                    videos.get().pk, Stage.RETIRED, room="publishing", by=self.users["nora"]
                )

    def enter_by_hand(self, value: DealValue) -> None:
        """The deal that a newcomer closes."""
        deal = Deal.objects.create(
            public_id=value.id,
            name=value.name,
            company=Company.objects.get(public_id=value.company),
            owner=self.users[value.owner],
            stage=value.stage,
            amount=value.amount,
            currency=value.currency,
            created_at=value.created_at,
            recorded_at=value.created_at,
            entered_by=self.users[value.owner],
        )
        for contact, role in value.contacts:
            DealContact.objects.create(
                deal=deal, contact=Contact.objects.get(public_id=contact), role=role
            )
