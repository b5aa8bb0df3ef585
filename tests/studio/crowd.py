"""More rows of everything, for tests of what a list costs.

The rows hang on each other as in a studio at work, each on others of its own; and the one thing of
each kind in `screens.World` gets its share of whatever a page about it lists.
"""

import datetime as dt
import itertools
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.utils import timezone
from wagtail.models import ModelLogEntry, ReferenceIndex
from wagtail.signal_handlers import disable_reference_index_auto_update

from budgets.estimates import ItemData, save_estimate
from budgets.ledger import greenlight, post_expense
from budgets.models import Budget, Line, Period
from budgets.models.budget import today
from studio.mail.models import Mail
from studio.people.models import Invitation, User
from studio.people.roles import Role
from studio.rates.models import Rate
from tests.budgets.factories import BudgetFactory, LineFactory, PeriodFactory
from tests.factories import (
    CompanyFactory,
    ContactFactory,
    CutFactory,
    ExpertFactory,
    QuestionFactory,
    RenditionSetFactory,
    ResourceFactory,
    ShareLinkFactory,
    ShootFactory,
    UserFactory,
    VideoFactory,
    ViewFactory,
)
from tests.studio.screens import World
from tests.videos.audience.factories import index_page
from tests.videos.deals.factories import DealContactFactory, DealFactory
from videos.audience.models import Contact, PlaybackProblem
from videos.deals.models import Correction, Deal, Import, ImportFile, RemovedPart
from videos.media.models import Caption, Cut, Job, Rendition, Upload
from videos.planning.models import Expert, Stage, StageTransition, Video
from videos.publishing.models import VideoPage
from videos.review.models import Comment, Playback, ReviewRequest, Verdict

DAY = dt.timedelta(days=1)
STAGES = tuple(Stage)


class Crowd:
    """Adds rows to a world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.numbers = itertools.count()
        world.things["public"] = self.public(world.expert, world.users[Role.PRODUCER])

    def add(self, count: int) -> None:
        """`count` more of everything."""
        with disable_reference_index_auto_update():  # which takes a quarter of the time
            for _ in range(count):
                self.add_one(next(self.numbers))

    def add_one(self, number: int) -> None:
        """One more of everything."""
        rep = UserFactory(role=Role.EXPERT)
        producer = UserFactory(role=Role.PRODUCER)
        expert = ExpertFactory(user=rep)
        video = self.production(number, expert, producer)
        public = self.public(expert, producer)
        deal = self.audience(number, rep, public)
        self.deal(number, deal, rep)
        self.budget(number, rep, producer)
        self.rest(number, producer)
        self.record(rep, video, deal)

    # From the question to the cut

    def production(self, number: int, expert: Expert, producer: User) -> Video:
        """A video at one of the stages, with all that comes before it; and more of the world's."""
        world = self.world
        stage = STAGES[number % len(STAGES)]
        video = VideoFactory(
            stage=stage,
            experts=[expert, world.expert],
            producer=producer,
            planned_for=today() + DAY * (number % 20),
            created_by=producer,
        )
        world.video.experts.add(expert)
        for answered in (None, video, world.video):
            question = QuestionFactory(heard_by=expert.user, video=answered)
        ReferenceIndex.create_or_update_for_object(question)
        place = ResourceFactory()
        for videos in ([video], [world.video, video]):
            begins = timezone.now() + DAY * (number % 20)
            shoot = ShootFactory(
                videos=videos, experts=[expert, world.expert], booked_by=producer, starts_at=begins
            )
            shoot.resources.set([place, world.resource])
        world.shoot.videos.add(video)
        world.shoot.experts.add(expert)
        world.shoot.resources.add(place)
        for moved in (video, world.video):
            StageTransition.objects.create(
                video=moved,
                from_stage="idea",
                to_stage="planned",
                room="planning",
                by=producer,
                at=now(),
            )
        cut = self.cut(video, number, producer)
        self.upload(video, number, producer)
        self.upload(world.video, number, producer)
        self.review(cut, number, producer)
        self.cut(world.video, number, producer)
        self.review(world.cut, number, producer)
        return video

    def cut(self, video: Video, number: int, by: User) -> Cut:
        """A cut in one of its states, with its jobs, renditions and captions."""
        states = (Cut.State.READY, Cut.State.WORKING, Cut.State.FAILED, Cut.State.WAITING)
        state = states[number % len(states)]
        cut: Cut = CutFactory(
            video=video,
            number=1000 + number,
            source=f"sources/{video.pk}-{number}",
            uploaded_by=by,
            source_info={"width": 1280, "height": 720, "seconds": 12.5},
        )
        cut.current_set = self.set_of(cut)
        cut.second_set = self.set_of(cut, kind="av1")
        cut.state, cut.reason = state, "Broken." if state == Cut.State.FAILED else ""
        cut.save()
        Caption.objects.create(cut=cut, webvtt="WEBVTT\n", changed_by=by)
        ended = {"state": Job.State.READY, "started_at": now(), "ended_at": now()}
        Job.objects.create(cut=cut, **(ended if state == Cut.State.READY else {}))
        Job.objects.create(cut=cut, kind="words")
        return cut

    def set_of(self, cut: Cut, **fields: Any) -> Any:
        """A set of three renditions, of which there are no files."""
        made = RenditionSetFactory(cut=cut, **fields)
        Rendition.objects.bulk_create(
            Rendition(set=made, width=w, height=h, bitrate=1000, codecs="avc1", path=f"{h}/x")
            for w, h in ((1280, 720), (640, 360), (426, 240))
        )
        return made

    def upload(self, video: Video, number: int, by: User) -> None:
        """An upload that is under way, one that was refused."""
        for state in (Upload.State.RECEIVING, Upload.State.REFUSED):
            Upload.objects.create(
                video=video,
                by=by,
                name=f"{number}.mp4",
                bytes=10,
                backend="disk",
                path="sources/none",
                last_activity_at=now(),
                state=state,
                reason="Broken.",
                ended_at=now() if state == Upload.State.REFUSED else None,
            )

    def review(self, cut: Cut, number: int, by: User) -> None:
        """Comments, open and done, a verdict, who was asked and what they played."""
        Comment.objects.create(cut=cut, by=by, text="Louder.", seconds=Decimal(number % 12))
        Comment.objects.create(cut=cut, by=by, text="Done.", done_by=by, done_at=now())
        Verdict.objects.create(
            cut=cut, kind=Verdict.Kind.CHANGES, sha256=cut.sha256, by=by, at=now(), note="Louder."
        )
        ReviewRequest.objects.create(cut=cut, reviewer=by)
        Playback.objects.create(cut=cut, by=by, ranges=[[0, 3]])

    # Public, watched, sold

    def public(self, expert: Expert, producer: User) -> Video:
        """A published video with its page, its approved cut, and a report that it does not play."""
        video = VideoFactory(
            stage=Stage.PUBLISHED,
            experts={expert, self.world.expert},
            producer=producer,
            published_at=now(),
            summary="What it is.",
        )
        cut: Cut = CutFactory(
            video=video, source=f"sources/{video.pk}", number=1, uploaded_by=producer
        )
        cut.current_set = self.set_of(cut, is_public=True)
        cut.state = Cut.State.READY
        cut.save()
        Verdict.objects.create(
            cut=cut, kind=Verdict.Kind.APPROVED, sha256=cut.sha256, by=expert.user, at=now()
        )
        page = VideoPage(
            title=video.title, slug=f"video-{video.pk}", video=video, cut=cut, live=True,
            owner=producer, expert_names=[str(expert)], questions=["Why?"],
        )  # fmt: skip
        index_page().add_child(instance=page)
        page.save_revision(user=producer)
        QuestionFactory(heard_by=expert.user, video=video)
        PlaybackProblem.objects.create(video=video, cut=cut)
        return video

    def audience(self, number: int, rep: User, public: Video) -> Deal:
        """Who watched it through whose link, for a deal of their company."""
        world = self.world
        watched = world.public
        company = CompanyFactory()
        contact = ContactFactory(company=company)
        merged = ContactFactory(company=company, merged_into=contact, merged_at=now())
        ContactFactory(company=world.company, merged_into=world.contact, merged_at=now())
        colleague = ContactFactory(company=world.company)
        ReferenceIndex.create_or_update_for_object(colleague)
        deal = self.deal_of(number, company, rep, contact, merged)
        self.deal_of(number, world.company, rep, world.contact, colleague)
        DealContactFactory(deal=world.deal, contact=contact)
        DealContactFactory(deal=world.deal, contact=merged)
        for video, of, by in (
            (public, contact, rep),
            (watched, contact, rep),
            (watched, contact, world.expert.user),
            (public, world.contact, rep),
            (public, merged, rep),
        ):
            link = ShareLinkFactory(video=video, contact=of, rep=by)
            ViewFactory(video=video, share_link=link, started_at=now() - DAY * 20)
        ViewFactory(video=public, contact=contact, imported=True, started_at=now() - DAY * 20)
        ViewFactory(video=watched)
        return deal

    def deal_of(self, number: int, company: Any, rep: User, *contacts: Contact) -> Deal:
        """A deal, won, lost or open, with all of them taking part."""
        status = (Deal.Status.WON, Deal.Status.LOST, Deal.Status.OPEN)[number % 3]
        closed = None if status == Deal.Status.OPEN else now() - DAY
        deal: Deal = DealFactory(
            company=company,
            owner=rep,
            owner_email=rep.email,
            status=status,
            closed_at=closed,
            close_recorded_at=closed,
            first_close_recorded_at=closed,
            entered_by=rep,
            changed_by=rep,
            currency="EUR" if number % 2 else "CHF",
        )
        for contact in contacts:
            DealContactFactory(deal=deal, contact=contact, role="buyer")
        ReferenceIndex.create_or_update_for_object(deal)
        return deal

    def deal(self, number: int, deal: Deal, by: User) -> None:
        """What people put right that the CRM says otherwise, on it and on the world's deal."""
        for corrected in (deal, self.world.deal):
            contact = ContactFactory()
            RemovedPart.objects.create(deal=corrected, contact=contact, role="", by=by, at=now())
        Correction.objects.create(deal=deal, what="name", crm="A", ours="B", by=by, at=now())

    # Money

    def budget(self, number: int, rep: User, producer: User) -> None:
        """A line with money on it, and one of the world's; both asked for and spent from."""
        world = self.world
        period: Period = PeriodFactory(
            code=f"P{number}",
            starts_on=dt.date(2010, 1, 1) + 7 * DAY * number,
            ends_on=dt.date(2010, 1, 7) + 7 * DAY * number,
        )
        budget: Budget = BudgetFactory(name=f"Budget {number}")
        LineFactory(budget=budget, period=period)
        line: Line = LineFactory(budget=world.budget, period=world.period, approved=100_000)
        ReferenceIndex.create_or_update_for_object(line)
        finance = world.users[Role.FINANCE]
        planned = VideoFactory(stage=Stage.PLANNED, producer=producer)
        save_estimate(planned.pk, [ItemData(line, 100), ItemData(world.line, 1)], by=producer)
        greenlit = VideoFactory(stage=Stage.PLANNED, producer=producer)
        asked = save_estimate(
            greenlit.pk, [ItemData(line, 100), ItemData(world.line, 1)], by=producer
        )
        greenlight(asked.pk, by=finance)
        post_expense(line.pk, greenlit.pk, 50, by=finance, supplier="Lights Ltd")

    # The rest

    def rest(self, number: int, by: User) -> None:
        """Rates, imports, invitations, undelivered mails, and somebody who left."""
        day = dt.date(2020, 1, 1) + DAY * number
        Rate.objects.create(day=day, from_currency="USD", to_currency="EUR", rate="0.9")
        made = Import.objects.create(by=by, confirmed_by=by, state=Import.State.CHECKED)
        for name in ("deals.csv", "contacts.csv"):
            ImportFile.objects.create(owner=made, name=name, given_name=name, size=3, packed=b"")
        invitation = Invitation.objects.create(
            email=f"new{number}@studio.example",
            email_key=f"new{number}@studio.example",
            sent_by=by,
            expires_at=now() + DAY,
        )
        invitation.groups.set(by.groups.all())
        Mail.objects.create(
            sender="a@studio.example",
            recipient=f"b{number}@studio.example",
            subject="Hello",
            content=b"",
            state=Mail.State.REFUSED,
            reason="No such mailbox.",
            ended_at=now(),
        )
        leaver = UserFactory(role=Role.EXPERT)
        DealFactory(owner=leaver)
        User.objects.filter(pk=leaver.pk).update(is_active=False)

    def record(self, by: User, video: Video, deal: Deal) -> None:
        """What somebody did, in the histories of new things and of the world's."""
        ModelLogEntry.objects.bulk_create(
            ModelLogEntry(
                content_type=ContentType.objects.get_for_model(thing),
                object_id=str(thing.pk),
                label=f"{type(thing).__name__} {thing.pk}",
                action=action,
                timestamp=now(),
                user=by,
            )
            for thing in (by, video, deal, *self.with_history())
            for action in ("wagtail.create", "wagtail.edit")
        )

    def with_history(self) -> Iterator[Model]:
        """The things of the world that have a page with their history."""
        names = "question video shoot expert resource contact company deal rate line budget period"
        for name in names.split():
            yield getattr(self.world, name)


def now() -> dt.datetime:
    return timezone.now()
