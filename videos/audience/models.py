"""Companies and contacts, share links, viewers and their views."""

import secrets
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from studio.collation.functions import SortKey
from studio.fields import ExactDecimalField, PublicIdField, new_public_id
from studio.people.addresses import domain_key, email_key, name_key
from studio.people.keys import KeyField
from studio.single_line import SingleLines
from videos.media.models import Cut
from videos.planning.models import Video


class Company(SingleLines):
    """A buyer's company, mirrored from the CRM or entered by hand."""

    public_id = PublicIdField()
    name = models.CharField(_("name"), max_length=255)
    name_key = KeyField(of="name", key=name_key)
    domain = models.CharField(_("domain"), max_length=255, blank=True)
    domain_key = KeyField(of="domain", key=domain_key)

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        ordering = [SortKey("name"), "pk"]

    def __str__(self) -> str:
        return self.name


class Contact(SingleLines):
    """A person at a buyer's company, mirrored from the CRM or entered by hand.

    `created_at` is when the CRM added them; unknown for some. `merged_at` is when this studio
    learned that they were merged into another contact; `save` sets it.
    """

    public_id = PublicIdField()
    name = models.CharField(_("name"), max_length=255, blank=True)
    email = models.CharField(_("e-mail address"), max_length=255, blank=True)
    email_key = KeyField(of="email", key=email_key)
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
    merged_at = models.DateTimeField(_("merge known since"), null=True, editable=False)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = [SortKey("name"), SortKey("email"), "pk"]

    def __str__(self) -> str:
        return self.name or self.email or self.public_id

    def save(self, **kwargs: Any) -> None:
        """Set `merged_at` when the contact is merged, unless it is given."""
        if self.merged_into_id or self.merged_at:
            stored = Contact.objects.filter(pk=self.pk).values_list("merged_into", "merged_at")
            was, since = stored.first() or (None, None)
            if self.merged_into_id != was and self.merged_at == since:
                self.merged_at = timezone.now() if self.merged_into_id else None
                if kwargs.get("update_fields") is not None:
                    kwargs["update_fields"] = {*kwargs["update_fields"], "merged_at"}
        super().save(**kwargs)


def new_token() -> str:
    """128 random bits for a share link's URL."""
    return secrets.token_urlsafe(16)


def counted_condition(prefix: str = "") -> Q:
    """The condition that a view counts: it reached the minimum of seconds, and no flag excludes it.

    `prefix` is the path to the view from another model, as in `"views__"`.
    """
    return Q(
        **{
            f"{prefix}counted_at__isnull": False,
            f"{prefix}is_staff": False,
            f"{prefix}is_internal": False,
            f"{prefix}is_bot": False,
        }
    )


class ShareLinkQuerySet(models.QuerySet["ShareLink"]):
    """Share links with their views."""

    def with_watched(self) -> "ShareLinkQuerySet":
        """Add `watched`, the number of counted views, and `last_watched`, the start of the last."""
        counted = counted_condition("views__")
        return self.annotate(
            watched=models.Count("views", filter=counted),
            last_watched=models.Max("views__started_at", filter=counted),
        )


class ShareLink(models.Model):
    """A rep's personal link to a video for one contact. Its URL never changes."""

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
    told_on = models.DateField(
        _("rep last notified"),
        null=True,
        editable=False,
        help_text=_("The day of the last mail that was sent immediately after a view."),
    )

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
        return reverse("audience_share_link", kwargs={"token": self.token})


class Viewer(models.Model):
    """One browser; anonymous until the person identifies themselves.

    `public_id` is the value of the first-party cookie, or the imported viewer id.
    """

    public_id = PublicIdField()
    was_staff = models.BooleanField(
        _("signed in as staff"),
        default=False,
        editable=False,
        help_text=_("Views of this browser that are counted later are staff's."),
    )
    created_at = models.DateTimeField(_("first seen"), auto_now_add=True)

    class Meta:
        verbose_name = _("viewer")
        verbose_name_plural = _("viewers")

    def __str__(self) -> str:
        return self.public_id


class PlaybackProblem(models.Model):
    """Reports by viewers that a published video does not play; one row until it is resolved.

    `cut` is the published cut. `at_seconds` and `user_agent` are those of the first report, so that
    the producer can reproduce the problem.
    """

    video = models.ForeignKey(Video, models.CASCADE, related_name="playback_problems")
    cut = models.ForeignKey(
        Cut, models.SET_NULL, null=True, related_name="+", verbose_name=_("published cut")
    )
    first_reported_at = models.DateTimeField(_("first reported"), auto_now_add=True)
    last_reported_at = models.DateTimeField(_("last reported"), auto_now_add=True)
    reports = models.PositiveIntegerField(_("reports"), default=1)
    at_seconds = ExactDecimalField(_("position in seconds"), null=True)
    stopped = models.BooleanField(
        _("the player stopped"),
        default=False,
        help_text=_("Otherwise it seemed to play, and the viewer reported a problem."),
    )
    user_agent = models.CharField(_("browser"), max_length=200, blank=True)
    resolved_at = models.DateTimeField(_("resolved"), null=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("resolved by"),
    )

    class Meta:
        verbose_name = _("playback problem")
        verbose_name_plural = _("playback problems")
        ordering = ["-first_reported_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["video"],
                condition=Q(resolved_at=None),
                name="audience_one_open_playback_problem",
            )
        ]

    def __str__(self) -> str:
        return _("“%(video)s” does not play") % {"video": self.video}


class ViewQuerySet(models.QuerySet["View"]):
    """Views, by whether they count."""

    def counted(self) -> "ViewQuerySet":
        """The views that count."""
        return self.filter(counted_condition())


class View(models.Model):
    """One playing session of one video by one viewer.

    `contact` is set by imports only; `share_link` is the link that led here. `videos.deals` decides
    from both whom a view belongs to. `ranges` is the union of the played ranges, as sorted
    [start, end] pairs in seconds.

    `counted_at` is when the view reached the minimum of seconds, by the server's clock (an imported
    view: its start); excluded views have one, too. From then on start, share link and flags are
    final, and the viewer once it is set. `identified_at` is when consent attached the viewer; null
    if the viewer was known from the start. `said_no`: the visitor declined before the view was
    counted, so neither link nor viewer names anybody. `key` is a secret of the tab that started the
    view; empty for views without one.
    """

    public_id = PublicIdField(default=new_public_id)
    key = models.CharField(max_length=64, blank=True, default="", editable=False)
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
        help_text=_("When the view reached the minimum of seconds to count."),
    )
    identified_at = models.DateTimeField(
        _("viewer attached"),
        null=True,
        help_text=_("When the visitor agreed to be remembered, after the view started."),
    )
    new_range_at = models.DateTimeField(
        _("last new range"),
        null=True,
        help_text=_("When the latest report with a new range arrived."),
    )
    takes_no_ranges = models.BooleanField(
        _("takes no more ranges"),
        default=False,
        help_text=_("A report would have exceeded the maximum number of ranges."),
    )
    said_no = models.BooleanField(
        _("declined"),
        default=False,
        help_text=_("The visitor declined to be remembered before the view was counted."),
    )
    told_at = models.DateTimeField(
        _("rep notified"), null=True, help_text=_("When the rep of the share link was notified.")
    )
    last_heard_at = models.DateTimeField(_("last report"), null=True)

    objects = ViewQuerySet.as_manager()

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
