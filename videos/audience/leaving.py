"""Handing over the share links of somebody who leaves."""

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from studio.people.access import holders_of
from studio.people.leaving import Holding, register_holding
from studio.people.models import User
from videos.audience.models import ShareLink


def links_to_hand_over() -> QuerySet[ShareLink]:
    """Share links, except where an active colleague has one to the same video and contact."""
    others = ShareLink.objects.filter(
        video=OuterRef("video"), contact=OuterRef("contact"), rep__is_active=True
    ).exclude(pk=OuterRef("pk"))
    return ShareLink.objects.filter(~Exists(others))


def hand_over_links(rows: QuerySet[ShareLink], leaver: User, heir: User, by: User) -> None:
    """The successor is notified of views from now on. The URLs do not change."""
    rows.update(rep=heir)


def register() -> None:
    """Register the share links with the page for people who leave."""
    register_holding(
        Holding(
            "links",
            _("Share links"),
            links_to_hand_over,
            "rep",
            hand_over_links,
            lambda users: holders_of("audience.add_sharelink", users),
        )
    )
