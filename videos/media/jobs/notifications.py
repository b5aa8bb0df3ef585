"""Mails the producer and the uploader the outcome of a job, exactly once."""

import logging
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django_q.tasks import async_task

from studio.people.mail import Message, mail_user
from studio.people.models import User
from videos.media.models import Cut, Job
from videos.media.signals import cut_failed, cut_ready, send
from videos.media.transcoding.failures import FILES_OWN
from videos.planning.next_step.loading import next_step_text
from videos.planning.urls_for import video_url

log = logging.getLogger(__name__)

TASK = "videos.media.jobs.notifications.tell"
# How long after a job's end a missing notification counts as missed
LATE = timedelta(minutes=1)
# After this, a notification is not worth sending
OLD = timedelta(days=3)
# How long the signal is sent again: receivers make sure to act on it once
HEARD = timedelta(minutes=10)


def notify_on_commit(job: Job) -> None:
    """Queue the mail when the transaction commits."""
    transaction.on_commit(partial(ask, job.pk))


def ask(job_id: int) -> None:
    """Queue the mail. If the queue is not reachable, `send_missed_notifications` does it."""
    try:
        async_task(TASK, job_id)
    except Exception:  # of whichever broker
        log.warning("the notification about job %s is sent later", job_id, exc_info=True)


def tell(job_id: int) -> None:
    """Mail the outcome of a job, once however often it is called. Retried if mail fails."""
    try:
        with transaction.atomic():
            untold = Job.objects.filter(pk=job_id, state__in=Job.ENDED, notified_at=None)
            if not untold.update(notified_at=now()):
                return
            jobs = Job.objects.select_related("cut__video__producer", "cut__uploaded_by")
            job = jobs.get(pk=job_id)
            for person in interested_in(job):
                mail_user(person, partial(message, job))
    except OSError as trouble:  # a mail backend other than the outbox
        log.warning("mail about job %s failed and is sent later: %s", job_id, trouble)


def interested_in(job: Job) -> list[User]:
    """Who to mail: producer and uploader. Nobody for other kinds of jobs or removed cuts."""
    if job.kind != Job.Kind.FULL or job.cut.removed_at:
        return []
    people = [job.cut.video.producer, job.cut.uploaded_by]
    return [person for person in dict.fromkeys(people) if person and person.is_active]


def message(job: Job) -> Message:
    """The mail about a job that ended."""
    cut = job.cut
    words = {
        "video": cut.video.title,
        "Cut": cut.title,
        "cut": cut.called,
        "reason": job.reason,
        "url": f"{settings.BASE_URL}{video_url(cut.video)}#cut-{cut.pk}",
    }
    if job.state == Job.State.READY:
        subject = _("“%(video)s”, %(cut)s is ready to watch") % words
        text = _("%(Cut)s of “%(video)s” is ready to watch: %(url)s\n") % words
    else:
        subject = _("“%(video)s”, %(cut)s could not be made ready") % words
        text = text_for(job.failure) % words
    return Message(subject, f"{text}\n{next_step_text(cut.video)}\n")


def text_for(code: str) -> str:
    """The text of the mail about a failure, by its code."""
    if code in FILES_OWN:
        return refused()
    return not_found() if code == "source_gone" else failed()


def failed() -> str:
    """The text of the mail about a failed cut."""
    return _(
        "%(Cut)s of “%(video)s” could not be made ready to watch.\n"
        "\n"
        "%(reason)s\n"
        "\n"
        "The uploaded file is kept. Try again, or upload another file: %(url)s\n"
    )


def refused() -> str:
    """The text of the mail if a retry cannot help."""
    return _(
        "%(Cut)s of “%(video)s” could not be made ready to watch.\n"
        "\n"
        "%(reason)s\n"
        "\n"
        "Upload another file, and remove this one: %(url)s\n"
    )


def not_found() -> str:
    """The text of the mail if the uploaded file was not found."""
    return _(
        "%(Cut)s of “%(video)s” could not be made ready to watch.\n"
        "\n"
        "%(reason)s\n"
        "\n"
        "Try again, or upload the file once more: %(url)s\n"
    )


def untold() -> QuerySet[Job]:
    """Ended jobs without a notification, except those of removed cuts."""
    moment = now()
    ended = Job.objects.filter(state__in=Job.ENDED, notified_at=None, cut__removed_at=None)
    return ended.filter(ended_at__lt=moment - LATE, ended_at__gt=moment - OLD)


def send_missed_notifications() -> None:
    """Send the notifications that a killed worker or a mail failure left out."""
    for job in untold().select_related("cut__video", "cut__current_set"):
        log.info("the notification about job %s was missed", job.pk)
        if job.kind == Job.Kind.FULL and job.ended_at and job.ended_at > now() - HEARD:
            resend_signal(job)
        ask(job.pk)


def resend_signal(job: Job) -> None:
    """Send the signal of an ended job again, if it still describes the cut."""
    if job.state == Job.State.READY and job.cut.state == Cut.State.READY:
        send(cut_ready, job.cut)
    elif job.state == Job.State.FAILED and job.cut.state == Cut.State.FAILED:
        send(cut_failed, job.cut)
