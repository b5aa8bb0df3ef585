"""Handing over the videos and shoots of somebody who leaves."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from studio.people.leaving import Holding, register_holding
from studio.people.models import User
from studio.people.roles import Role
from videos.planning import shoots
from videos.planning.models import Expert, Shoot, Stage, Video

TO_PRODUCE = [
    stage for stage in Stage if stage not in {Stage.PUBLISHED, Stage.RETIRED, Stage.CANCELLED}
]
ON_CAMERA = [stage for stage in TO_PRODUCE if stage != Stage.APPROVED]


def coming_shoots() -> QuerySet[Shoot]:
    """Booked shoots that have not started."""
    return Shoot.objects.filter(cancelled_at__isnull=True, starts_at__gt=timezone.now())


def videos_to_film_and_approve() -> QuerySet[Video]:
    """Videos whose experts still have to film or approve something."""
    return Video.objects.filter(stage__in=ON_CAMERA)


def videos_to_produce() -> QuerySet[Video]:
    """Videos that are not published yet."""
    return Video.objects.filter(stage__in=TO_PRODUCE)


def experts(users: QuerySet[User]) -> QuerySet[User]:
    """Those who are active experts."""
    return users.filter(expert__active=True)


def producers(users: QuerySet[User]) -> QuerySet[User]:
    """Those who are producers."""
    return users.filter(groups__name=Role.PRODUCER.value)


def hand_over_shoots(rows: QuerySet[Shoot], leaver: User, heir: User, by: User) -> None:
    """Book the successor instead. Raises a ShootRefused if they are not available."""
    for shoot in rows.order_by("starts_at"):
        cast = {expert for expert in shoot.experts.all() if expert.user_id != leaver.pk}
        shoots.change(
            shoot.pk,
            videos=list(shoot.videos.all()),
            experts=[*cast, Expert.objects.get(user=heir)],
            resources=list(shoot.resources.all()),
            starts_at=shoot.starts_at,
            ends_at=shoot.ends_at,
            note=shoot.note,
            by=by,
        )


def hand_over_experts(rows: QuerySet[Video], leaver: User, heir: User, by: User) -> None:
    """Make the successor the expert on camera, who also approves."""
    was, will_be = Expert.objects.get(user=leaver), Expert.objects.get(user=heir)
    for video in rows.select_for_update().order_by("pk"):
        video.experts.remove(was)
        video.experts.add(will_be)


def hand_over_production(rows: QuerySet[Video], leaver: User, heir: User, by: User) -> None:
    """Make the successor the producer."""
    rows.update(producer=heir)


def deactivate_expert(sender: type[User], instance: User, **kwargs: Any) -> None:
    """Deactivate the expert of a deactivated user. Reactivation is manual."""
    if not instance.is_active:
        Expert.objects.filter(user=instance.pk, active=True).update(active=False)


def register() -> None:
    """Register with the page for people who leave."""
    register_holding(
        Holding(
            "shoots",
            _("Upcoming shoots"),
            coming_shoots,
            "experts__user",
            hand_over_shoots,
            experts,
        )
    )
    register_holding(
        Holding(
            "cast",
            _("Videos on camera, to film and to approve"),
            videos_to_film_and_approve,
            "experts__user",
            hand_over_experts,
            experts,
        )
    )
    register_holding(
        Holding(
            "production",
            _("Videos to produce"),
            videos_to_produce,
            "producer",
            hand_over_production,
            producers,
        )
    )
