"""The sizes and the length beyond which a source is refused."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from videos.media.errors import SourceRefused
from videos.media.transcoding.source_info import SourceInfo

MIN_SIDE, MAX_SIDE = 16, 8192  # pixels
MAX_SOURCE_SECONDS = 12 * 3600


def refuse_size(width: int, height: int) -> None:
    """Raises SourceRefused for a picture that is too small or too large."""
    if min(width, height) < MIN_SIDE or max(width, height) > MAX_SIDE:
        raise SourceRefused(
            _("The picture measures %(width)d × %(height)d pixels: it is too small or too large.")
            % {"width": width, "height": height}
        )


def refuse_length(info: SourceInfo) -> None:
    """Raises SourceRefused for a video that is longer than MAX_SOURCE_SECONDS."""
    if info.seconds > MAX_SOURCE_SECONDS:
        hours = MAX_SOURCE_SECONDS // 3600
        raise SourceRefused(
            ngettext(
                "The video is longer than %(hours)d hour.",
                "The video is longer than %(hours)d hours.",
                hours,
            )
            % {"hours": hours}
        )
