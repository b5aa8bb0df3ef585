"""What other rooms hear of: sent after the commit, with `cut`.

A receiver may hear the same twice: after a worker was killed at its last step, it is said again.
"""

import logging

from django.dispatch import Signal

from videos.media.models import Cut

log = logging.getLogger(__name__)

cut_ready = Signal()
cut_failed = Signal()


def send(signal: Signal, cut: Cut) -> None:
    """Tell other rooms. What goes wrong there is logged, and takes nothing back here."""
    for receiver, answer in signal.send_robust(sender=Cut, cut=cut):
        if isinstance(answer, Exception):
            log.error("cut %s: %r could not hear it", cut.pk, receiver, exc_info=answer)
