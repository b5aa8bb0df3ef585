"""Collection of static files: hashed names, and compression of those that visitors load."""

from collections.abc import Iterable, Iterator

from django.conf import settings
from whitenoise.storage import CompressedManifestStaticFilesStorage

PUBLIC = ("audience/", "player/", "publishing/")  # files loaded by public pages


class StudioStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """WhiteNoise's storage that can compress only the files of public pages.

    Most files are Wagtail's; compressing them takes half a minute of CPU, too long for trying the
    studio on a laptop, where loading is fast anyway.
    """

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        if settings.STATIC_COMPRESSION == "public":
            paths = [path for path in paths if path.startswith(PUBLIC)]
        yield from super().compress_files(paths)
