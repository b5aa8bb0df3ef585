"""Marks deals won or lost, and reopens them. What the CRM says comes by the import."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from studio.changes import REASON
from studio.clock import instant_text
from studio.people.models import User
from videos.deals.access import may_reopen
from videos.deals.closed_deals import check_change
from videos.deals.closes import FIELDS, CloseState, closed, reopened, without_future_close
from videos.deals.log_actions import CLOSED
from videos.deals.models import Deal


class StatusChangeRefused(ValidationError):
    """A deal cannot be closed or reopened; the message says why."""


def close(deal_id: int, status: Deal.Status, *, by: User, at: dt.datetime | None = None) -> Deal:
    """Marks an open deal won or lost as of `at` (default: now). Raises StatusChangeRefused."""
    with transaction.atomic():
        deal = Deal.objects.select_for_update().get(pk=deal_id)
        now = timezone.now()
        closed_at = at or now
        was = (
            without_future_close(deal.close_state)
            if deal.close_state.closes_after(now)
            else deal.close_state
        )
        if was.is_closed:
            text = _(
                "“%(deal)s” is already closed: %(status)s. A sales manager has to reopen it first."
            )
            raise StatusChangeRefused(
                text % {"deal": deal, "status": deal.get_status_display()}, code="closed"
            )
        if closed_at > now:
            raise StatusChangeRefused(
                _("A deal cannot close in the future: enter today or an earlier day."),
                code="future",
            )
        if closed_at < deal.created_at:
            text = _("“%(deal)s” was created on %(created)s, so it cannot have closed before that.")
            values = {"deal": deal, "created": instant_text(deal.created_at)}
            raise StatusChangeRefused(text % values, code="too_early")
        save_close_state(deal, closed(was, status, closed_at, now), by=by)
    return deal


def reopen(deal_id: int, *, by: User, reason: str) -> Deal:
    """Reopens a closed deal. Raises StatusChangeRefused and ClosedDealRefused."""
    with transaction.atomic():
        deal = Deal.objects.select_for_update().get(pk=deal_id)
        if deal.is_open:
            raise StatusChangeRefused(
                _("“%(deal)s” is already open.") % {"deal": deal}, code="open"
            )
        why = check_change(deal, by=by, reason=reason)
        if not may_reopen(by, deal):
            text = _("You may not reopen “%(deal)s”. Another sales manager can.")
            raise StatusChangeRefused(text % {"deal": deal}, code="not_allowed")
        save_close_state(deal, reopened(deal.close_state), by=by, reason=why)
    return deal


def save_close_state(deal: Deal, now: CloseState, *, by: User, reason: str = "") -> None:
    """Saves the new state of a deal and logs the change."""
    was = deal.close_state
    for name in FIELDS:
        setattr(deal, name, getattr(now, name))
    deal.save(update_fields=FIELDS)
    log_close(deal, was, now, by=by, reason=reason)


def log_close(
    deal: Deal, was: CloseState, now: CloseState, *, by: User | None, reason: str = ""
) -> None:
    """Logs that a deal closed, was reopened, or closed at another time; ignores other changes."""
    if (was.status, was.closed_at) == (now.status, now.closed_at):
        return
    had_closed = was.is_closed and not was.closes_after(timezone.now())
    log(
        deal,
        f"deals.{now.status}" if now.is_closed else "deals.reopen",
        user=by,
        data={
            "was": was.status,
            "was_closed_at": was.closed_at and was.closed_at.isoformat(),
            "closed_at": now.closed_at and now.closed_at.isoformat(),
            "by_import": by is None,
            CLOSED: had_closed,
            REASON: reason,
        },
    )
