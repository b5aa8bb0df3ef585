"""Automatic captions: whether they are offered, and requests for them.

Off unless WHISPER_MODEL is the folder of a model. The captions are marked as automatic until a
person saves them. `transcription.py` makes them.
"""

from django.conf import settings

from videos.media.jobs.actions import begin
from videos.media.models import Cut, Job

KIND = Job.Kind.CAPTIONS


def is_offered(cut: Cut) -> bool:
    """Whether automatic captions are set up, and the cut has sound."""
    return bool(settings.WHISPER_MODEL and cut.current_set and cut.source_info.get("sound"))


def ask(cut: Cut) -> bool:
    """Queue automatic captions; returns False if they are being made or not offered."""
    return is_offered(cut) and begin(cut, KIND)
