"""Metadata of a video page for other sites: Open Graph and schema.org."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.html import format_html
from django.utils.html import json_script as plain_json_script
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from videos.media.delivery.urls_for import absolute
from videos.media.models import RenditionSet
from videos.publishing.presentation.posters import poster_url

if TYPE_CHECKING:
    from videos.publishing.models import VideoPage

MAX_DESCRIPTION = 200  # characters


@dataclass(frozen=True)
class PageMetadata:
    """The metadata of a page. URLs are absolute."""

    title: str
    description: str
    url: str
    image: str
    image_width: int
    image_height: int
    json_ld: dict[str, Any] = field(default_factory=dict)

    @property
    def script(self) -> SafeString:
        """The schema.org data: a block that no browser runs."""
        body = plain_json_script(self.json_ld).partition(">")[2].rpartition("<")[0]
        return format_html('<script type="application/ld+json">{}</script>', SafeString(body))


def page_metadata(page: VideoPage, shown: RenditionSet | None) -> PageMetadata:
    """The metadata of a page."""
    video = page.video
    url = page.full_url or settings.BASE_URL
    description = page.search_description or Truncator(page.summary).chars(MAX_DESCRIPTION)
    if shown and not shown.is_public:
        shown = None  # not for others to fetch
    image = absolute(poster_url(shown, 960)) if shown else ""
    width = min(960, shown.width) if shown else 0
    height = round(width * shown.height / shown.width) if shown else 0
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "VideoObject",
        "name": page.seo_title or page.title,
        "description": description or page.title,
        "url": url,
    }
    if shown:
        data["thumbnailUrl"] = [image]
        data["contentUrl"] = absolute(shown.master_url)
        data["duration"] = f"PT{round(shown.seconds)}S"
    if video.published_at:
        data["uploadDate"] = video.published_at.isoformat()
    return PageMetadata(
        title=page.seo_title or page.title,
        description=description,
        url=url,
        image=image,
        image_width=width,
        image_height=height,
        json_ld=data,
    )
