"""The report's rules, one by one: whose a view is, what touches, what is compared."""

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from videos.deals.compare import median_rank, wilson
from videos.deals.document import document
from videos.deals.influence import MissingRate, report
from videos.deals.world import Contact, Deal, Terms, Video, View, World

BASE = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)


def at(day, **more):
    return BASE + dt.timedelta(days=day, **more)


def view(view_id, day, **facts):
    return View(
        **{
            "id": view_id,
            "video": "V1",
            "started_at": at(day),
            "seconds": Decimal(10),
            "imported": True,
            **facts,
        }
    )


def deal(deal_id="D1", **facts):
    return Deal(
        **{
            "id": deal_id,
            "status": "won",
            "created_at": at(0),
            "closed_at": at(30),
            "amount": Decimal("100"),
            "currency": "EUR",
            "contacts": ["C1"],
            **facts,
        }
    )


def found(views=(), deals=(), *, contacts=(), rates=None, videos=None, **asked):
    world = World(
        videos=videos or [Video("V1", "One"), Video("V2", "Two")],
        views=views,
        contacts=contacts or [Contact("C1"), Contact("C2")],
        deals=deals or [deal()],
        rates=rates or {},
    )
    return report(world, Terms(**{"as_of": at(100), **asked}))


def touching(views, **asked):
    """The ids of the views that touch the deal of C1."""
    return [touch.view.id for won in found(views, **asked).deals for touch in won.touches]


# Counting


@pytest.mark.parametrize(
    ("seconds", "duration", "counts"),
    [
        ("3", None, True),
        ("2.9", None, False),
        ("2.9", "2.9", True),
        ("2.9", "60", False),
        (None, "1", False),
    ],
)
def test_a_view_counts_from_the_least_seconds_or_the_whole_video(seconds, duration, counts):
    videos = [Video("V1", "One", duration and Decimal(duration))]
    one = view("x", 1, contact="C1", seconds=seconds and Decimal(seconds))
    assert touching([one], videos=videos) == (["x"] if counts else [])


def test_staff_internal_and_bots_never_count():
    assert touching([view("x", 1, contact="C1", excluded=True)]) == []


# Whose


def test_a_counted_view_through_a_share_link_makes_the_viewer_known():
    views = [
        view("before", 1, viewer="B", imported=False),
        view("link", 2, viewer="B", imported=False, contact="C1"),
        view("after", 3, viewer="B", imported=False),
    ]
    assert touching(views) == ["before", "link", "after"]


def test_merely_opening_a_share_link_makes_nobody_known():
    views = [
        view("short", 1, viewer="B", imported=False, contact="C1", seconds=Decimal(1)),
        view("long", 2, viewer="B", imported=False),
    ]
    assert touching(views) == []


def test_a_browser_that_was_staff_never_takes_an_identity():
    views = [
        view("link", 1, viewer="B", imported=False, contact="C1", viewer_was_staff=True),
        view("other", 2, viewer="B", imported=False, viewer_was_staff=True),
    ]
    assert touching(views) == []


def test_an_imported_view_identifies_also_when_it_does_not_count():
    views = [
        view("bot", 2, viewer="B", contact="C1", excluded=True),
        view("anonymous", 1, viewer="B"),
    ]
    assert touching(views) == ["anonymous"]


def test_an_anonymous_view_is_of_the_next_identification_else_of_the_last():
    views = [
        view("a", 1, viewer="B"),
        view("as C2", 2, viewer="B", contact="C2"),
        view("b", 3, viewer="B"),
        view("as C1", 4, viewer="B", contact="C1"),
        view("c", 5, viewer="B"),
    ]
    assert touching(views) == ["b", "as C1", "c"]


def test_identifications_at_one_instant_are_taken_by_view_id():
    views = [
        view("anonymous", 1, viewer="B"),
        view("i10", 2, viewer="B", contact="C1"),
        view("i9", 2, viewer="B", contact="C2"),
        view("later", 3, viewer="B"),
    ]
    # "i10" sorts before "i9": it is the next of what came before, "i9" the last of what follows.
    assert touching(views) == ["anonymous", "i10"]


def test_without_a_viewer_an_anonymous_view_is_nobody_s():
    assert touching([view("known", 1, contact="C1"), view("nobody", 2)]) == ["known"]


def test_identifications_after_as_of_do_not_exist():
    views = [view("anonymous", 1, viewer="B"), view("later", 50, viewer="B", contact="C1")]
    assert touching(views, as_of=at(49)) == []
    assert touching(views, as_of=at(50)) == ["anonymous"]


def test_a_merge_applies_to_past_views_and_associations():
    contacts = [Contact("C1", merged_into="C2"), Contact("C2", merged_into="C3"), Contact("C3")]
    assert touching([view("x", 1, contact="C2")], contacts=contacts) == ["x"]


def test_contacts_merged_in_a_circle_are_one():
    contacts = [Contact("C1", merged_into="C2"), Contact("C2", merged_into="C1")]
    assert touching([view("x", 1, contact="C2")], contacts=contacts) == ["x"]


def test_the_lead_touch_knows_the_creation_of_a_merged_doublet():
    contacts = [Contact("C1", at(9)), Contact("C2", at(2), merged_into="C1")]
    views = [view(f"x{day}", day, contact="C1", video=f"V{day}") for day in (1, 2, 3, 4)]
    videos = [Video(f"V{day}", "") for day in (1, 2, 3, 4)]
    won = found(views, contacts=contacts, videos=videos, model="u_shaped").deals[0]
    assert won.credit == {"V1": 4000, "V2": 4000, "V3": 1000, "V4": 1000}


# Touches


def test_a_touch_starts_strictly_before_the_close():
    views = [
        view("on", 30, contact="C1"),
        view("just before", 30, contact="C1", started_at=at(30, microseconds=-1)),
    ]
    assert touching(views) == ["just before"]


def test_the_look_back_ends_so_many_times_24_hours_before_the_close():
    views = [
        view("just", 23, contact="C1"),
        view("not", 23, contact="C1", started_at=at(23, microseconds=-1)),
    ]
    assert touching(views, lookback_days=7) == ["just"]
    assert touching(views, lookback_days=0) == []
    assert touching(views, lookback_days=999_999_999) == ["not", "just"]


def test_touches_before_the_creation_count():
    assert touching([view("x", -5, contact="C1")]) == ["x"]


def test_a_view_of_two_deals_is_two_touches_and_a_total_counts_each_deal_once():
    views = [view("x", 1, contact="C1"), view("y", 2, contact="C1", video="V2")]
    result = found(views, [deal("D1"), deal("D2")])
    assert [line.touches for line in result.videos] == [2, 2]
    assert sum(len(won.touches) for won in result.deals) == 4
    assert [line.revenue for line in result.videos] == [20000, 20000]
    assert result.totals.influenced_revenue == 20000
    assert sum(line.credit for line in result.videos) == 20000


def test_a_contact_with_two_roles_touches_once():
    assert touching([view("x", 1, contact="C1")], deals=[deal(contacts=["C1", "C1"])]) == ["x"]


# As of, period, money


def test_deals_closed_after_as_of_are_open_and_deals_created_after_do_not_exist():
    views = [view("x", 1, contact="C1"), view("y", 35, contact="C1")]
    early = found(views, as_of=at(29))
    assert (early.totals.won_deals, [d.deal.id for d in early.open]) == (0, ["D1"])
    assert [touch.view.id for touch in early.open[0].touches] == ["x"]
    assert found(views, as_of=at(30)).totals.won_deals == 1
    assert found(views, [deal(created_at=at(20))], as_of=at(19)).open == []


def test_a_view_at_the_instant_of_as_of_exists_but_does_not_touch_an_open_deal():
    still = [deal(status="open", closed_at=None)]
    assert found([view("x", 5, contact="C1")], still, as_of=at(5)).open[0].touches == []


def test_the_period_holds_both_days_in_the_studio_s_time_zone():
    late = [deal(closed_at=dt.datetime(2026, 3, 31, 22, 30, tzinfo=dt.UTC))]  # 1 April in Berlin
    first = dt.date(2026, 4, 1)
    berlin = ZoneInfo("Europe/Berlin")
    days = {"from_day": first, "to_day": first}
    assert found((), late, **days, zone=berlin).totals.won_deals == 1
    assert found((), late, **days).totals.won_deals == 0


@pytest.mark.parametrize(
    ("amount", "currency", "rate", "shown"),
    [
        ("0.005", "EUR", None, "0.01"),
        ("0.0049999", "EUR", None, "0.00"),
        ("100.5", "JPY", "1", "101"),
        ("1.0005", "KWD", "1", "1.001"),
        ("33.335", "EUR", "1.5", "50.00"),  # 50.0025: rounded once, after the conversion
        ("123456789012345678901234567890.125", "EUR", "1", "123456789012345678901234567890.13"),
    ],
)
def test_amounts_are_rounded_half_up_once(amount, currency, rate, shown):
    source = "USD" if rate else currency
    result = found(
        [view("x", 1, contact="C1")],
        [deal(amount=Decimal(amount), currency=source)],
        rates={("USD", currency, at(30).date()): Decimal(rate or 1)},
        currency=currency,
    )
    assert document(result)["totals"]["influenced_revenue"] == shown


def test_the_rate_is_of_the_close_day_or_the_latest_of_seven_before():
    usd = [deal(currency="USD")]

    def revenue(*days):
        rates = {("USD", "EUR", at(day).date()): Decimal(day) for day in days}
        return found((), usd, rates=rates).totals.won_revenue

    assert revenue(31, 30, 29) == 300000
    assert revenue(31, 28, 23) == 280000
    assert revenue(31, 23) == 230000
    with pytest.raises(MissingRate) as refusal:
        revenue(31, 22)
    assert "D1" in refusal.value.messages[0]
    assert "USD to EUR for 2026-04-01" in refusal.value.messages[0]


def test_only_won_deals_of_the_period_with_an_amount_need_a_rate():
    deals = [
        deal("lost", currency="USD", status="lost"),
        deal("open", currency="USD", status="open", closed_at=None),
        deal("unknown", currency="USD", amount=None),
        deal("earlier", currency="USD", closed_at=at(1)),
    ]
    result = found((), deals, from_day=at(2).date())
    assert document(result)["totals"] == {
        "won_deals": 1,
        "won_revenue": "0.00",
        "influenced_deals": 0,
        "influenced_revenue": "0.00",
        "without_amount": ["unknown"],
    }


def test_a_deal_without_an_amount_counts_and_has_no_credit():
    result = document(found([view("x", 1, contact="C1")], [deal(amount=None)]))
    assert result["deals"] == [
        {"deal_id": "D1", "amount": None, "touches": 1, "videos": 1, "credit": {}}
    ]
    assert result["videos"] == [
        {
            "video_id": "V1",
            "title": "One",
            "touches": 1,
            "influenced_deals": 1,
            "influenced_revenue": "0.00",
            "credit": "0.00",
        }
    ]


def test_credit_names_every_video_with_a_touch_also_with_nothing():
    views = [view("x", 1, contact="C1"), view("y", 2, contact="C1", video="V2")]
    result = document(found(views, model="first"))
    assert result["deals"][0]["credit"] == {"V1": "100.00", "V2": "0.00"}
    assert [line["video_id"] for line in result["videos"]] == ["V1", "V2"]


def test_ids_sort_by_code_point():
    ids = ["\U0001f3ac", "\uffee", "b", "B", "10", "9"]
    deals = [deal(one, amount=None) for one in ids]
    assert found((), deals).totals.without_amount == ["10", "9", "B", "b", "\uffee", "\U0001f3ac"]


# With and without video


def test_the_landmark_leaves_out_deals_closed_before_it_and_touches_from_it_on():
    deals = [
        deal("sooner", closed_at=at(13)),
        deal("at it", closed_at=at(14), contacts=["C2"]),
        deal("later", closed_at=at(30)),
    ]
    at_landmark = [view("x", 14, contact="C1")]
    before = [view("x", 14, contact="C1", started_at=at(14, microseconds=-1))]
    for views, sides in ((at_landmark, (0, 2)), (before, (1, 1))):
        landmark = found(views, deals).compared_landmark
        assert (landmark.with_video.closed, landmark.without.closed) == sides


def test_a_landmark_touch_is_within_the_look_back_too():
    views = [view("x", 1, contact="C1")]
    assert found(views, lookback_days=5).compared_landmark.with_video.closed == 0


def test_lost_deals_count_as_closed():
    deals = [deal("D1"), deal("D2", status="lost"), deal("D3", status="open", closed_at=None)]
    without = found((), deals).compared_all.without
    assert (without.closed, without.won, without.close_rate) == (2, 1, 0.5)
    assert without.median_days == 30.0


def test_an_empty_side_tells_nothing():
    side = document(found(()))["compared"]["all"]["with"]
    assert side == {
        "closed": 0,
        "won": 0,
        "close_rate": None,
        "close_rate_interval": None,
        "median_days": None,
        "median_days_interval": None,
    }


def test_wilson_s_interval():
    assert wilson(8, 10) == pytest.approx((0.4901625, 0.9433178), abs=1e-6)
    assert wilson(0, 10) == pytest.approx((0.0, 0.2775328), abs=1e-6)
    assert wilson(10, 10) == pytest.approx((0.7224672, 1.0), abs=1e-6)


def test_the_rank_of_the_median_s_interval():
    # From the tables of the sign test at 5%, two sided.
    expected = {0: 0, 1: 0, 5: 0, 6: 1, 8: 1, 9: 2, 12: 3, 20: 6, 25: 8, 100: 40}
    assert {count: median_rank(count) for count in expected} == expected
