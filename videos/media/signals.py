"""Signals about cuts, sent after the commit with the argument `cut`.

They may be sent twice: again after a worker was killed at its last step.
"""

import logging

from django.dispatch import Signal

from videos.media.models import Cut

log = logging.getLogger(__name__)

cut_ready = Signal()
cut_failed = Signal()


def send(signal: Signal, cut: Cut) -> None:
    """Send a signal. Errors in receivers are logged."""
    for receiver, answer in signal.send_robust(sender=Cut, cut=cut):
        if isinstance(answer, Exception):
            log.error("cut %s: the receiver %r failed", cut.pk, receiver, exc_info=answer)
