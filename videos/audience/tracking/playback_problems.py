"""Reports by viewers that a video does not play, and the mail to its producer.

A video has at most one open problem, however many viewers report it. Only the first report is
mailed, so that nobody can flood the producer. Once the problem is resolved, the next report opens
a new one.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.timezone import now
from django.utils.translation import gettext as _

from studio.formats.plain_numbers import NumberRefused, read_number
from studio.people.mail import Message, mail_user
from studio.people.models import User
from studio.people.roles import Role
from videos.audience.models import PlaybackProblem
from videos.audience.public import watchable_videos
from videos.planning.models import Video
from videos.planning.urls_for import video_url

MAX_USER_AGENT_LENGTH = 200
MAX_SECONDS = Decimal(10**6)  # longer than any video


@dataclass(frozen=True, slots=True)
class ProblemReport:
    """One report: the video, the position in it, and the browser."""

    video: str
    at_seconds: Decimal | None
    stopped: bool
    user_agent: str


def parse_problem_report(sent: Mapping[str, str], user_agent: str) -> ProblemReport:
    """Parse the data of a form; a position that is no number is ignored."""
    return ProblemReport(
        video=sent.get("video", ""),
        at_seconds=parse_seconds(sent.get("at", "")),
        stopped=sent.get("stopped") == "1",
        user_agent=" ".join(user_agent.split())[:MAX_USER_AGENT_LENGTH],
    )


def parse_seconds(text: str) -> Decimal | None:
    """A position in a video as a browser sends it; None if it is not valid."""
    try:
        at = read_number(text)
    except NumberRefused:
        return None
    return at if 0 <= at <= MAX_SECONDS else None


def report_problem(report: ProblemReport, at: dt.datetime) -> PlaybackProblem | None:
    """Save a report, and mail the producer if it is the first one.

    Returns None if the video has no public page, because then nothing can be played.
    """
    videos = watchable_videos().select_related("page", "producer")
    video = videos.filter(public_id=report.video).first()
    if video is None:
        return None
    with transaction.atomic():
        problem, is_new = PlaybackProblem.objects.get_or_create(
            video=video,
            resolved_at=None,
            defaults={
                "cut_id": video.page.cut_id,
                "at_seconds": report.at_seconds,
                "stopped": report.stopped,
                "user_agent": report.user_agent,
            },
        )
        if is_new:
            for person in recipients_for(video):
                mail_user(person, partial(message, problem))
        else:
            PlaybackProblem.objects.filter(pk=problem.pk, reports__lt=10**6).update(
                reports=F("reports") + 1, last_reported_at=at
            )
    return problem


def recipients_for(video: Video) -> list[User]:
    """The video's producer; all producers if it has none who is active."""
    producer = video.producer
    if producer and producer.is_active:
        return [producer]
    return list(User.objects.filter(is_active=True, groups__name=Role.PRODUCER.value))


def resolve(problem_id: int, *, by: User) -> bool:
    """Mark a problem as resolved; False if somebody did so before."""
    still = PlaybackProblem.objects.filter(pk=problem_id, resolved_at=None)
    return bool(still.update(resolved_at=now(), resolved_by=by))


def open_problem(video: Video) -> PlaybackProblem | None:
    """The open problem of a video, if there is one."""
    return PlaybackProblem.objects.filter(video=video, resolved_at=None).first()


def message(problem: PlaybackProblem) -> Message:
    """Subject and text of the mail."""
    words = {
        "video": problem.video.title,
        "page": problem.video.page.full_url,
        "browser": problem.user_agent or _("a browser that does not say which"),
        "url": f"{settings.BASE_URL}{video_url(problem.video)}#audience",
    }
    subject = _("A viewer reports that “%(video)s” does not play") % words
    if problem.stopped:
        what = _("“%(video)s” stopped playing for a viewer, who reported it: %(page)s") % words
    else:
        what = _("A viewer reported that something is wrong with “%(video)s”: %(page)s") % words
    text = (
        _(
            "Their browser: %(browser)s\n"
            "\n"
            "You get this mail only once, however many viewers report the problem. When the video "
            "plays again, mark the problem as solved on its page: %(url)s\n"
        )
        % words
    )
    return Message(subject, f"{what}\n\n{text}")
