"""Captions by machine: whether the studio offers them, and who asks.

Off unless WHISPER_MODEL names the folder of a model. It is one more kind of job, with the care that
all jobs get; its words are marked as a machine's until a person has saved them. See `hearing.py`.
"""

from django.conf import settings

from videos.media.acts import begin
from videos.media.models import Cut

KIND = "words"


def is_offered(cut: Cut) -> bool:
    """Whether a machine could caption this cut: the studio has one, and there is sound."""
    return bool(settings.WHISPER_MODEL and cut.current_set and cut.facts.get("sound"))


def ask(cut: Cut) -> bool:
    """Have a machine caption a cut. False if one is at it, or there is nothing to hear."""
    return is_offered(cut) and begin(cut, KIND)
