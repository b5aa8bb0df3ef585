"""Wagtail's pictures and documents in a bucket, reached through our own addresses."""

from typing import Any

from django.conf import settings
from django.utils.encoding import filepath_to_uri
from storages.backends.s3 import S3Storage


class LibraryStorage(S3Storage):
    """A bucket that nobody but the studio reaches.

    django-storages would give signed addresses of the bucket, which expire in pages that are kept
    and need an exception in the policy of every page. The view of the pictures serves them.
    """

    def url(self, name: str, *args: Any, **kwargs: Any) -> str:
        return f"{settings.MEDIA_URL}{filepath_to_uri(name)}"
