"""Builds media URLs; adds a signed token for private rendition sets."""

from functools import cached_property
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse

from studio.people.models import User
from videos.media.access import AnyUser, is_for_anyone, may_play
from videos.media.delivery.tokens import token_for
from videos.media.models import Caption, PublicCaption, RenditionSet


class MediaUrls:
    """The URLs of a rendition set for one user."""

    def __init__(self, renditions: RenditionSet, user: AnyUser) -> None:
        self.renditions = renditions
        self.user = user

    @cached_property
    def token(self) -> str:
        """The user's token; empty if the set is public or the user may not play it."""
        user, renditions = self.user, self.renditions
        if (
            is_for_anyone(renditions)
            or not isinstance(user, User)
            or not may_play(user, renditions)
        ):
            return ""
        return token_for(user, renditions.key)

    def url(self, path: str) -> str:
        """The URL of a file of the set."""
        if not self.token:
            return self.renditions.url(path)
        key = self.renditions.key
        return reverse("media_signed", kwargs={"key": key, "token": self.token, "path": path})

    @property
    def master_url(self) -> str:
        return self.url(self.renditions.master)

    @property
    def poster_url(self) -> str:
        return self.url(self.renditions.shown_poster)

    @property
    def storyboard_url(self) -> str:
        return self.url(self.renditions.storyboard)

    @property
    def is_elsewhere(self) -> bool:
        """Whether the files are on another origin (a CDN), so that captions need CORS."""
        return bool(settings.CDN_URL) and self.renditions.is_public

    def captions_url(self, caption: Caption | PublicCaption) -> str:
        """The URL of captions. Never on the CDN, as they change while a CDN caches them."""
        draft = "draft/" if isinstance(caption, Caption) else ""
        path = f"captions/{draft}{caption.language}.vtt"
        url = self.url(path)
        return url.removeprefix(settings.CDN_URL) if self.is_elsewhere else url


def absolute(url: str) -> str:
    """The absolute form of a URL."""
    return urljoin(f"{settings.BASE_URL}/", url)
