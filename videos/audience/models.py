"""Companies and contacts, share links, viewers and their views."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from studio.fields import ExactDecimalField, PublicIdField, new_public_id
from videos.planning.models import Video


class Company(models.Model):
    """A buyer's company, mirrored from the CRM or entered by hand."""

    public_id = PublicIdField()
    name = models.CharField(_("name"), max_length=255)
    domain = models.CharField(_("domain"), max_length=255, blank=True)

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class Contact(models.Model):
    """A person at a buyer's, mirrored from the CRM or entered by hand.

    `created_at` is when the CRM came to know them; unknown for some.
    """

    public_id = PublicIdField()
    name = models.CharField(_("name"), max_length=255, blank=True)
    email = models.CharField(_("e-mail address"), max_length=255, blank=True)
    company = models.ForeignKey(
        Company,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="contacts",
        verbose_name=_("company"),
    )
    created_at = models.DateTimeField(_("known since"), null=True, blank=True)
    merged_into = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="merged",
        verbose_name=_("merged into"),
    )

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["name", "email", "pk"]

    def __str__(self) -> str:
        return self.name or self.email or self.public_id


def new_token() -> str:
    """128 random bits for a share link's address."""
    return secrets.token_urlsafe(16)


class ShareLinkQuerySet(models.QuerySet["ShareLink"]):
    """Share links, with what became of them."""

    def with_watched(self) -> "ShareLinkQuerySet":
        """Adds `watched`, the number of views that count, and `last_watched`, when the last began.

        Views through links are first-party, so that `counted_at` tells whether they were long
        enough.
        """
        counted = Q(
            views__counted_at__isnull=False,
            views__is_staff=False,
            views__is_internal=False,
            views__is_bot=False,
        )
        return self.annotate(
            watched=models.Count("views", filter=counted),
            last_watched=models.Max("views__started_at", filter=counted),
        )


class ShareLink(models.Model):
    """A rep's personal link to a video for one contact, stable for ever."""

    token = models.CharField(max_length=22, unique=True, default=new_token, editable=False)
    video = models.ForeignKey(
        Video, models.PROTECT, related_name="share_links", verbose_name=_("video")
    )
    contact = models.ForeignKey(
        Contact, models.PROTECT, related_name="share_links", verbose_name=_("contact")
    )
    rep = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="share_links",
        verbose_name=_("rep"),
        editable=False,
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = ShareLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("share link")
        verbose_name_plural = _("share links")
        ordering = ["-created_at", "-pk"]
        permissions = [("view_every_sharelink", _("Can see everyone's share links"))]
        constraints = [
            models.UniqueConstraint(
                fields=["video", "contact", "rep"], name="audience_share_link_once"
            )
        ]

    def __str__(self) -> str:
        return _("%(video)s for %(contact)s") % {"video": self.video, "contact": self.contact}

    def get_absolute_url(self) -> str:
        return reverse("share_link", kwargs={"token": self.token})


class Viewer(models.Model):
    """One browser; anonymous until something the person did says who they are.

    `public_id` is what the first-party cookie holds, or the imported viewer id.
    """

    public_id = PublicIdField()
    was_staff = models.BooleanField(
        _("signed in as staff"),
        default=False,
        editable=False,
        help_text=_("A browser that ever signed in as staff never takes an identity."),
    )
    created_at = models.DateTimeField(_("first seen"), auto_now_add=True)

    class Meta:
        verbose_name = _("viewer")
        verbose_name_plural = _("viewers")

    def __str__(self) -> str:
        return self.public_id


class View(models.Model):
    """One playing session of one video by one viewer.

    `contact` is who an import says it was; `share_link` is the link it came through. Who the
    view belongs to follows from both, see `videos.deals`. `ranges` holds the union of the ranges
    really played, as sorted [start, end] pairs in seconds.
    """

    public_id = PublicIdField(default=new_public_id)
    video = models.ForeignKey(Video, models.PROTECT, related_name="views")
    viewer = models.ForeignKey(
        Viewer, models.SET_NULL, null=True, related_name="views", verbose_name=_("viewer")
    )
    contact = models.ForeignKey(
        Contact, models.PROTECT, null=True, related_name="views", verbose_name=_("contact")
    )
    share_link = models.ForeignKey(
        ShareLink, models.PROTECT, null=True, related_name="views", verbose_name=_("share link")
    )
    started_at = models.DateTimeField(_("started"), db_index=True)
    seconds_watched = ExactDecimalField(_("distinct seconds watched"), null=True)
    ranges = models.JSONField(_("ranges played"), default=list)
    is_staff = models.BooleanField(_("staff"), default=False)
    is_internal = models.BooleanField(_("internal"), default=False)
    is_bot = models.BooleanField(_("bot"), default=False)
    imported = models.BooleanField(_("imported"), default=False)
    counted_at = models.DateTimeField(
        _("counted"),
        null=True,
        help_text=_("When a first-party view first reached the seconds it takes to count."),
    )
    told_at = models.DateTimeField(
        _("rep told"), null=True, help_text=_("When the rep of the share link was told of it.")
    )
    last_heard_at = models.DateTimeField(_("last heard of"), null=True)

    class Meta:
        verbose_name = _("view")
        verbose_name_plural = _("views")
        ordering = ["-started_at", "public_id"]
        permissions = [("view_every_view", _("Can see views beyond those of own share links"))]
        indexes = [
            models.Index(fields=["video", "started_at"], name="audience_view_video"),
            models.Index(fields=["viewer", "started_at"], name="audience_view_viewer"),
        ]

    def __str__(self) -> str:
        return self.public_id


class Beacon(models.Model):
    """One report of a playing browser, kept so that sending it twice changes nothing."""

    view = models.ForeignKey(View, models.CASCADE, related_name="beacons")
    seq = models.PositiveIntegerField()
    received_at = models.DateTimeField()
    elapsed = models.FloatField(help_text=_("Seconds since the view began, by the page's clock."))
    ranges = models.JSONField(default=list)
    event = models.CharField(max_length=20)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["view", "seq"], name="audience_beacon_once"),
            models.CheckConstraint(condition=Q(elapsed__gte=0), name="audience_beacon_elapsed"),
        ]

    def __str__(self) -> str:
        return f"{self.view_id} {self.seq}"
