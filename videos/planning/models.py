"""Questions, videos and their stages, experts, resources and shoots."""

import datetime as dt
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from studio.clock import instant_text
from studio.collation.functions import SortKey
from studio.fields import ExactDecimalField, PublicIdField
from studio.people.models import User
from studio.single_line import SingleLines
from videos.planning.months import month_bounds, whole_minutes

if TYPE_CHECKING:
    from videos.planning.next_step.actions import NextStep


class Stage(models.TextChoices):
    """The stage of a video. The transitions between stages are in `stages.py`."""

    IDEA = "idea", _("Idea")
    PLANNED = "planned", _("Planned")
    GREENLIT = "greenlit", _("Greenlit")
    SCHEDULED = "scheduled", _("Scheduled")
    SHOT = "shot", _("Shot")
    EDITING = "editing", pgettext_lazy("stage", "Editing")
    REVIEW = "review", _("In review")
    APPROVED = "approved", pgettext_lazy("stage", "Approved")
    PUBLISHED = "published", _("Published")
    RETIRED = "retired", _("Retired")
    CANCELLED = "cancelled", pgettext_lazy("stage", "Cancelled")


class ExpertQuerySet(models.QuerySet["Expert"]):
    """Experts with their booked time."""

    def with_minutes(self, year: int, month: int) -> "ExpertQuerySet":
        """Add `booked`: the time of their shoots that start in a month of the studio."""
        first, after = month_bounds(year, month)
        time = (
            Shoot.experts.through.objects.filter(
                expert=OuterRef("pk"),
                shoot__cancelled_at__isnull=True,
                shoot__starts_at__gte=first,
                shoot__starts_at__lt=after,
            )
            .order_by()
            .values("expert")
            .annotate(length=Sum(F("shoot__ends_at") - F("shoot__starts_at")))
            .values("length")  # type: ignore[misc]
        )
        none = Value(dt.timedelta(0), output_field=models.DurationField())
        return self.annotate(
            booked=Coalesce(Subquery(time), none, output_field=models.DurationField())
        )


class Expert(SingleLines):
    """A salesperson on camera, with the minutes they promised each month."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="expert",
        verbose_name=_("user"),
    )
    minutes_a_month = models.PositiveSmallIntegerField(
        _("minutes a month"),
        default=30,
        validators=[MaxValueValidator(2000)],
        help_text=_("Promised time on camera each month."),
    )
    topics = models.CharField(
        _("knows about"),
        max_length=255,
        blank=True,
        help_text=_("For example “pricing, security”."),
    )
    active = models.BooleanField(_("active"), default=True)

    objects = ExpertQuerySet.as_manager()
    booked: dt.timedelta  # by `with_minutes`

    class Meta:
        verbose_name = _("expert")
        verbose_name_plural = _("experts")
        ordering = [SortKey("user__first_name"), SortKey("user__last_name"), "user__email"]

    def __str__(self) -> str:
        return str(self.user)


class Video(SingleLines):
    """One production, from idea to retirement: an entry of the content calendar.

    `stage` is written by `stages.change_stage` only.
    """

    public_id = PublicIdField()
    title = models.CharField(_("title"), max_length=255)
    summary = models.TextField(
        _("summary"), blank=True, help_text=_("What the buyer will learn from it.")
    )
    stage = models.CharField(
        _("stage"), max_length=12, choices=Stage, default=Stage.IDEA, editable=False, db_index=True
    )
    producer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="produced_videos",
        verbose_name=_("producer"),
    )
    experts = models.ManyToManyField(
        Expert, blank=True, related_name="videos", verbose_name=_("experts")
    )
    planned_for = models.DateField(
        _("planned publishing day"), null=True, blank=True, db_index=True
    )
    imported = models.BooleanField(_("imported"), default=False, editable=False)
    duration_seconds = ExactDecimalField(
        _("duration in seconds"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("The length of the public cut; empty until a cut is published."),
    )
    published_at = models.DateTimeField(_("first published"), null=True, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("created by"),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    # By `listed.look_up`
    next_step: "NextStep"
    picture: str

    class Meta:
        verbose_name = _("video")
        verbose_name_plural = _("videos")
        ordering = [SortKey("title"), "pk"]
        permissions = [
            ("plan_video", _("Can plan videos and take them back to ideas")),
            ("move_video", _("Can mark videos as shot and start their editing")),
            ("cancel_video", _("Can cancel videos")),
        ]

    def __str__(self) -> str:
        return self.title

    def is_on_camera(self, user: User | AnonymousUser) -> bool:
        """Whether the user is one of the video's experts."""
        return user.pk is not None and self.experts.filter(user=user.pk).exists()


class StageTransition(models.Model):
    """One change of a video's stage. Rows are never changed or deleted.

    `room` is the app that made the transition. Table and columns have the names of the first
    release, so that it goes on working while a new one is deployed.
    """

    video = models.ForeignKey(Video, models.CASCADE, related_name="transitions", editable=False)
    from_stage = models.CharField(
        pgettext_lazy("stage", "from"), max_length=12, choices=Stage, db_column="was"
    )
    to_stage = models.CharField(
        pgettext_lazy("stage", "to"), max_length=12, choices=Stage, db_column="now"
    )
    room = models.CharField(_("made by"), max_length=20)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"), db_index=True)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("stage transition")
        verbose_name_plural = _("stage transitions")
        ordering = ["at", "pk"]
        db_table = "planning_move"

    def __str__(self) -> str:
        return f"{self.video_id}: {self.from_stage} → {self.to_stage}"


class Question(SingleLines):
    """What a buyer asked, in the buyer's words, with who heard it and where."""

    text = models.TextField(_("question"), help_text=_("In the buyer's own words."))
    heard_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="questions",
        verbose_name=_("heard by"),
    )
    heard_at = models.CharField(
        _("heard where"),
        max_length=255,
        blank=True,
        help_text=_("For example “second call with Acme, their head of IT”."),
    )
    heard_on = models.DateField(_("heard on"), default=dt.date.today)
    video = models.ForeignKey(
        Video,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="questions",
        verbose_name=_("answered by"),
    )
    created_at = models.DateTimeField(_("handed in"), auto_now_add=True)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["-heard_on", "-pk"]

    def __str__(self) -> str:
        return self.text if len(self.text) <= 80 else f"{self.text[:79]}…"


class Resource(SingleLines):
    """A crew member, a place or a piece of gear that only one shoot can use at a time."""

    class Kind(models.TextChoices):
        CREW = "crew", _("Crew")
        PLACE = "place", _("Place")
        GEAR = "gear", _("Gear")

    kind = models.CharField(_("kind"), max_length=5, choices=Kind)
    name = models.CharField(_("name"), max_length=120)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("resource")
        verbose_name_plural = _("resources")
        ordering = ["kind", SortKey("name"), "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "name"],
                name="planning_resource_name",
                violation_error_message=_("There is already one of this kind with this name."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.get_kind_display()})"


class Shoot(models.Model):
    """Booked time of experts, crew, place and gear for one or more videos.

    Written by `shoots.py` only, which prevents double bookings.
    """

    videos = models.ManyToManyField(Video, related_name="shoots", verbose_name=_("videos"))
    experts = models.ManyToManyField(Expert, related_name="shoots", verbose_name=_("experts"))
    resources = models.ManyToManyField(
        Resource, blank=True, related_name="shoots", verbose_name=_("crew, place and gear")
    )
    starts_at = models.DateTimeField(_("starts"), db_index=True)
    ends_at = models.DateTimeField(_("ends"))
    note = models.TextField(_("note"), blank=True)
    booked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("booked by")
    )
    booked_at = models.DateTimeField(_("booked"), auto_now_add=True)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True, editable=False)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("cancelled by"),
    )

    class Meta:
        verbose_name = _("shoot")
        verbose_name_plural = _("shoots")
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="planning_shoot_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True, cancelled_by__isnull=True)
                | Q(cancelled_at__isnull=False, cancelled_by__isnull=False),
                name="planning_shoot_cancelled_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return instant_text(self.starts_at, gettext("D j M Y, H:i"))

    @property
    def minutes(self) -> int:
        """The length in minutes."""
        return whole_minutes(self.ends_at.astimezone(dt.UTC) - self.starts_at)
