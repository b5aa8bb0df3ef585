"""The upload backends: the local disk and S3, behind one interface."""

from typing import Protocol

from videos.media.models import Upload, footage
from videos.media.storage.files import local
from videos.media.uploads.backends.disk import DiskBackend
from videos.media.uploads.backends.s3_multipart import S3MultipartBackend


class UploadBackend(Protocol):
    """Stores the bytes of uploads."""

    def begin(self, upload: Upload) -> None:
        """Prepare for the first byte."""

    def arrived(self, upload: Upload) -> int:
        """The number of bytes that are stored."""

    def discard(self, upload: Upload) -> None:
        """Delete the stored bytes. Safe to call twice."""


BACKENDS: dict[str, UploadBackend] = {
    Upload.Backend.DISK: DiskBackend(),
    Upload.Backend.S3: S3MultipartBackend(),
}


def current_backend() -> str:
    """The name of the backend for new uploads."""
    return Upload.Backend.S3 if local(footage(), "") is None else Upload.Backend.DISK


def backend_of(upload: Upload) -> UploadBackend:
    """The backend of an upload."""
    return BACKENDS[upload.backend]
