"""The first set: one small rendition with everything around it, to be watched long before the full.

It costs about one decode of the source; the full set of a long one takes its sound, its poster and
its storyboard over.
"""

from videos.media.facts import Facts
from videos.media.ladder import Rung, ladder

SHORT_SIDE = 480
# What a second of work is: a second of 1080p at 30 frames
USUAL_PIXELS = 1920 * 1080 * 30


def work_seconds(facts: Facts) -> float:
    """How much there is to encode, in seconds of 1080p at 30 frames a second."""
    return facts.seconds * facts.width * facts.height * float(facts.constant_rate) / USUAL_PIXELS


def is_wanted(facts: Facts, threshold: float) -> bool:
    """Whether people would wait so long for the full set that a small one comes first.

    By the work, not by the length: 30 s of 2160p at 60 frames keep a machine as busy as four
    minutes of 1080p. A `threshold` of 0 means never.
    """
    return 0 < threshold <= work_seconds(facts)


def rungs(facts: Facts) -> list[Rung]:
    """The one rendition of a first set: the largest of the ladder that is no larger than 480p."""
    all_of_them = ladder(facts.width, facts.height, float(facts.constant_rate))
    small = [rung for rung in all_of_them if min(rung.width, rung.height) <= SHORT_SIDE]
    return small[:1] or all_of_them[-1:]
