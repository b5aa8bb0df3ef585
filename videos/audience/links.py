"""Creates share links and the mail text to send them with."""

from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.log_actions import log

from studio.people.models import User
from videos.audience.contacts import canonical_contact
from videos.audience.models import Contact, ShareLink, ShareLinkQuerySet
from videos.audience.public import public_page, visibility_of_video
from videos.planning.models import Video
from videos.publishing.models import VideoPage


class VideoNotPublic(ValidationError):
    """The video has no public page, so nobody could watch it."""

    def __init__(self, video: Video) -> None:
        text = _("“%(title)s” has no public page yet. Ask its producer to publish it first.")
        super().__init__(text, "video_not_public", {"title": video.title})


def share(video: Video, contact: Contact, *, by: User) -> ShareLink:
    """Return the rep's link to a video for a contact; created if there is none.

    Raises VideoNotPublic.
    """
    if public_page(video) is None:
        raise VideoNotPublic(video)
    with transaction.atomic():
        link, made = ShareLink.objects.get_or_create(
            video=video, contact=canonical_contact(contact), rep=by
        )
        if made:
            log(link, "wagtail.create", user=by)
    return link


def absolute_url(link: ShareLink) -> str:
    """The absolute URL of a share link."""
    return f"{settings.BASE_URL}{link.get_absolute_url()}"


def mail_text(link: ShareLink) -> str:
    """The text of a short mail with the link."""
    words = {
        "name": link.contact.name,
        "title": link.video.title,
        "url": absolute_url(link),
        "rep": str(link.rep),
    }
    greeting = _("Hello %(name)s,") if link.contact.name else _("Hello,")
    body = _("here is a video that answers your question: “%(title)s”")
    parts = [greeting % words, body % words, words["url"]]
    if visibility_of_video(link.video).password:
        parts.append(_("You need a password to watch it. I am sending it to you separately."))
    return "\n\n".join([*parts, words["rep"]])


def mailto_url(link: ShareLink) -> str:
    """A `mailto:` URL with subject and text filled in; "" if the contact has no address."""
    if not link.contact.email:
        return ""
    to = quote(link.contact.email, safe="@")
    return f"mailto:{to}?subject={quote(link.video.title)}&body={quote(mail_text(link))}"


def retirement_warning(page: VideoPage) -> str:
    """What retiring a page means for the share links to it; "" if there are none."""
    count = ShareLink.objects.filter(video=page.video_id).count()
    if not count:
        return ""
    return ngettext(
        "%(count)d share link leads to this video. People who open it will see that the video is"
        " no longer available, and which rep to ask. It works again if you publish it again.",
        "%(count)d share links lead to this video. People who open one will see that the video is"
        " no longer available, and which rep to ask. They work again if you publish it again.",
        count,
    ) % {"count": count}


def recently_watched(rep: User, limit: int = 5) -> ShareLinkQuerySet:
    """The rep's watched links, the latest first, with `watched` and `last_watched`."""
    watched = ShareLink.objects.filter(rep=rep).with_watched().filter(Q(watched__gt=0))
    related = watched.select_related("video", "contact__company")
    return related.order_by(F("last_watched").desc(), "pk")[:limit]
