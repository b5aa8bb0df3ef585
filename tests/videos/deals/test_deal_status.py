"""Deals are closed and opened by hand, on record."""

import datetime as dt
from dataclasses import replace
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from wagtail.models import ModelLogEntry

from studio.desk import digest
from tests.factories import ContactFactory, ShareLinkFactory, ViewFactory
from tests.videos.deals.factories import DealContactFactory, DealFactory
from videos.deals.admin.badges import earlier_close_badge
from videos.deals.closed_deals import ClosedDealRefused
from videos.deals.closes import CloseState, after_import, closed, reopened
from videos.deals.deal_contacts import ContactRefused, add_contact, remove_contact
from videos.deals.deal_status import StatusChangeRefused, close, reopen
from videos.deals.leaving import open_deals
from videos.deals.models import Deal
from videos.deals.reports.evidence import touches_on

pytestmark = pytest.mark.django_db
WON, LOST = Deal.Status.WON, Deal.Status.LOST


def standing(deal):
    deal.refresh_from_db()
    return deal.status, deal.closed_at


def test_a_deal_is_won_now_or_at_an_earlier_time(sales_manager):
    now, earlier = DealFactory(), DealFactory()
    before = timezone.now()
    close(now.pk, WON, by=sales_manager)
    assert standing(now)[0] == "won"
    assert before <= now.closed_at <= timezone.now()
    day = timezone.now() - dt.timedelta(days=3)
    close(earlier.pk, LOST, by=sales_manager, at=day)
    assert standing(earlier) == ("lost", day)


@pytest.mark.parametrize(
    ("days", "reason"), [(1, "in the future"), (-31, "cannot have closed before that")]
)
def test_a_deal_closes_neither_in_the_future_nor_before_it_was_created(sales_manager, days, reason):
    deal = DealFactory()
    with pytest.raises(StatusChangeRefused, match=reason):
        close(deal.pk, WON, by=sales_manager, at=timezone.now() + dt.timedelta(days=days))
    assert standing(deal) == ("open", None)


def test_a_closed_deal_is_opened_before_it_closes_otherwise(sales_manager):
    deal = DealFactory()
    won = close(deal.pk, WON, by=sales_manager)
    with pytest.raises(StatusChangeRefused, match="is already closed: Won"):
        close(deal.pk, LOST, by=sales_manager)
    assert standing(deal) == ("won", won.closed_at)
    reopen(deal.pk, by=sales_manager, reason="Mistyped.")
    assert standing(deal) == ("open", None)
    with pytest.raises(StatusChangeRefused, match="is already open"):
        reopen(deal.pk, by=sales_manager, reason="Mistyped.")
    close(deal.pk, LOST, by=sales_manager)
    assert standing(deal)[0] == "lost"


def test_closing_is_on_record(sales_manager):
    deal = DealFactory()
    close(deal.pk, WON, by=sales_manager)
    reopen(deal.pk, by=sales_manager, reason="Mistyped.")
    entries = ModelLogEntry.objects.for_instance(deal).order_by("timestamp")
    assert [(entry.action, entry.user) for entry in entries] == [
        ("deals.won", sales_manager),
        ("deals.reopen", sales_manager),
    ]


# Who may


def test_only_a_manager_reopens_a_deal(expert_user):
    deal = DealFactory(owner_email=expert_user.email)
    won = close(deal.pk, WON, by=expert_user)
    with pytest.raises(ClosedDealRefused, match="A sales manager can change or reopen it"):
        reopen(deal.pk, by=expert_user, reason="Mistyped.")
    assert standing(deal) == ("won", won.closed_at)


def test_a_rep_says_who_takes_part_while_the_deal_is_open_alone(expert_user, sales_manager):
    deal, contact, other = DealFactory(), ContactFactory(), ContactFactory()
    part = add_contact(deal.pk, contact, "signs", by=expert_user)
    close(deal.pk, WON, by=expert_user)
    with pytest.raises(ClosedDealRefused, match="A sales manager can change or reopen it"):
        add_contact(deal.pk, other, "", by=expert_user)
    with pytest.raises(ClosedDealRefused, match="A sales manager can change or reopen it"):
        remove_contact(deal.pk, part.pk, by=expert_user)
    assert list(deal.deal_contacts.all()) == [part]

    with pytest.raises(ClosedDealRefused, match="enter a reason for the change"):
        add_contact(deal.pk, other, "", by=sales_manager)
    add_contact(deal.pk, other, "", by=sales_manager, reason="She signed.")
    remove_contact(deal.pk, part.pk, by=sales_manager, reason="Somebody else.")
    assert [one.contact for one in deal.deal_contacts.all()] == [other]


def test_a_part_there_already_is_said(sales_manager):
    part = DealContactFactory(role="signs")
    with pytest.raises(ContactRefused, match="already has this role in the deal"):
        add_contact(part.deal_id, part.contact, "signs", by=sales_manager)


def test_who_takes_part_is_on_record_with_how_the_deal_stood(sales_manager):
    deal, contact = DealFactory(), ContactFactory(name="Ann")
    part = add_contact(deal.pk, contact, "signs", by=sales_manager)
    close(deal.pk, LOST, by=sales_manager)
    remove_contact(deal.pk, part.pk, by=sales_manager, reason="Not there.")
    assert history_of(deal) == [
        ("deals.add_contact", sales_manager, {"status": "open"}),
        ("deals.lost", sales_manager, {"status": None}),
        ("deals.remove_contact", sales_manager, {"status": "lost"}),
    ]
    messages = [entry.message for entry in entries_of(deal)]
    assert messages[0] == "Added “Ann”. Role: “signs”."
    assert messages[1].startswith("Marked lost. Closed on ")
    assert messages[2] == (
        "Removed “Ann”. Role: “signs”. The deal was closed. Reason: “Not there.”."
    )


def entries_of(deal):
    return list(ModelLogEntry.objects.for_instance(deal).order_by("timestamp", "pk"))


def history_of(deal):
    return [
        (entry.action, entry.user, {"status": entry.data.get("status")})
        for entry in entries_of(deal)
    ]


# How often


def test_a_deal_keeps_how_often_it_closed_and_the_close_before(sales_manager):
    deal = DealFactory()
    first = timezone.now() - dt.timedelta(days=3)
    close(deal.pk, WON, by=sales_manager, at=first)
    reopen(deal.pk, by=sales_manager, reason="Mistyped.")
    deal.refresh_from_db()
    assert (deal.times_closed, deal.earlier_closed_at, deal.close_recorded_at) == (1, first, None)
    before = timezone.now()
    close(deal.pk, LOST, by=sales_manager, at=first + dt.timedelta(days=1))
    deal.refresh_from_db()
    assert (deal.times_closed, deal.earlier_closed_at) == (2, first)
    assert before <= deal.close_recorded_at <= timezone.now()


DAY = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
LATER, EARLIER = DAY + dt.timedelta(days=1), DAY - dt.timedelta(days=1)
NOW = DAY + dt.timedelta(days=9)
ONCE = CloseState("won", DAY, DAY, times_closed=1, first_close_recorded_at=DAY)
DAYS = dt.timedelta(days=9)
SOON, SOONER = NOW + DAYS, NOW + dt.timedelta(days=1)
TO_COME = CloseState("won", SOON, DAY, times_closed=1, first_close_recorded_at=DAY)
TO_COME_AGAIN = CloseState("won", SOON, NOW, 2, DAY, DAY)
AGAIN = CloseState(times_closed=1, earlier_closed_at=DAY, first_close_recorded_at=DAY)


@pytest.mark.parametrize(
    ("was", "told", "becomes"),
    [
        (CloseState(), ("open", None), CloseState()),
        (CloseState(), ("won", DAY), CloseState("won", DAY, NOW, 1, None, NOW)),
        (ONCE, ("won", DAY), ONCE),
        (ONCE, ("lost", DAY), CloseState("lost", DAY, DAY, 1, None, DAY)),
        (ONCE, ("won", EARLIER), CloseState("won", EARLIER, DAY, 1, None, DAY)),
        (ONCE, ("won", LATER), CloseState("won", LATER, NOW, 2, DAY, DAY)),
        (ONCE, ("open", None), AGAIN),
        (AGAIN, ("lost", DAY), CloseState("lost", DAY, NOW, 2, DAY, DAY)),
        (CloseState("won", DAY), ("won", LATER), CloseState("won", LATER, NOW, 2, DAY, NOW)),
        (TO_COME, ("won", SOON), TO_COME),
        (TO_COME, ("won", SOONER), CloseState("won", SOONER, NOW, 1, None, NOW)),
        (TO_COME, ("won", SOON + DAYS), CloseState("won", SOON + DAYS, NOW, 1, None, NOW)),
        (TO_COME, ("lost", DAY), CloseState("lost", DAY, NOW, 1, None, NOW)),
        (TO_COME, ("open", None), CloseState()),
        (ONCE, ("won", SOON), TO_COME_AGAIN),
        (TO_COME_AGAIN, ("won", SOONER), replace(TO_COME_AGAIN, closed_at=SOONER)),
        (TO_COME_AGAIN, ("open", None), AGAIN),
    ],
)
def test_an_import_that_moves_a_close_later_closes_the_deal_again(was, told, becomes):
    assert after_import(was, *told, NOW) == becomes


def test_what_is_learned_until_a_close_that_is_to_come_is_known_before_it():
    assert TO_COME.known_by == TO_COME_AGAIN.known_by == SOON


def test_a_deal_that_closes_later_is_open_to_all(expert_user, sales_manager):
    soon = timezone.now() + dt.timedelta(days=3)
    to_come = {"status": "won", "closed_at": soon, "times_closed": 1, "imported": True}
    deal, won, still = DealFactory(**to_come), DealFactory(), DealFactory()
    close(won.pk, WON, by=sales_manager)
    assert deal.is_open
    assert set(open_deals()) == {deal, still}
    assert set(Deal.objects.with_status("open", "won")) == {deal, won, still}
    assert set(Deal.objects.with_status("won", "lost")) == {won}
    contact = ContactFactory(name="Ann")
    add_contact(deal.pk, contact, "", by=expert_user)
    assert entries_of(deal)[0].message == "Added “Ann”."
    assert digest.open_deals(contact) == [f"{deal.name} (1,000.00\N{NO-BREAK SPACE}EUR)"]
    with pytest.raises(StatusChangeRefused, match="is already open"):
        reopen(deal.pk, by=expert_user, reason="Mistyped.")
    close(deal.pk, LOST, by=expert_user)
    deal.refresh_from_db()
    assert (deal.status, deal.times_closed, deal.is_open) == ("lost", 1, False)
    assert "It was to close on " in entries_of(deal)[1].message


# What was known before the close


def hours(number):
    return DAY + dt.timedelta(hours=number)


@st.composite
def lives(draw):
    """A deal that closes, opens and closes again, by hand or by imports, an hour for each act.

    Gives how it stands at the end, and each close with the hour in which it was recorded. No
    close is later than its record, as on screens.
    """
    was, closes = CloseState(), []
    for at in range(2, draw(st.integers(3, 12))):
        act = draw(st.sampled_from(["close", "reopen", "import", "import open"]))
        day = draw(st.integers(0, at))
        if act == "import open":
            was = after_import(was, "open", None, hours(at))
        elif act == "import":
            was = after_import(was, "won", hours(day), hours(at))
            closes.append((day, at))
        elif act == "close" and not was.is_closed:
            was = closed(was, "won", hours(day), hours(at))
            closes.append((day, at))
        elif act == "reopen" and was.is_closed:
            was = reopened(was)
    if not was.is_closed:
        was = closed(was, "won", hours(draw(st.integers(0, 12))), hours(12))
        closes.append((int((was.closed_at - DAY).total_seconds() / 3600), 12))
    return was, closes


@given(lives())
def test_no_reopening_makes_known_what_came_after_a_close_not_earlier(life):
    stands, closes = life
    for day, at in closes:
        if hours(day) >= stands.closed_at:
            assert stands.known_by <= hours(at)


@given(lives())
def test_what_was_added_while_open_again_is_known_before_a_later_close(life):
    stands, closes = life
    first = hours(closes[0][1])
    assert first <= stands.known_by <= max(first, stands.closed_at)
    if stands.closed_at > first:
        assert stands.known_by == min(stands.closed_at, stands.close_recorded_at)


def late_after(deal, sales_manager, at):
    """Whether a touch is late whose contact is added to a won deal that was opened meanwhile."""
    link = ShareLinkFactory(contact=ContactFactory())
    started = timezone.now() - dt.timedelta(days=9)
    ViewFactory(
        share_link=link, video=link.video, started_at=started, counted_at=started, viewer=None
    )
    first = timezone.now() - dt.timedelta(days=2)
    close(deal.pk, WON, by=sales_manager, at=first)
    reopen(deal.pk, by=sales_manager, reason="Mistyped.")
    add_contact(deal.pk, link.contact, "", by=sales_manager)
    close(deal.pk, WON, by=sales_manager, at=at(first))
    (found,) = touches_on(deal)
    return found.touch.is_late


@pytest.mark.parametrize(
    ("at", "is_late"),
    [
        (lambda first: first, True),
        (lambda first: first - dt.timedelta(days=1), True),
        (lambda first: first + dt.timedelta(seconds=1), True),
        (lambda first: None, False),
    ],
    ids=["the same instant", "an earlier one", "a second later", "now"],
)
def test_closing_again_does_not_take_the_mark_away(sales_manager, at, is_late):
    assert late_after(DealFactory(), sales_manager, at) == is_late


def test_the_first_close_of_the_past_is_found_in_the_history(sales_manager):
    find = import_module("videos.deals.migrations.0008_first_closes_are_on_record").find_the_first
    again, once, still = DealFactory(), DealFactory(), DealFactory()
    close(again.pk, WON, by=sales_manager)
    reopen(again.pk, by=sales_manager, reason="Mistyped.")
    close(again.pk, WON, by=sales_manager)
    recorded_at = timezone.now() - dt.timedelta(days=1)
    Deal.objects.filter(pk=once.pk).update(
        status="won", closed_at=recorded_at, close_recorded_at=recorded_at, times_closed=1
    )
    Deal.objects.update(first_close_recorded_at=None)
    find(apps, connection.schema_editor())
    first = entries_of(again)[0]
    again.refresh_from_db()
    once.refresh_from_db()
    still.refresh_from_db()
    assert again.first_close_recorded_at == first.timestamp < again.close_recorded_at
    assert once.first_close_recorded_at == recorded_at
    assert still.first_close_recorded_at is None


@pytest.mark.parametrize(
    ("status", "times", "badge"),
    [
        ("won", 1, None),
        ("won", 2, "Closed twice"),
        ("lost", 3, "Closed 3 times"),
        ("open", 0, None),
        ("open", 1, "Reopened"),
    ],
)
def test_a_deal_that_closed_twice_has_a_badge(status, times, badge):
    found = earlier_close_badge(Deal(status=status, times_closed=times))
    assert (found and str(found.label)) == badge


def test_what_was_closed_before_closes_were_kept_is_on_record_from_now_on():
    record = import_module("videos.deals.migrations.0003_closed_deals_are_on_record").record
    closed_at = timezone.now() - dt.timedelta(days=1)
    won, still = DealFactory(status="won", closed_at=closed_at), DealFactory()
    before = timezone.now()
    record(apps, connection.schema_editor())
    won.refresh_from_db()
    still.refresh_from_db()
    assert (won.times_closed, won.closed_at) == (1, closed_at)
    assert before <= won.close_recorded_at
    assert (still.times_closed, still.close_recorded_at) == (0, None)
