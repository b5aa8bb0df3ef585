"""Makes share links, the text to send them with, and tells which were watched."""

from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from studio.people.models import User
from videos.audience.contacts import standing
from videos.audience.models import Contact, ShareLink, ShareLinkQuerySet
from videos.audience.public import public_page, reach
from videos.planning.models import Video


class VideoNotPublic(ValidationError):
    """Nobody could watch the video, so that no link leads to it."""

    def __init__(self, video: Video) -> None:
        text = _("“%(title)s” has no public page yet. Ask its producer to publish it first.")
        super().__init__(text, "video_not_public", {"title": video.title})


def share(video: Video, contact: Contact, *, by: User) -> ShareLink:
    """The link of this rep to the video for the contact: one, however often it is asked for.

    Raises VideoNotPublic.
    """
    if public_page(video) is None:
        raise VideoNotPublic(video)
    with transaction.atomic():
        link, made = ShareLink.objects.get_or_create(video=video, contact=standing(contact), rep=by)
        if made:
            log(link, "wagtail.create", user=by)
    return link


def address(link: ShareLink) -> str:
    """The whole address of a share link, as one sends it."""
    return f"{settings.BASE_URL}{link.get_absolute_url()}"


def mail_text(link: ShareLink) -> str:
    """A short mail that hands the link over, ready to paste."""
    words = {
        "name": link.contact.name,
        "title": link.video.title,
        "url": address(link),
        "rep": str(link.rep),
    }
    greeting = _("Hello %(name)s,") if link.contact.name else _("Hello,")
    body = _("here is our answer to your question, on video: “%(title)s”")
    parts = [greeting % words, body % words, words["url"]]
    if reach(link.video).password:
        parts.append(_("It asks for a password, which I send you in a message of its own."))
    return "\n\n".join([*parts, words["rep"]])


def mail_address(link: ShareLink) -> str:
    """A `mailto:` address that opens the rep's mail program with the text; "" without e-mail."""
    if not link.contact.email:
        return ""
    to = quote(link.contact.email, safe="@")
    return f"mailto:{to}?subject={quote(link.video.title)}&body={quote(mail_text(link))}"


def recently_watched(rep: User, limit: int = 5) -> ShareLinkQuerySet:
    """The rep's links that were watched, the latest first, with `watched` and `last_watched`."""
    watched = ShareLink.objects.filter(rep=rep).with_watched().filter(Q(watched__gt=0))
    related = watched.select_related("video", "contact__company")
    return related.order_by(F("last_watched").desc(), "pk")[:limit]
