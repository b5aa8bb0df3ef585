"""The first set: one small rendition, ready to watch long before the full set. Pure decisions.

It costs about one decode of the source. The full set of a long source reuses its sound and its
storyboard.
"""

from videos.media.transcoding.ladder import Rung, ladder
from videos.media.transcoding.source_info import SourceInfo

SHORT_SIDE = 480
# Pixels of one second of 1080p at 30 frames a second
REFERENCE_PIXELS = 1920 * 1080 * 30


def work_seconds(info: SourceInfo) -> float:
    """The work of encoding a source, in seconds of 1080p at 30 frames a second."""
    return info.seconds * info.width * info.height * float(info.constant_rate) / REFERENCE_PIXELS


def is_wanted(info: SourceInfo, threshold: float) -> bool:
    """Whether the full set takes so long that a small one is made first.

    That depends on the work, not on the length: 30 s of 2160p at 60 frames a second take as long as
    four minutes of 1080p. A `threshold` of 0 means never.
    """
    return 0 < threshold <= work_seconds(info)


def first_rungs(info: SourceInfo) -> list[Rung]:
    """The one rendition of a first set: the largest of the ladder that is no larger than 480p."""
    full = ladder(info.width, info.height, float(info.constant_rate))
    small = [rung for rung in full if min(rung.width, rung.height) <= SHORT_SIDE]
    return small[:1] or full[-1:]
