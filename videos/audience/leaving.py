"""Whom the share links of somebody who leaves tell from now on."""

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from studio.people.leaving import Holding, register_holding
from studio.people.models import User
from studio.people.powers import holders_of
from videos.audience.models import ShareLink


def links_that_tell_nobody_else() -> QuerySet[ShareLink]:
    """Share links, but for those whose contact has another colleague's to the same video."""
    others = ShareLink.objects.filter(
        video=OuterRef("video"), contact=OuterRef("contact"), rep__is_active=True
    ).exclude(pk=OuterRef("pk"))
    return ShareLink.objects.filter(~Exists(others))


def hand_over_links(rows: QuerySet[ShareLink], leaver: User, heir: User, by: User) -> None:
    """The heir hears of views through them. Their addresses stay."""
    rows.update(rep=heir)


def register() -> None:
    """Makes the page of who leaves ask for these."""
    register_holding(
        Holding(
            "links",
            _("Share links"),
            links_that_tell_nobody_else,
            "rep",
            hand_over_links,
            lambda users: holders_of("audience.add_sharelink", users),
        )
    )
