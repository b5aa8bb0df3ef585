"""Tells the producer and the uploader how the work on a cut ended: once, and not lost."""

import logging
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import QuerySet
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django_q.tasks import async_task

from studio.people.models import User
from videos.media.failures import FILES_OWN
from videos.media.models import Cut, Job
from videos.media.signals import cut_failed, cut_ready, send
from videos.planning.addresses import video_url

log = logging.getLogger(__name__)

TASK = "videos.media.telling.tell"
# Between an end and the look for those that nobody was told of
LATE = timedelta(minutes=1)
# After this, news are none
OLD = timedelta(days=3)
# Other rooms hear the signal again for so long: their own mails are theirs to send once.
HEARD = timedelta(minutes=10)
ENDED = (Job.State.READY, Job.State.FAILED)


def tell_later(job: Job) -> None:
    """Leave the mail to the queue, when the transaction commits."""
    transaction.on_commit(partial(ask, job.pk))


def ask(job_id: int) -> None:
    """Leave the mail to the queue; one that is away is asked again by the upkeep."""
    try:
        async_task(TASK, job_id)
    except Exception:  # of whichever broker
        log.warning("people are told later how job %s ended", job_id, exc_info=True)


def tell(job_id: int) -> None:
    """Mail how a job ended, however often it is asked. A mail that is not kept is tried again."""
    try:
        with transaction.atomic():
            untold = Job.objects.filter(pk=job_id, state__in=ENDED, told_at=None)
            if not untold.update(told_at=now()):
                return
            jobs = Job.objects.select_related("cut__video__producer", "cut__uploaded_by")
            job = jobs.get(pk=job_id)
            for person in interested_in(job):
                send_mail(*message(job), None, [person.email])
    except OSError as trouble:  # of a transport that is used without the outbox
        log.warning("the mail server does not take it, job %s is told later: %s", job_id, trouble)


def interested_in(job: Job) -> list[User]:
    """Producer and uploader, each once; nobody for what nobody asked for, or is removed."""
    if job.kind != "full" or job.cut.removed_at:
        return []
    people = [job.cut.video.producer, job.cut.uploaded_by]
    return [person for person in dict.fromkeys(people) if person and person.is_active]


def message(job: Job) -> tuple[str, str]:
    """Subject and text of the mail."""
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
    return " ".join(subject.split()), text


def text_for(code: str) -> str:
    """The text of the mail about a failure, by its code."""
    if code in FILES_OWN:
        return refused()
    return not_found() if code == "source_gone" else failed()


def failed() -> str:
    """The text of the mail about a cut that came to nothing."""
    return _(
        "%(Cut)s of “%(video)s” could not be made ready to watch.\n"
        "\n"
        "%(reason)s\n"
        "\n"
        "What you uploaded is kept. Try again, or upload another file: %(url)s\n"
    )


def refused() -> str:
    """The text where trying again cannot help."""
    return _(
        "%(Cut)s of “%(video)s” could not be made ready to watch.\n"
        "\n"
        "%(reason)s\n"
        "\n"
        "Upload another file, and remove this one: %(url)s\n"
    )


def not_found() -> str:
    """The text where nobody knows whether what was uploaded is kept."""
    return _(
        "%(Cut)s of “%(video)s” could not be made ready to watch.\n"
        "\n"
        "%(reason)s\n"
        "\n"
        "Try again, or upload the file once more: %(url)s\n"
    )


def untold() -> QuerySet[Job]:
    """Jobs that ended a while ago, and nobody was told. Of a removed cut nobody needs to be."""
    moment = now()
    ended = Job.objects.filter(state__in=ENDED, told_at=None, cut__removed_at=None)
    return ended.filter(ended_at__lt=moment - LATE, ended_at__gt=moment - OLD)


def tell_the_untold() -> None:
    """What a worker that was killed at its last step, or a mail server, left unsaid."""
    for job in untold().select_related("cut__video", "cut__current_set"):
        log.info("nobody was told yet how job %s ended", job.pk)
        if job.kind == "full" and job.ended_at and job.ended_at > now() - HEARD:
            hear_again(job)
        ask(job.pk)


def hear_again(job: Job) -> None:
    """Other rooms hear once more how a cut is, unless something else became of it."""
    if job.state == Job.State.READY and job.cut.state == Cut.State.READY:
        send(cut_ready, job.cut)
    elif job.state == Job.State.FAILED and job.cut.state == Cut.State.FAILED:
        send(cut_failed, job.cut)
