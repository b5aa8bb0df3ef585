"""Deals are closed and opened by hand, on record."""

import datetime as dt

import pytest
from django.utils import timezone

from tests.videos.deals.factories import DealFactory
from videos.deals.closing import ClosingRefused, close, reopen
from videos.deals.models import Deal

pytestmark = pytest.mark.django_db
WON, LOST = Deal.Status.WON, Deal.Status.LOST


def stands(deal):
    deal.refresh_from_db()
    return deal.status, deal.closed_at


def test_a_deal_is_won_now_or_at_an_earlier_time(sales_manager):
    now, earlier = DealFactory(), DealFactory()
    before = timezone.now()
    close(now.pk, WON, by=sales_manager)
    assert stands(now)[0] == "won"
    assert before <= now.closed_at <= timezone.now()
    day = timezone.now() - dt.timedelta(days=3)
    close(earlier.pk, LOST, by=sales_manager, at=day)
    assert stands(earlier) == ("lost", day)


@pytest.mark.parametrize(
    ("days", "reason"), [(1, "in the future"), (-31, "cannot have closed before that")]
)
def test_a_deal_closes_neither_in_the_future_nor_before_it_was_created(sales_manager, days, reason):
    deal = DealFactory()
    with pytest.raises(ClosingRefused, match=reason):
        close(deal.pk, WON, by=sales_manager, at=timezone.now() + dt.timedelta(days=days))
    assert stands(deal) == ("open", None)


def test_a_closed_deal_is_opened_before_it_closes_otherwise(sales_manager):
    deal = DealFactory()
    won = close(deal.pk, WON, by=sales_manager)
    with pytest.raises(ClosingRefused, match="is closed already: Won"):
        close(deal.pk, LOST, by=sales_manager)
    assert stands(deal) == ("won", won.closed_at)
    reopen(deal.pk, by=sales_manager)
    assert stands(deal) == ("open", None)
    with pytest.raises(ClosingRefused, match="is open"):
        reopen(deal.pk, by=sales_manager)
    close(deal.pk, LOST, by=sales_manager)
    assert stands(deal)[0] == "lost"


def test_closing_is_on_record(sales_manager):
    from wagtail.models import ModelLogEntry

    deal = DealFactory()
    close(deal.pk, WON, by=sales_manager)
    reopen(deal.pk, by=sales_manager)
    entries = ModelLogEntry.objects.for_instance(deal).order_by("timestamp")
    assert [(entry.action, entry.user) for entry in entries] == [
        ("deals.won", sales_manager),
        ("deals.reopen", sales_manager),
    ]
