"""Makes rows for tests: valid, and with nothing more than they need."""

import datetime as dt
import hashlib
from decimal import Decimal
from typing import Any

import factory
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.utils import timezone
from factory.django import DjangoModelFactory

from studio.people.models import User
from studio.people.roles import Role
from videos.audience.models import Company, Contact, ShareLink, View, Viewer
from videos.audience.tracking.counting import is_long_enough
from videos.media.models import Cut, RenditionSet
from videos.planning.models import Expert, Question, Resource, Shoot, Video

PASSWORD = "correct horse battery"


class UserFactory(DjangoModelFactory[User]):
    """A user without a role; `role=Role.EXPERT` gives one."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@studio.example")
    first_name = factory.Sequence(lambda n: f"Person{n}")
    last_name = "Example"

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        role: Role | None = kwargs.pop("role", None)
        user = User.objects.create_user(password=PASSWORD, **kwargs)
        if role:
            user.groups.add(Group.objects.get(name=role.value))
        return user


class ExpertFactory(DjangoModelFactory[Expert]):
    """An expert whose user has the role."""

    class Meta:
        model = Expert

    user = factory.SubFactory(UserFactory, role=Role.EXPERT)


class VideoFactory(DjangoModelFactory[Video]):
    """A video; `stage=` puts it anywhere without a move, `experts=[…]` on camera."""

    class Meta:
        model = Video
        skip_postgeneration_save = True

    title = factory.Sequence(lambda n: f"How does it work, part {n}?")

    @factory.post_generation
    def experts(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        if extracted:
            self.experts.set(extracted)


class QuestionFactory(DjangoModelFactory[Question]):
    class Meta:
        model = Question

    text = "How long does it take until it pays?"
    heard_by = factory.SubFactory(UserFactory, role=Role.EXPERT)


class ResourceFactory(DjangoModelFactory[Resource]):
    class Meta:
        model = Resource

    kind = Resource.Kind.PLACE
    name = factory.Sequence(lambda n: f"Studio {n}")


class ShootFactory(DjangoModelFactory[Shoot]):
    """A booked hour tomorrow, written without `shoots.book`."""

    class Meta:
        model = Shoot
        skip_postgeneration_save = True

    starts_at = factory.LazyFunction(lambda: timezone.now() + dt.timedelta(days=1))
    ends_at = factory.LazyAttribute(lambda shoot: shoot.starts_at + dt.timedelta(hours=1))
    booked_by = factory.SubFactory(UserFactory, role=Role.PRODUCER)

    @factory.post_generation
    def videos(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        self.videos.set(extracted or [])

    @factory.post_generation
    def experts(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        self.experts.set(extracted or [])


class CutFactory(DjangoModelFactory[Cut]):
    """A cut with a source of a few bytes that no decoder would take; see `ready_cut`."""

    class Meta:
        model = Cut

    video = factory.SubFactory(VideoFactory, stage="editing")
    state = Cut.State.WAITING
    number = factory.LazyAttributeSequence(
        lambda cut, n: None if cut.state == Cut.State.REFUSED else n + 1
    )
    source_name = "talk.mp4"
    source = factory.LazyAttribute(lambda cut: ContentFile(b"source of a test", "talk.mp4"))
    source_bytes = 16
    sha256 = hashlib.sha256(b"source of a test").hexdigest()
    uploaded_by = factory.SubFactory(UserFactory, role=Role.PRODUCER)
    uploaded_at = factory.LazyFunction(timezone.now)


class RenditionSetFactory(DjangoModelFactory[RenditionSet]):
    class Meta:
        model = RenditionSet

    cut = factory.SubFactory(CutFactory)
    master = "master.m3u8"
    poster = "poster.jpg"
    storyboard = "storyboard.vtt"
    width = 1280
    height = 720
    seconds = Decimal("12.5")


def ready_cut(**fields: Any) -> Cut:
    """A cut in *ready* whose set has rows but no files."""
    cut = CutFactory(**fields)
    cut.current_set = RenditionSetFactory(cut=cut)
    cut.state = Cut.State.READY
    cut.save()
    return cut


class CompanyFactory(DjangoModelFactory[Company]):
    class Meta:
        model = Company

    name = factory.Sequence(lambda n: f"Buyer {n} Ltd")


class ContactFactory(DjangoModelFactory[Contact]):
    class Meta:
        model = Contact

    name = factory.Sequence(lambda n: f"Buyer {n}")
    email = factory.Sequence(lambda n: f"buyer{n}@buyer.example")
    company = factory.SubFactory(CompanyFactory)


class ShareLinkFactory(DjangoModelFactory[ShareLink]):
    class Meta:
        model = ShareLink

    video = factory.SubFactory(VideoFactory, stage="published")
    contact = factory.SubFactory(ContactFactory)
    rep = factory.SubFactory(UserFactory, role=Role.EXPERT)


class ViewerFactory(DjangoModelFactory[Viewer]):
    class Meta:
        model = Viewer


class ViewFactory(DjangoModelFactory[View]):
    """Ten anonymous seconds that count.

    Other `seconds_watched` are judged; the view was counted as it began, unless `counted_at` says
    otherwise.
    """

    class Meta:
        model = View

    video = factory.SubFactory(VideoFactory, stage="published")
    viewer = factory.SubFactory(ViewerFactory)
    started_at = factory.LazyFunction(timezone.now)
    seconds_watched = Decimal(10)
    ranges = [[0, 10]]

    @factory.lazy_attribute
    def counted_at(self) -> dt.datetime | None:
        seconds, duration = self.seconds_watched, self.video.duration_seconds
        known = None if seconds is None else Decimal(seconds)
        limit = None if duration is None else Decimal(duration)
        long_enough = is_long_enough(known, limit, settings.VIEW_MIN_SECONDS)
        return self.started_at if long_enough else None
