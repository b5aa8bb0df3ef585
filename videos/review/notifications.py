"""Mails about the review: requests to reviewers, and verdicts to producers."""

import datetime as dt
from functools import partial

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from studio.people.mail import Message, mail_user
from studio.people.models import User
from videos.media.models import Cut
from videos.planning.next_step.loading import next_step_text
from videos.review.access import cuts_awaiting_review, reviewers_of
from videos.review.models import Comment, ReviewRequest, Verdict

MISSED_AFTER = dt.timedelta(minutes=1)  # after which a task that should have come is missed
TOO_OLD = dt.timedelta(days=3)  # after which news are none


def ask_reviewers(cut_id: int) -> None:
    """Mail everyone who may approve the cut, each once, if it still awaits review."""
    cut = cuts_awaiting_review().select_related("video", "uploaded_by").filter(pk=cut_id).first()
    if cut is None:
        return
    for reviewer in reviewers_of(cut):
        with transaction.atomic():
            _row, is_new = ReviewRequest.objects.get_or_create(cut=cut, reviewer=reviewer)
            if is_new:
                mail_user(reviewer, partial(review_request_mail, cut))


def tell_verdict(verdict_id: int) -> None:
    """Mail a verdict to the producer and the uploader, except to its author. Once only."""
    with transaction.atomic():
        untold = Verdict.objects.filter(pk=verdict_id, notified_at__isnull=True)
        if not untold.update(notified_at=timezone.now()):
            return
        verdicts = Verdict.objects.select_related("cut__video__producer", "cut__uploaded_by", "by")
        verdict = verdicts.get(pk=verdict_id)
        for person in recipients_for(verdict):
            mail_user(person, partial(verdict_mail, verdict))


def send_missed_notifications() -> None:
    """Send the mails of the last days that were lost with a queue or a worker."""
    moment = timezone.now()
    between = (moment - TOO_OLD, moment - MISSED_AFTER)
    for cut in cuts_awaiting_review().filter(uploaded_at__range=between):
        ask_reviewers(cut.pk)
    for verdict in Verdict.objects.filter(notified_at__isnull=True, at__range=between):
        tell_verdict(verdict.pk)


def recipients_for(verdict: Verdict) -> list[User]:
    """Producer and uploader, each once, without the author of the verdict."""
    people = [verdict.cut.video.producer, verdict.cut.uploaded_by]
    return [
        person
        for person in dict.fromkeys(people)
        if person and person.is_active and person != verdict.by
    ]


def review_request_mail(cut: Cut) -> Message:
    """Subject and text of the mail that asks for a review."""
    words = {
        "video": cut.video.title,
        "number": cut.number,
        "by": cut.uploaded_by,
        "url": cut_url(cut),
    }
    subject = _("Please watch “%(video)s”, cut %(number)d") % words
    text = (
        _(
            "%(by)s uploaded cut %(number)d of “%(video)s”, and it is ready to watch.\n"
            "\n"
            "Watch it, then approve it or say what to change: %(url)s\n"
        )
        % words
    )
    return Message(subject, with_next_step(text, cut))


def with_next_step(text: str, cut: Cut) -> str:
    """The text of a mail, followed by the video's next step."""
    return f"{text}\n{next_step_text(cut.video)}\n"


def verdict_mail(verdict: Verdict) -> Message:
    """Subject and text of the mail about a verdict."""
    cut = verdict.cut
    words = {
        "video": cut.video.title,
        "number": cut.number,
        "by": verdict.by,
        "note": verdict.note,
        "comments": "\n".join(
            comment_line(comment) for comment in cut.comments.select_related("by")
        ),
        "url": cut_url(cut),
    }
    if verdict.kind == Verdict.Kind.APPROVED:
        subject = _("“%(video)s” is approved") % words
        text = _("%(by)s approved cut %(number)d of “%(video)s”.\n\n%(url)s\n") % words
        return Message(subject, with_next_step(text, cut))
    subject = _("“%(video)s”: changes requested") % words
    text = _("%(by)s requested changes to cut %(number)d of “%(video)s”:\n\n%(note)s\n") % words
    if words["comments"]:
        text += "\n" + _("Comments on this cut:\n%(comments)s\n") % words
    return Message(subject, with_next_step(text + "\n" + cut_url(cut) + "\n", cut))


def comment_line(comment: Comment) -> str:
    """One comment as a line of a mail."""
    words = {"moment": comment.time_code, "text": comment.text, "by": comment.by}
    if comment.time_code:
        return _("%(moment)s %(text)s (%(by)s)") % words
    return _("%(text)s (%(by)s)") % words


def cut_url(cut: Cut) -> str:
    """The full address of the cut's page."""
    return f"{settings.BASE_URL}{reverse('review_cuts:cut', args=[cut.pk])}"


# The path that earlier versions have in their queues and schedules
tell_the_untold = send_missed_notifications
