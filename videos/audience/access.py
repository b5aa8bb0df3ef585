"""Who may see and do what with share links, views and contacts."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from studio.people.models import User
from videos.audience.models import ShareLink, ShareLinkQuerySet, View

AnyUser = User | AnonymousUser


def may_share(user: AnyUser) -> bool:
    """Whether the user may create share links."""
    return user.has_perm("audience.add_sharelink")


def may_resolve(user: AnyUser) -> bool:
    """Whether the user may mark a playback problem as solved."""
    return user.has_perm("audience.change_playbackproblem")


def may_see_contacts(user: AnyUser) -> bool:
    """Whether the user may open contacts' pages."""
    return user.has_perm("audience.view_contact")


def may_name_contacts(user: AnyUser) -> bool:
    """Whether the user may search for contacts by name."""
    return may_see_contacts(user) or user.has_perm("audience.view_every_view")


def may_name_companies(user: AnyUser) -> bool:
    """Whether the user may search for companies by name."""
    return user.has_perm("audience.view_company")


def visible_links(user: AnyUser) -> ShareLinkQuerySet:
    """The share links that the user may see: all, or their own."""
    if user.has_perm("audience.view_every_sharelink"):
        return ShareLink.objects.all()
    if user.has_perm("audience.view_sharelink"):
        return ShareLink.objects.filter(rep=user.pk)
    return ShareLink.objects.none()


def visible_views(user: AnyUser) -> QuerySet[View]:
    """The views that the user may see: all, or those through their own share links."""
    if user.has_perm("audience.view_every_view"):
        return View.objects.all()
    if user.has_perm("audience.view_view"):
        return View.objects.filter(share_link__rep=user.pk)
    return View.objects.none()
