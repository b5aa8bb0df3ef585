"""Captions by machine: whether the studio offers them, and who asks.

Off unless WHISPER_MODEL names the folder of a model. It is one more kind of job, with the care that
all jobs get; its words are marked as a machine's until a person has saved them. See `hearing.py`.
"""

from django.conf import settings
from django.db import IntegrityError, transaction

from videos.media.acts import OPEN
from videos.media.models import Cut, Job
from videos.media.tasks import enqueue

KIND = "words"


def is_offered(cut: Cut) -> bool:
    """Whether a machine could caption this cut: the studio has one, and there is sound."""
    return bool(settings.WHISPER_MODEL and cut.current_set and cut.facts.get("sound"))


def under_way(cut: Cut) -> Job | None:
    """The job that listens to a cut now, if any."""
    return cut.jobs.filter(kind=KIND, state__in=OPEN).first()


def ask(cut: Cut) -> bool:
    """Have a machine caption a cut. False if one is at it, or there is nothing to hear."""
    if not is_offered(cut):
        return False
    try:
        with transaction.atomic():
            enqueue(Job.objects.create(cut=cut, kind=KIND))
    except IntegrityError:
        return False
    return True
