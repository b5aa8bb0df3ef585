"""Where the audience's pages are, for every room."""

from urllib.parse import urlencode

from django.urls import reverse

from videos.audience.models import Company, Contact, ShareLink
from videos.planning.models import Video


def company_url(company: Company) -> str:
    """The page of a company."""
    return reverse("audience_companies:inspect", args=[company.pk])


def contact_url(contact: Contact) -> str:
    """The page of a contact, with their share links and views."""
    return reverse("audience_contacts:inspect", args=[contact.pk])


def link_url(link: ShareLink) -> str:
    """The page of a share link, with the text to send it with."""
    return reverse("audience_share_links:inspect", args=[link.pk])


def share_url(*, video: Video | None = None, contact: Contact | None = None) -> str:
    """The form that makes a share link, filled in as far as known."""
    known = {
        "video": video.public_id if video else "",
        "contact": contact.public_id if contact else "",
    }
    query = urlencode({name: value for name, value in known.items() if value})
    address = reverse("audience_share_links:add")
    return f"{address}?{query}" if query else address


def views_url(*, video: Video | None = None, contact: Contact | None = None) -> str:
    """The list of views, of a video or a contact."""
    known = {"video": video.pk if video else "", "contact": contact.pk if contact else ""}
    query = urlencode({name: value for name, value in known.items() if value})
    address = reverse("audience_views:index")
    return f"{address}?{query}" if query else address
