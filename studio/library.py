"""Storage of Wagtail's images and documents in a bucket, and pages with broken images."""

import logging
import struct
from collections.abc import Callable
from functools import wraps
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.utils.encoding import filepath_to_uri
from PIL import Image
from storages.backends.s3 import S3Storage

log = logging.getLogger(__name__)

# Errors of a damaged image file, a full disk, or a storage that is down
BROKEN = (
    OSError,
    EOFError,
    SyntaxError,
    ValueError,
    ArithmeticError,
    struct.error,
    Image.DecompressionBombError,
    BotoCoreError,
    ClientError,
)


class LibraryStorage(S3Storage):
    """A private bucket whose files are served by the studio's own views.

    django-storages would return signed URLs of the bucket, which expire in cached pages and need an
    exception in the policy of every page.
    """

    def url(self, name: str, *args: Any, **kwargs: Any) -> str:
        return f"{settings.MEDIA_URL}{filepath_to_uri(name)}"


def let_pages_bear_broken_pictures() -> None:
    """Show a missing image instead of failing the page if a rendition cannot be made.

    Wagtail does so if a file is missing, but not if it is damaged or the disk is full.
    """
    from wagtail.images.exceptions import InvalidFilterSpecError
    from wagtail.images.models import AbstractImage, SourceImageIOError

    def missed(make: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(make)
        def made(image: Any, *filters: Any) -> Any:
            try:
                return make(image, *filters)
            except (SourceImageIOError, InvalidFilterSpecError):
                raise
            except BROKEN as failure:
                log.warning("no size of picture %s can be made", image.pk, exc_info=True)
                raise SourceImageIOError(str(failure)) from failure

        return made

    AbstractImage.create_rendition = missed(AbstractImage.create_rendition)
    AbstractImage.create_renditions = missed(AbstractImage.create_renditions)
