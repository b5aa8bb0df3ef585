"""The two places a source arrives at, behind one interface: this machine's disk, and S3."""

from typing import Protocol

from videos.media.models import Upload, footage
from videos.media.receiving.disk import Disk
from videos.media.receiving.multipart import Multipart
from videos.media.sets import local


class Place(Protocol):
    """Where the bytes of an upload go."""

    def begin(self, upload: Upload) -> None:
        """Makes ready for the first byte."""

    def arrived(self, upload: Upload) -> int:
        """How many bytes are there for good."""

    def discard(self, upload: Upload) -> None:
        """Takes away what has arrived; twice is harmless."""


PLACES: dict[str, Place] = {"disk": Disk(), "s3": Multipart()}


def place_now() -> str:
    """The name of the place where new uploads go."""
    return "s3" if local(footage(), "") is None else "disk"


def place_of(upload: Upload) -> Place:
    """The place of this one."""
    return PLACES[upload.place]
