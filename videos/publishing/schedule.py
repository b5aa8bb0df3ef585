"""Pages that go live at a set time: what runs it, and what happens when one is refused."""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.urls import reverse
from django.utils.translation import gettext as _
from django_q.models import Schedule
from wagtail.log_actions import LogContext, get_active_log_context
from wagtail.models import Revision

from studio.people.models import User
from videos.media.schedules import every_minute

if TYPE_CHECKING:
    from videos.publishing.models import VideoPage

log = logging.getLogger(__name__)

SCHEDULE = "publishing: pages due"


def acting_as(user: User | None) -> AbstractContextManager[object]:
    """A context in which `user` is at it; nobody leaves it to whoever is already."""
    if user is None or user == get_active_log_context().user:
        return nullcontext()
    context: AbstractContextManager[object] = LogContext(user=user)
    return context


def keep_schedule(using: str = "default") -> None:
    """Have Wagtail's `publish_scheduled` run every minute. Doing it twice changes nothing."""
    Schedule.objects.using(using).get_or_create(
        name=SCHEDULE,
        defaults={
            "func": "django.core.management.call_command",
            "args": "('publish_scheduled',)",
            "kwargs": "{'q_options': {'save': False}}",  # sixty results an hour tell nothing
            "schedule_type": Schedule.MINUTES,
            "minutes": 1,
        },
    )
    every_minute("publishing: privacy", "videos.publishing.privacy.follow_all", using)


def drop_schedule(page: VideoPage, revision: Revision, refusal: ValidationError) -> None:
    """Take a refused page out of the schedule, and tell the people behind it why."""
    reason = refusal.messages[0]
    log.warning("Page %s, revision %s not published on time: %s", page.pk, revision.pk, reason)
    page.revisions.update(approved_go_live_at=None)
    people = {page.video.producer, revision.user, page.owner} - {None}
    addresses = sorted({person.email for person in people if person and person.is_active})
    tell(page, reason, addresses)  # into the outbox, in this transaction


def tell(page: VideoPage, reason: str, addresses: list[str]) -> None:
    """Mail why a page did not go live; a mail server that is down stops no other page."""
    edit = settings.WAGTAILADMIN_BASE_URL + reverse("wagtailadmin_pages:edit", args=[page.pk])
    try:
        send_mail(
            " ".join((_("Not published: %(title)s") % {"title": page.title}).split()),
            _(
                "“%(title)s” was due to go live, but did not: %(reason)s\n\n"
                "It is a draft now. Publish or schedule it again when that is done:\n%(url)s\n"
            )
            % {"title": page.title, "reason": reason, "url": edit},
            None,
            addresses,
        )
    except OSError:
        log.exception("Could not mail %s that page %s was not published", addresses, page.pk)
