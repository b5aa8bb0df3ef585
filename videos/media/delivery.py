"""The addresses of a set's files for one person: open ones, or such as carry their leave."""

from functools import cached_property
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse

from studio.people.models import User
from videos.media.access import Someone, may_play
from videos.media.models import Caption, PublicCaption, RenditionSet
from videos.media.sets import is_for_anyone
from videos.media.signing import token_for


class Delivery:
    """Where a player finds what it plays."""

    def __init__(self, renditions: RenditionSet, user: Someone) -> None:
        self.renditions = renditions
        self.user = user

    @cached_property
    def token(self) -> str:
        """The user's leave; empty where none is needed, or none given."""
        user, renditions = self.user, self.renditions
        if (
            is_for_anyone(renditions)
            or not isinstance(user, User)
            or not may_play(user, renditions)
        ):
            return ""
        return token_for(user, renditions.key)

    def url(self, path: str) -> str:
        """The address of one file of the set."""
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
        """Whether the browser has to ask another site, whose tracks it reads only with CORS."""
        return bool(settings.CDN_URL) and self.renditions.is_public

    def captions_url(self, caption: Caption | PublicCaption) -> str:
        """The address of captions, always our own: they change while a CDN keeps what it has."""
        draft = "draft/" if isinstance(caption, Caption) else ""
        path = f"captions/{draft}{caption.language}.vtt"
        url = self.url(path)
        return url.removeprefix(settings.CDN_URL) if self.is_elsewhere else url


def absolute(url: str) -> str:
    """An address for the outside, where a relative one means nothing."""
    return urljoin(f"{settings.BASE_URL}/", url)
