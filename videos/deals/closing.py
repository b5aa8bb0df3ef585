"""Marks deals won or lost, and opens them again. The CRM's word, if any, comes by import."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from studio.people.models import User
from videos.deals.models import Deal


class ClosingRefused(ValidationError):
    """The deal stays as it is; the message says why."""


def close(deal_id: int, status: Deal.Status, *, by: User, at: dt.datetime | None = None) -> Deal:
    """Marks an open deal won or lost as of `at` (default: now). Raises ClosingRefused."""
    now = timezone.now()
    with transaction.atomic():
        deal = Deal.objects.select_for_update().get(pk=deal_id)
        closed_at = at or now
        if deal.status != Deal.Status.OPEN:
            text = _("“%(deal)s” is closed already: %(status)s. Open it again first.")
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
            created = formats.date_format(timezone.localtime(deal.created_at), "DATETIME_FORMAT")
            raise ClosingRefused(text % {"deal": deal, "created": created}, code="too_early")
        deal.status, deal.closed_at = status, closed_at
        deal.save(update_fields=["status", "closed_at"])
        log(deal, f"deals.{status}", user=by, data={"closed_at": closed_at.isoformat()})
    return deal


def reopen(deal_id: int, *, by: User) -> Deal:
    """Opens a closed deal again. Raises ClosingRefused."""
    with transaction.atomic():
        deal = Deal.objects.select_for_update().get(pk=deal_id)
        if deal.status == Deal.Status.OPEN:
            raise ClosingRefused(_("“%(deal)s” is open.") % {"deal": deal}, code="open")
        deal.status, deal.closed_at = Deal.Status.OPEN, None
        deal.save(update_fields=["status", "closed_at"])
        log(deal, "deals.reopen", user=by)
    return deal
