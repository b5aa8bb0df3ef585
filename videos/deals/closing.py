"""Marks deals won or lost, and opens them again. The CRM's word, if any, comes by import."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from studio.clock import instant_text
from studio.people.models import User
from videos.deals.closes import FIELDS, Standing, closed, reopened, unclosed
from videos.deals.models import Deal


class ClosingRefused(ValidationError):
    """The deal stays as it is; the message says why."""


def close(deal_id: int, status: Deal.Status, *, by: User, at: dt.datetime | None = None) -> Deal:
    """Marks an open deal won or lost as of `at` (default: now). Raises ClosingRefused."""
    with transaction.atomic():
        deal = Deal.objects.select_for_update().get(pk=deal_id)
        now = timezone.now()
        closed_at = at or now
        was = unclosed(deal.standing) if deal.standing.closes_after(now) else deal.standing
        if was.is_closed:
            text = _(
                "“%(deal)s” is closed already: %(status)s. A sales manager can open it again first."
            )
            raise ClosingRefused(
                text % {"deal": deal, "status": deal.get_status_display()}, code="closed"
            )
        if closed_at > now:
            raise ClosingRefused(
                _("A deal cannot be closed in the future: give today or a day before."),
                code="future",
            )
        if closed_at < deal.created_at:
            text = _("“%(deal)s” was created on %(created)s, and cannot have closed before that.")
            told = {"deal": deal, "created": instant_text(deal.created_at)}
            raise ClosingRefused(text % told, code="too_early")
        stands(deal, closed(was, status, closed_at, now), by=by)
    return deal


def reopen(deal_id: int, *, by: User) -> Deal:
    """Opens a closed deal again. Raises ClosingRefused."""
    with transaction.atomic():
        deal = Deal.objects.select_for_update().get(pk=deal_id)
        if deal.is_open:
            raise ClosingRefused(_("“%(deal)s” is open already.") % {"deal": deal}, code="open")
        if not by.has_perm("deals.reopen_deal"):
            text = _(
                "“%(deal)s” is closed, and what its contacts watch now must not count for it. "
                "Only a sales manager can open it again."
            )
            raise ClosingRefused(text % {"deal": deal}, code="not_allowed")
        stands(deal, reopened(deal.standing), by=by)
    return deal


def stands(deal: Deal, now: Standing, *, by: User) -> None:
    """Writes how a deal stands from now on, on record."""
    was = deal.standing
    for name in FIELDS:
        setattr(deal, name, getattr(now, name))
    deal.save(update_fields=FIELDS)
    record(deal, was, now, by=by)


def record(deal: Deal, was: Standing, now: Standing, *, by: User | None) -> None:
    """Puts on record that a deal opened, closed, or closed at another instant; nothing else."""
    if (was.status, was.closed_at) == (now.status, now.closed_at):
        return
    log(
        deal,
        f"deals.{now.status}" if now.is_closed else "deals.reopen",
        user=by,
        data={
            "was": was.status,
            "was_closed_at": was.closed_at and was.closed_at.isoformat(),
            "closed_at": now.closed_at and now.closed_at.isoformat(),
            "by_import": by is None,
        },
    )
