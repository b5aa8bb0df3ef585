"""The report's rules, one by one: whose a view is, what touches, what is compared."""

import datetime as dt
from decimal import Decimal
from random import Random
from time import process_time
from zoneinfo import ZoneInfo

import pytest

from videos.deals.attribution.compare import median_rank, wilson
from videos.deals.attribution.influence import MissingRate, build_report
from videos.deals.attribution.input import (
    AttributionInput,
    Contact,
    Deal,
    ReportParams,
    Video,
    View,
)
from videos.deals.reports.caveats import (
    AffectedSums,
    affected_sums,
    before_entry,
    changed_after_close,
)
from videos.deals.reports.serializers import report_as_json

BASE = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)


def at(day, **more):
    return BASE + dt.timedelta(days=day, **more)


def view(view_id, day, **facts):
    """An imported view that was long enough; counted at its start, unless said otherwise."""
    started_at = facts.get("started_at", at(day))
    return View(
        **{
            "id": view_id,
            "video": "V1",
            "started_at": started_at,
            "seconds": Decimal(10),
            "imported": True,
            "counted_at": started_at,
            **facts,
        }
    )


def played(view_id, day, counted=0.0, identified=None, **facts):
    """A view that a browser reported, counted so many days later, its viewer attached so many."""
    return view(
        view_id,
        day,
        **{
            "imported": False,
            "viewer": "B",
            "counted_at": at(day + counted),
            "identified_at": None if identified is None else at(day + identified),
            **facts,
        },
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
    world = AttributionInput(
        videos=videos or [Video("V1", "One"), Video("V2", "Two")],
        views=views,
        contacts=contacts or [Contact("C1"), Contact("C2")],
        deals=deals or [deal()],
        rates=rates or {},
    )
    return build_report(world, ReportParams(**{"as_of": at(100), **asked}))


def touching(views, **asked):
    """The ids of the views that touch the deal of C1."""
    return [touch.view.id for won in found(views, **asked).deals for touch in won.touches]


# Counting


def test_a_view_that_was_never_long_enough_does_not_count():
    assert touching([view("x", 1, contact="C1", counted_at=None)]) == []


def test_whether_a_view_counts_was_judged_when_it_was_watched():
    short = Decimal("0.5")  # less than any limit of today
    assert touching([view("x", 1, contact="C1", seconds=short)]) == ["x"]
    assert touching([view("x", 1, contact="C1", seconds=None)]) == ["x"]


def test_staff_internal_and_bots_never_count():
    assert touching([view("x", 1, contact="C1", excluded=True)]) == []


# Whose


def test_a_counted_view_through_a_share_link_makes_the_viewer_known():
    views = [played("before", 1), played("link", 2, contact="C1"), played("after", 3)]
    assert touching(views) == ["before", "link", "after"]


def test_merely_opening_a_share_link_makes_nobody_known():
    assert touching([played("short", 1, contact="C1", counted_at=None), played("long", 2)]) == []


def test_a_colleague_s_view_through_a_link_makes_nobody_known():
    assert touching([played("link", 1, contact="C1", excluded=True), played("other", 2)]) == []


def test_a_later_staff_sign_in_takes_nothing_from_views_that_had_counted():
    before = [played("link", 1, contact="C1"), played("other", 2)]
    after = [played("as staff", 3, contact="C2", excluded=True), played("again", 4, excluded=True)]
    assert touching([*before, *after]) == touching(before) == ["link", "other"]


# Known before the close (fine print 23 and 25)

SECOND = 1 / 86_400


def test_a_view_is_a_touch_when_it_counted_before_the_close():
    views = [
        played("just", 29, contact="C1", counted_at=at(30, microseconds=-1)),
        played("at it", 29, contact="C1", counted_at=at(30)),
        played("late report", 1, contact="C1", counted_at=at(32)),
    ]
    assert touching(views) == ["just"]


def test_a_link_made_after_the_close_makes_no_old_view_a_touch():
    views = [played("old", 1), played("link", 31, contact="C1")]
    assert touching(views) == []
    assert [d.deal.id for d in found(views, [deal(closed_at=at(40))]).deals] == ["D1"]


def test_an_identification_is_known_before_the_close_or_does_not_exist():
    for counted_at, touches in ((at(30, microseconds=-1), ["old", "link"]), (at(30), [])):
        views = [played("old", 1), played("link", 29, contact="C1", counted_at=counted_at)]
        assert touching(views) == touches
    views = [
        played("old", 1),
        played("link", 2, contact="C1", identified=28),  # known at the close, not before it
        played("x", 3),
    ]
    assert touching(views) == ["link"]


def test_a_view_may_be_of_different_contacts_for_different_deals():
    views = [
        played("as C2", 1, contact="C2"),
        played("x", 2, video="V2"),
        played("as C1", 10, contact="C1"),
    ]
    deals = [
        deal("early C2", closed_at=at(5), contacts=["C2"]),
        deal("early C1", closed_at=at(5), contacts=["C1"]),
        deal("late C2", closed_at=at(20), contacts=["C2"]),
        deal("late C1", closed_at=at(20), contacts=["C1"]),
    ]
    assert {
        won.deal.id: [touch.view.id for touch in won.touches] for won in found(views, deals).deals
    } == {"early C2": ["as C2", "x"], "late C1": ["x", "as C1"], "late C2": ["as C2"]}


def test_the_example_of_a_yes_after_two_views_to_the_second():
    def clock(hour, minute, second=0):
        return BASE + dt.timedelta(hours=hour, minutes=minute, seconds=second)

    yes = clock(10, 30)
    views = [
        view(
            "A",
            0,
            imported=False,
            video="V2",
            viewer="B",
            started_at=clock(10, 0),
            counted_at=clock(10, 0, 3),
            identified_at=yes,
        ),
        view(
            "B",
            0,
            imported=False,
            viewer="B",
            contact="C1",
            started_at=clock(10, 5),
            counted_at=clock(10, 5, 3),
            identified_at=yes,
        ),
    ]

    def touches(closed_at, as_of):
        deals = [deal(created_at=clock(9, 0), closed_at=closed_at)]
        result = found(views, deals, as_of=as_of)
        return [touch.view.id for won in result.closed for touch in won.touches]

    for as_of in (at(1), at(100)):
        assert touches(clock(10, 5, 3), as_of) == []
        assert touches(clock(10, 5, 4), as_of) == ["B"]
        assert touches(clock(10, 30), as_of) == ["B"]
        assert touches(clock(10, 30, 1), as_of) == ["A", "B"]


def test_an_anonymous_view_whose_viewer_was_attached_after_the_close_is_nobody_s():
    link = played("link", 1, contact="C1")
    assert touching([link, played("x", 2, identified=27)]) == ["link", "x"]
    assert touching([link, played("x", 2, identified=28)]) == ["link"]


def test_a_view_s_own_contact_needs_no_yes():
    assert touching([played("x", 2, contact="C1", identified=90)]) == ["x"]
    assert touching([played("x", 2, contact="C1", viewer=None)]) == ["x"]


def test_an_imported_identification_counts_as_known_all_along():
    views = [view("anonymous", 1, viewer="B"), view("after", 40, viewer="B", contact="C1")]
    assert touching(views) == ["anonymous"]
    assert touching(views, as_of=at(39)) == []


def test_a_report_knows_what_was_known_at_its_instant():
    link = played("link", 1, counted=4, contact="C1")  # counted on day 5
    views = [link, played("x", 2), played("yes", 3, identified=4)]  # attached on day 7

    def known(day):
        still = [deal(status="open", closed_at=None)]
        (one,) = found(views, still, as_of=at(day)).open
        return [touch.view.id for touch in one.touches]

    assert [known(day) for day in (4, 5, 6, 7)] == [
        [],
        ["x"],  # the link's view counts at this instant, and so before no close
        ["link", "x"],
        ["link", "x", "yes"],
    ]


def test_a_tab_left_open_past_the_close_is_no_touch_on_whatever_day_one_asks():
    tab = played("tab", 1, counted=3, contact="C1")  # one second, and a minute three days later
    won = [deal(closed_at=at(2))]
    for as_of in (at(3), at(4), at(50)):
        assert found([tab], won, as_of=as_of).deals == []
    reports = [
        report_as_json(found([tab], won, as_of=at(3))),
        report_as_json(found([], won, as_of=at(3))),
    ]
    assert reports[0] == reports[1]


def test_the_look_back_looks_at_the_start_alone():
    late = [played("x", 20, counted=9, contact="C1")]
    assert touching(late, lookback_days=10) == ["x"]
    assert touching(late, lookback_days=9) == []


# Known after the close (fine print 30)


def late(views, *, known=(), **facts):
    """The touches of the deal, and whether each is marked."""
    won = found(views, [deal(known_by=at(30), **facts)], contacts=known).deals
    return {touch.view.id: touch.is_late for one in won for touch in one.touches}


def test_a_contact_added_after_the_close_was_recorded_makes_late_touches():
    views = [view("a", 1, contact="C1"), view("b", 2, contact="C2")]
    both = {"contacts": ["C1", "C2"]}
    assert late(views, **both, added_at={"C2": at(31)}) == {"a": False, "b": True}
    assert late(views, **both, added_at={"C2": at(30)}) == {"a": False, "b": False}


def test_a_merge_learned_of_after_the_close_was_recorded_makes_late_touches():
    views = [view("a", 1, contact="C1"), view("b", 2, contact="C2")]
    for merged_at, is_late in ((at(30), False), (at(31), True), (None, False)):
        contacts = [Contact("C1"), Contact("C2", merged_into="C1", merged_at=merged_at)]
        assert late(views, known=contacts) == {"a": False, "b": is_late}
        # The other way round: the deal's contact is the doublet.
        contacts = [Contact("C1", merged_into="C2", merged_at=merged_at), Contact("C2")]
        assert late(views, known=contacts) == {"a": False, "b": is_late}


def test_a_merge_and_an_addition_that_change_nothing_mark_nothing():
    contacts = [Contact("C1", merged_into="C2", merged_at=at(50)), Contact("C2")]
    views = [view("a", 1, contact="C1")]
    won = found(
        views,
        [deal(contacts=["C1", "C2"], known_by=at(30), added_at={"C2": at(40)})],
        contacts=contacts,
    ).deals
    assert [touch.is_late for touch in won[0].touches] == [False]


def test_an_anonymous_view_is_late_with_the_contact_it_is_of():
    views = [played("a", 1), played("link", 2, contact="C1")]
    assert late(views, added_at={"C1": at(31)}) == {"a": True, "link": True}


def test_nothing_is_late_on_an_open_deal():
    still = [deal(status="open", closed_at=None, added_at={"C1": at(31)})]
    (one,) = found([view("a", 1, contact="C1")], still).open
    assert (len(one.touches), one.late) == (1, [])


def test_the_sum_that_hangs_on_what_came_late():
    views = [
        view("a", 1, contact="C1"),
        view("b", 2, contact="C2"),
        view("c", 3, contact="C2", video="V2"),
    ]
    recorded = {"known_by": at(30)}
    deals = [
        deal("some", contacts=["C1", "C2"], added_at={"C2": at(31)}, **recorded),
        deal("all", contacts=["C2"], added_at={"C2": at(31)}, **recorded),
        deal("none", contacts=["C1"], **recorded),
        deal("no amount", contacts=["C2"], amount=None, added_at={"C2": at(31)}, **recorded),
    ]
    result = found(views, deals)
    assert result.totals.influenced_revenue == 30000
    assert affected_sums(result.deals) == AffectedSums(
        touches=6, deals=2, revenue=10000, credit=16666
    )


def test_a_view_from_before_a_deal_was_entered_by_hand_is_early():
    views = [view("a", 1, contact="C1"), view("b", 20, contact="C1")]
    ((first, second),) = [won.touches for won in found(views, [deal(entered_at=at(20))]).deals]
    assert (first.is_early, second.is_early) == (True, False)
    (one,) = found(views, [deal(entered_at=None)]).deals
    assert not any(touch.is_early for touch in one.touches)


def test_the_sums_of_what_was_entered_late_and_of_what_changed_late():
    views = [view("a", 1, contact="C1"), view("b", 20, contact="C1")]
    deals = [
        deal("half", entered_at=at(10)),
        deal("whole", entered_at=at(29)),
        deal("changed", changed_after_close=True),
        deal("changed open", changed_after_close=True, status="open", closed_at=None),
        deal("neither"),
    ]
    result = found(views, deals)
    assert affected_sums(result.deals, before_entry) == AffectedSums(3, 1, 10000, 15000)
    assert affected_sums(result.deals, changed_after_close) == AffectedSums(2, 1, 10000, 10000)
    assert affected_sums(result.deals) == AffectedSums()
    assert not any(one.changed_after_close for one in result.open)


# Imported identifications


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


def test_an_identification_exactly_at_a_view_s_start_says_whose_it_is():
    views = [
        played("linked", 2, contact="C1"),
        played("same instant", 2),
        played("a moment later", 2, started_at=at(2, microseconds=1), counted=0.1),
        played("linked later", 4, contact="C2"),
    ]
    assert touching(views) == ["linked", "same instant"]
    deals = [deal(contacts=["C2"])]
    assert touching(views, deals=deals) == ["a moment later", "linked later"]


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


def test_a_total_of_influenced_revenue_counts_each_deal_once():
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
    assert report_as_json(result)["totals"]["influenced_revenue"] == shown


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
    assert report_as_json(result)["totals"] == {
        "won_deals": 1,
        "won_revenue": "0.00",
        "influenced_deals": 0,
        "influenced_revenue": "0.00",
        "without_amount": ["unknown"],
    }


def test_a_deal_without_an_amount_counts_and_has_no_credit():
    result = report_as_json(found([view("x", 1, contact="C1")], [deal(amount=None)]))
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
    result = report_as_json(found(views, model="first"))
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
    side = report_as_json(found(()))["compared"]["all"]["with"]
    assert side == {
        "closed": 0,
        "won": 0,
        "close_rate": None,
        "close_rate_interval": None,
        "median_days": None,
        "median_days_interval": None,
    }


@pytest.mark.parametrize(("closed", "is_few"), [(19, True), (20, False), (21, False)])
def test_a_side_of_fewer_than_twenty_closed_deals_is_too_few_to_tell(closed, is_few):
    deals = [deal(f"D{number}") for number in range(closed)]
    side = found((), deals).compared_all.without
    assert (side.closed, side.is_few) == (closed, is_few)


def test_a_deal_that_is_created_at_the_instant_of_as_of_exists():
    assert len(found((), [deal(created_at=at(20))], as_of=at(20)).open) == 1


def test_wilson_s_interval():
    assert wilson(8, 10) == pytest.approx((0.4901625, 0.9433178), abs=1e-6)
    assert wilson(0, 10) == pytest.approx((0.0, 0.2775328), abs=1e-6)
    assert wilson(10, 10) == pytest.approx((0.7224672, 1.0), abs=1e-6)


def test_the_rank_of_the_median_s_interval():
    # From the tables of the sign test at 5%, two sided.
    expected = {0: 0, 1: 0, 5: 0, 6: 1, 8: 1, 9: 2, 12: 3, 20: 6, 25: 8, 100: 40}
    assert {count: median_rank(count) for count in expected} == expected


# Speed


def test_sixty_thousand_views_and_nine_hundred_deals_take_a_moment():
    dice = Random(3)
    contacts = [Contact(f"C{number}") for number in range(3000)]
    views = [
        played(
            f"x{number}",
            dice.random() * 300,
            viewer=f"B{dice.randrange(8000)}",
            contact=dice.choice(contacts).id if dice.random() < 0.3 else None,
        )
        for number in range(60_000)
    ]
    deals = [
        deal(
            f"D{number}",
            closed_at=at(dice.randrange(1, 300)),
            contacts=[contact.id for contact in dice.sample(contacts, 3)],
            amount=None,
        )
        for number in range(900)
    ]
    began = process_time()
    result = found(views, deals, contacts=contacts, as_of=at(400))
    assert process_time() - began < 6  # less than one; each deal over all views would take a minute
    assert result.totals.won_deals == 900
    assert sum(len(one.touches) for one in result.closed) > 5000
