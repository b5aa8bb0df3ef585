"""Who may see and do what with one share link or view."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from studio.people.models import User
from videos.audience.models import ShareLink, ShareLinkQuerySet, View

Someone = User | AnonymousUser


def may_share(user: Someone) -> bool:
    """Whether the user may make share links."""
    return user.has_perm("audience.add_sharelink")


def may_see_contacts(user: Someone) -> bool:
    """Whether the user may open a contact's page."""
    return user.has_perm("audience.view_contact")


def visible_links(user: Someone) -> ShareLinkQuerySet:
    """The share links that the user may see: everyone's, or their own."""
    if user.has_perm("audience.view_every_sharelink"):
        return ShareLink.objects.all()
    if user.has_perm("audience.view_sharelink"):
        return ShareLink.objects.filter(rep=user.pk)
    return ShareLink.objects.none()


def visible_views(user: Someone) -> QuerySet[View]:
    """The views that the user may see: all, or those through their own share links."""
    if user.has_perm("audience.view_every_view"):
        return View.objects.all()
    if user.has_perm("audience.view_view"):
        return View.objects.filter(share_link__rep=user.pk)
    return View.objects.none()
