"""Companies and contacts, share links, viewers and their views."""

import secrets
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from studio.fields import ExactDecimalField, PublicIdField, new_public_id
from studio.people.addresses import domain_key, email_key, name_key
from studio.people.keys import KeyField
from studio.single_line import SingleLines
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
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class Contact(SingleLines):
    """A person at a buyer's, mirrored from the CRM or entered by hand.

    `created_at` is when the CRM came to know them; unknown for some. `merged_at` is when this
    studio learned that they were merged into somebody; saving keeps it.
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
        ordering = ["name", "email", "pk"]

    def __str__(self) -> str:
        return self.name or self.email or self.public_id

    def save(self, **kwargs: Any) -> None:
        """Keeps when the studio learned of a merge, unless the instant is given with it."""
        if self.merged_into_id or self.merged_at:
            stored = Contact.objects.filter(pk=self.pk).values_list("merged_into", "merged_at")
            was, since = stored.first() or (None, None)
            if self.merged_into_id != was and self.merged_at == since:
                self.merged_at = timezone.now() if self.merged_into_id else None
                if kwargs.get("update_fields") is not None:
                    kwargs["update_fields"] = {*kwargs["update_fields"], "merged_at"}
        super().save(**kwargs)


def new_token() -> str:
    """128 random bits for a share link's address."""
    return secrets.token_urlsafe(16)


def counted_view(prefix: str = "") -> Q:
    """That a view counts: it reached the seconds it takes, and no flag excludes it.

    `prefix` leads to the view from another model, as in `"views__"`.
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
    """Share links, with what became of them."""

    def with_watched(self) -> "ShareLinkQuerySet":
        """Adds `watched`, how many views count, and `last_watched`, when the last one began."""
        counted = counted_view("views__")
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
    told_on = models.DateField(
        _("rep last told"),
        null=True,
        editable=False,
        help_text=_("The studio's day of the last mail that a view through it brought at once."),
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
        help_text=_("Views of this browser that are counted from then on are staff's."),
    )
    created_at = models.DateTimeField(_("first seen"), auto_now_add=True)

    class Meta:
        verbose_name = _("viewer")
        verbose_name_plural = _("viewers")

    def __str__(self) -> str:
        return self.public_id


class ViewQuerySet(models.QuerySet["View"]):
    """Views, by whether they count."""

    def counted(self) -> "ViewQuerySet":
        """The views that count, as it was judged when they reached the seconds it takes."""
        return self.filter(counted_view())


class View(models.Model):
    """One playing session of one video by one viewer.

    `contact` is who an import says it was; `share_link` is the link it came through. Who the
    view belongs to follows from both, see `videos.deals`. `ranges` holds the union of the ranges
    really played, as sorted [start, end] pairs in seconds.

    `counted_at` is when the view reached the seconds it takes to count, by the server's clock (for
    an imported view its start); an excluded view has one too. From then on its start, share link
    and flags are final, and its viewer once it has one. `identified_at` is when a visitor's yes
    attached the viewer; null where the viewer was known from the start. `said_no` is about the time
    before it was counted: then neither link nor viewer names anybody. `key` is known to the tab
    that began the view, and shown nowhere; empty for views begun without one.
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
        help_text=_("When the view first reached the seconds it takes to count."),
    )
    identified_at = models.DateTimeField(
        _("viewer attached"),
        null=True,
        help_text=_("When the visitor agreed to be remembered, after the view had begun."),
    )
    new_range_at = models.DateTimeField(
        _("last new range"),
        null=True,
        help_text=_("When the latest report arrived that brought a range not known before."),
    )
    takes_no_ranges = models.BooleanField(
        _("takes no more ranges"),
        default=False,
        help_text=_("A report would have made more ranges than a view may have."),
    )
    said_no = models.BooleanField(
        _("said no"),
        default=False,
        help_text=_("The visitor did not want to be remembered while the view was not counted."),
    )
    told_at = models.DateTimeField(
        _("rep told"), null=True, help_text=_("When the rep of the share link was told of it.")
    )
    last_heard_at = models.DateTimeField(_("last heard of"), null=True)

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
