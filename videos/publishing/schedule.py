"""Scheduled publishing: what runs it, and what happens to a page that cannot be published."""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django_q.models import Schedule
from wagtail.log_actions import LogContext, get_active_log_context
from wagtail.models import Revision

from studio.clock import instant_text
from studio.people.mail import Message, mail_user
from studio.people.models import User
from videos.media.jobs.schedules import every_minute
from videos.planning.next_step.loading import next_step_text

if TYPE_CHECKING:
    from videos.publishing.models import VideoPage

log = logging.getLogger(__name__)

SCHEDULE = "publishing: pages due"


def acting_as(user: User | None) -> AbstractContextManager[object]:
    """A context in which log entries name `user`; None keeps the current user."""
    if user is None or user == get_active_log_context().user:
        return nullcontext()
    context: AbstractContextManager[object] = LogContext(user=user)
    return context


def keep_schedule(using: str = "default") -> None:
    """Run Wagtail's `publish_scheduled` every minute. Safe to call again."""
    Schedule.objects.using(using).get_or_create(
        name=SCHEDULE,
        defaults={
            "func": "django.core.management.call_command",
            "args": "('publish_scheduled',)",
            "kwargs": "{'q_options': {'save': False}}",  # do not save sixty results an hour
            "schedule_type": Schedule.MINUTES,
            "minutes": 1,
        },
    )
    every_minute("publishing: privacy", "videos.publishing.privacy.sync_all", using)


def expiry_blocker(title: str, revision: Revision) -> str | None:
    """Why a scheduled revision is too late: its expiry time has passed."""
    ends = parse_datetime(revision.content.get("expire_at") or "")
    if ends is None or ends > timezone.now():
        return None
    return _("“%(title)s” was set to expire on %(when)s, which has passed.") % {
        "title": title,
        "when": instant_text(ends),
    }


def cancel_schedule(page: VideoPage, revision: Revision, refusal: ValidationError) -> None:
    """Cancel the schedule of a refused page, and mail the people behind it the reason."""
    reason = refusal.messages[0]
    log.warning("Page %s, revision %s not published on time: %s", page.pk, revision.pk, reason)
    page.revisions.update(approved_go_live_at=None)
    people = {page.video.producer, revision.user, page.owner} - {None}
    concerned = [person for person in people if person and person.is_active]
    for person in sorted(concerned, key=lambda person: person.email):
        try:  # in this transaction
            mail_user(person, partial(refusal_mail, page, refusal))
        except OSError:
            log.exception("Could not mail %s about page %s", person.pk, page.pk)


def refusal_mail(page: VideoPage, refusal: ValidationError) -> Message:
    """The mail that says why a page was not published."""
    words = {
        "title": page.title,
        "reason": refusal.messages[0],
        "url": settings.WAGTAILADMIN_BASE_URL + reverse("wagtailadmin_pages:edit", args=[page.pk]),
        "next": next_step_text(page.video),
    }
    text = _(
        "“%(title)s” was scheduled to go live, but could not be published: %(reason)s\n\n"
        "The page is a draft now. Solve this, then publish or schedule it again:\n"
        "%(url)s\n\n"
        "%(next)s\n"
    )
    return Message(_("Not published: %(title)s") % words, text % words)
