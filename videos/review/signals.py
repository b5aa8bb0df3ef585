"""What follows a verdict, and a cut that is ready: mail, after the commit."""

from functools import partial

from django.db import transaction
from django.dispatch import receiver
from django_q.tasks import async_task

from videos.media.models import Cut
from videos.media.signals import cut_ready
from videos.review.approvals import verdict_given
from videos.review.models import Verdict


@receiver(verdict_given, dispatch_uid="review.tell_verdict")
def tell_verdict(sender: type[Verdict], verdict: Verdict, **kwargs: object) -> None:
    """Leaves the mail to the queue."""
    transaction.on_commit(partial(async_task, "videos.review.tasks.tell_verdict", verdict.pk))


@receiver(cut_ready, dispatch_uid="review.ask_reviewers")
def ask_reviewers(sender: type[Cut], cut: Cut, **kwargs: object) -> None:
    """Leaves the mails to the queue."""
    transaction.on_commit(partial(async_task, "videos.review.tasks.ask_reviewers", cut.pk))
