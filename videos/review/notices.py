"""Mail about the review: a word is asked for, a word was given."""

import datetime as dt

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from studio.people.models import User
from videos.media.models import Cut
from videos.review.access import cuts_in_question, reviewers_of
from videos.review.models import Asked, Comment, Verdict

LATE = dt.timedelta(minutes=1)  # after which a task that should have come is missed
OLD = dt.timedelta(days=3)  # after which news are none


def ask_reviewers(cut_id: int) -> None:
    """Asks everyone who may approve the cut, each once, if their word is still wanted."""
    cut = cuts_in_question().select_related("video", "uploaded_by").filter(pk=cut_id).first()
    if cut is None:
        return
    for reviewer in reviewers_of(cut):
        with transaction.atomic():
            _row, is_new = Asked.objects.get_or_create(cut=cut, reviewer=reviewer)
            if is_new:
                send_mail(*request_for(cut), None, [reviewer.email])


def tell_verdict(verdict_id: int) -> None:
    """Tells the producer and the uploader of a verdict that is not their own, once."""
    with transaction.atomic():
        untold = Verdict.objects.filter(pk=verdict_id, told_at__isnull=True)
        if not untold.update(told_at=timezone.now()):
            return
        verdicts = Verdict.objects.select_related("cut__video__producer", "cut__uploaded_by", "by")
        verdict = verdicts.get(pk=verdict_id)
        for person in interested_in(verdict):
            send_mail(*answer_of(verdict), None, [person.email])


def tell_the_untold() -> None:
    """What a queue that was away, or a worker that died, left unsaid in the last days."""
    moment = timezone.now()
    between = (moment - OLD, moment - LATE)
    for cut in cuts_in_question().filter(uploaded_at__range=between):
        ask_reviewers(cut.pk)
    for verdict in Verdict.objects.filter(told_at__isnull=True, at__range=between):
        tell_verdict(verdict.pk)


def interested_in(verdict: Verdict) -> list[User]:
    """Producer and uploader, each once, without who gave the verdict."""
    people = [verdict.cut.video.producer, verdict.cut.uploaded_by]
    return [
        person
        for person in dict.fromkeys(people)
        if person and person.is_active and person != verdict.by
    ]


def request_for(cut: Cut) -> tuple[str, str]:
    """Subject and text of the mail that asks for a word."""
    words = {"video": cut.video.title, "number": cut.number, "by": cut.uploaded_by, "url": url(cut)}
    subject = _("Please watch “%(video)s”, cut %(number)d") % words
    text = (
        _(
            "%(by)s uploaded cut %(number)d of “%(video)s”, and it is ready to watch.\n"
            "\n"
            "Watch it, then approve it or say what to change: %(url)s\n"
        )
        % words
    )
    return one_line(subject), text


def answer_of(verdict: Verdict) -> tuple[str, str]:
    """Subject and text of the mail that tells of a verdict."""
    cut = verdict.cut
    words = {
        "video": cut.video.title,
        "number": cut.number,
        "by": verdict.by,
        "note": verdict.note,
        "comments": "\n".join(line_of(comment) for comment in cut.comments.select_related("by")),
        "url": url(cut),
    }
    if verdict.kind == Verdict.Kind.APPROVED:
        subject = _("“%(video)s” is approved") % words
        text = _("%(by)s approved cut %(number)d of “%(video)s”.\n\n%(url)s\n") % words
        return one_line(subject), text
    subject = _("“%(video)s”: changes asked for") % words
    text = _("%(by)s asks for changes to cut %(number)d of “%(video)s”:\n\n%(note)s\n") % words
    if words["comments"]:
        text += "\n" + _("Comments on this cut:\n%(comments)s\n") % words
    return one_line(subject), text + "\n" + url(cut) + "\n"


def line_of(comment: Comment) -> str:
    """One comment as a line of a mail."""
    words = {"moment": comment.time_code, "text": comment.text, "by": comment.by}
    if comment.time_code:
        return _("%(moment)s %(text)s (%(by)s)") % words
    return _("%(text)s (%(by)s)") % words


def url(cut: Cut) -> str:
    """The full address of the cut's page."""
    return f"{settings.BASE_URL}{reverse('review:cut', args=[cut.pk])}"


def one_line(text: str) -> str:
    """A subject without line breaks, which mail forbids."""
    return " ".join(text.split())
