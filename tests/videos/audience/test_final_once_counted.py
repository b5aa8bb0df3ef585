"""Final once counted: what visitors send later changes when nothing is known, and no touch."""

import datetime as dt
import uuid
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.factories import ShareLinkFactory, ViewerFactory, ViewFactory
from tests.videos.audience.factories import public_video
from videos.audience.models import ShareLink, View, Viewer
from videos.audience.tracking.av1_promotion import cuts_due_for_av1
from videos.audience.tracking.beacon import BadBeacon, BeaconReport
from videos.audience.tracking.browser import Browser
from videos.audience.tracking.cookies import OpenedLink
from videos.audience.tracking.evidence import (
    contact_of_view,
    count_views_by_reason,
    exclusion_reason_of,
)
from videos.audience.tracking.recording import attach_viewer, record_report
from videos.planning.models import Video

NOON = dt.datetime(2026, 5, 4, 12, tzinfo=dt.UTC)
VIEW = "0b7e5f0a-4c34-4b3f-9d4a-0123456789ab"
KEY = "c5ad4d9c3f0b4f5bb1a0c7fd5e1c8e57"


def after(seconds):
    return NOON + dt.timedelta(seconds=seconds)


@pytest.fixture
def tell(video):
    """`tell(at, …)`: the view after a report that arrived `at` seconds after noon."""

    def send(at, *ranges, elapsed=None, share=None, view=VIEW, key="", **browser):
        report = BeaconReport(
            view=view,
            video=video.public_id,
            share=share,
            seq=0,
            elapsed=at if elapsed is None else elapsed,
            ranges=ranges,
            event="playing",
            key=key,
        )
        record_report(report, Browser(**{"viewer": None} | browser), after(at))
        return View.objects.get(public_id=view)

    return send


def made(link, seconds):
    ShareLink.objects.filter(pk=link.pk).update(created_at=after(seconds))
    return link


@pytest.fixture
def link(video):
    return made(ShareLinkFactory(video=video), -3600)


# Start


def test_a_view_starts_before_neither_its_link_nor_its_video_was_there(tell, video, link):
    made(link, 2 * 86_400)
    late = 2 * 86_400 + 60
    assert tell(late, (0, 9), elapsed=604000, share=link.token).started_at == link_made(link)
    Video.objects.update(published_at=after(-5))
    other = str(uuid.uuid4())
    assert tell(0, (0, 4), elapsed=600, view=other).started_at == after(-5)


def link_made(link):
    return ShareLink.objects.get(pk=link.pk).created_at


def test_a_link_that_comes_with_a_later_report_bounds_the_start_all_the_same(tell, link):
    made(link, 5)
    assert tell(8, elapsed=8).started_at == NOON
    assert tell(9, (0, 4), elapsed=9, share=link.token).started_at == after(5)
    made(link, 15)
    other = str(uuid.uuid4())
    tell(20, elapsed=1, share=link.token, view=other)
    assert tell(21, (0, 4), elapsed=600, view=other).started_at == after(15)


def test_a_tab_older_than_a_week_goes_on_reporting(tell):
    month = 30 * 86_400
    assert tell(0).counted_at is None
    view = tell(month, (0, 60), elapsed=month)
    assert (view.started_at, view.counted_at) == (NOON, after(month))
    assert view.seconds_watched == Decimal(60)


def test_the_start_is_final_once_counted(tell):
    assert tell(10, (0, 5), elapsed=5).started_at == after(5)
    assert tell(11, (0, 6), elapsed=11).started_at == after(5)


# Seconds and ranges


def test_seconds_are_bounded_as_of_the_latest_new_range(tell):
    assert tell(10, (0, 60), elapsed=10).seconds_watched == Decimal(25)
    known = tell(20, (0, 60), elapsed=20)
    assert (known.seconds_watched, known.new_range_at) == (Decimal(25), after(10))
    assert known.ranges == [[0, 60]]
    assert tell(30, (0, 59.5)).seconds_watched == Decimal(25)


def test_later_reports_add_ranges_and_seconds(tell, video):
    Video.objects.update(duration_seconds="600")
    tell(10, (0, 4))
    known = tell(110, (0, 100))
    assert (known.seconds_watched, known.new_range_at) == (Decimal(100), after(110))
    assert (known.counted_at, known.last_heard_at) == (after(10), after(110))


def tiny(first, number):
    return [(first + n / 10, first + n / 10 + 0.05) for n in range(number)]


def test_a_report_that_would_make_a_301st_range_is_dropped_whole_and_no_more_are_taken(tell):
    assert len(tell(100, *tiny(0, 300)).ranges) == 300
    before = View.objects.values().get()
    tell(200, (31, 32), elapsed=500)
    assert View.objects.values().get() == before | {"takes_no_ranges": True}
    after_it = tell(300, (0, 60))
    assert after_it.seconds_watched == before["seconds_watched"]
    assert (after_it.ranges, after_it.new_range_at) == (before["ranges"], after(100))


def test_a_view_that_takes_no_more_ranges_still_hears_of_a_bot(tell):
    tell(1, (0, 2))
    tell(2, *tiny(3, 301))
    assert tell(3, is_bot=True).is_bot


def test_a_flood_of_tiny_ranges_leaves_no_more_than_300(tell):
    for number in range(60):
        view = tell(number, *tiny(0.001 * number, 500))
    assert (view.ranges, view.takes_no_ranges) == ([], True)


# Share links


def opened(link, seconds):
    return OpenedLink(link.token, after(seconds))


def test_a_view_takes_the_newest_link_to_its_video_that_was_opened_before(tell, video, link):
    newer, newest, elsewhere = (
        made(ShareLinkFactory(video=one), -3600) for one in (video, video, public_video())
    )
    cookie = (
        opened(elsewhere, -1),
        opened(newest, 1),  # while it played
        opened(newer, -2),
        opened(link, -3),
    )
    view = tell(4, (0, 4), opened_links=cookie)
    assert view.share_link == newer


@pytest.mark.parametrize(("opened_at", "taken"), [(-86_400, False), (-86_399, True), (0, True)])
def test_a_link_is_taken_that_was_opened_under_24_hours_before(tell, link, opened_at, taken):
    made(link, -2 * 86_400)
    view = tell(4, (0, 4), opened_links=(opened(link, opened_at),))
    assert view.share_link == (link if taken else None)


def test_what_a_report_names_wins_over_the_cookie(tell, video, link):
    named = made(ShareLinkFactory(video=video), -3600)
    view = tell(4, (0, 4), share=named.token, opened_links=(opened(link, -1),))
    assert view.share_link == named


def test_a_strange_token_leaves_the_choice_to_the_cookie(tell, link):
    assert tell(4, share="nobody-knows-it", opened_links=(opened(link, -1),)).share_link == link


def test_a_token_that_is_sent_after_the_view_was_counted_changes_nothing(tell, link):
    tell(4, (0, 4))
    view = tell(9, (0, 9), share=link.token, opened_links=(opened(link, -1),))
    assert (view.share_link, view.seconds_watched) == (None, Decimal(9))


def test_after_a_no_no_link_names_anybody(tell, link):
    view = tell(
        4, (0, 4), share=link.token, opened_links=(opened(link, -1),), said_no=True, viewer="v"
    )
    assert (view.share_link, view.viewer, view.counted_at) == (None, None, after(4))
    assert not Viewer.objects.exists()


def test_a_no_before_a_view_counts_takes_its_link_in_whatever_order_the_reports_come(tell, link):
    other = str(uuid.uuid4())
    tell(1, (0, 1), share=link.token)
    tell(2, (0, 2), said_no=True)
    assert tell(4, (0, 4), said_no=True).share_link is None
    tell(2, (0, 2), said_no=True, view=other)
    tell(2, (0, 1), share=link.token, view=other)
    assert tell(4, (0, 4), said_no=True, view=other).share_link is None


@pytest.mark.parametrize("first", [0, 1, 2])
def test_a_no_before_a_view_counts_takes_its_viewer_too(tell, link, first):
    known = {"share": link.token, "viewer": "v"}
    sent = [((0, 1), known), ((1, 2), {"said_no": True}), ((2, 2.5), known)]
    for at, (played, browser) in enumerate([*sent[first:], *sent[:first]]):
        view = tell(at, played, **browser)
    assert (view.viewer, view.identified_at, view.share_link) == (None, None, None)
    counted = tell(9, (0, 4), **known)
    assert (counted.viewer, counted.share_link, counted.counted_at) == (None, None, after(9))


def test_a_no_before_a_view_counts_takes_the_viewer_of_a_yes_whichever_comes_first(tell):
    def yes(view, at):
        attach_viewer("v", {view: KEY}, after(at))

    other = str(uuid.uuid4())
    tell(1, (0, 1), key=KEY)
    yes(VIEW, 2)
    assert View.objects.get().identified_at == after(2)
    after_it = tell(3, (0, 2), key=KEY, said_no=True)
    tell(1, (0, 1), key=KEY, view=other)
    tell(2, (0, 2), key=KEY, view=other, said_no=True)
    yes(other, 3)
    before_it = tell(4, (0, 4), key=KEY, view=other)
    for view in (after_it, before_it):
        assert (view.viewer, view.identified_at) == (None, None)


@pytest.mark.parametrize(
    "named", [{"share": True}, {"viewer": "v"}, {"share": True, "viewer": "v"}]
)
def test_a_later_no_adds_nothing_to_a_counted_view_that_names_somebody(tell, link, named):
    tell(4, (0, 4), **named | ({"share": link.token} if "share" in named else {}))
    before = View.objects.values().get()
    tell(9, (0, 9), said_no=True)
    assert View.objects.values().get() == before
    assert tell(10, (0, 5)).ranges == [[0, 5]]


def test_after_a_no_a_counted_view_of_nobody_goes_on(tell):
    tell(4, (0, 4))
    assert tell(9, (0, 9), said_no=True).ranges == [[0, 9]]


# Whose it is


@pytest.mark.parametrize("key", ["", KEY])
@pytest.mark.parametrize("other", ["", KEY.upper(), KEY[:-1], "é"])
def test_a_report_with_another_key_than_the_view_s_changes_nothing(tell, link, key, other):
    if key == other:
        return
    tell(1, (0, 1), key=key)
    before = View.objects.values().get()
    with pytest.raises(BadBeacon, match="the view began with another key"):
        tell(9, (0, 9), key=other, share=link.token, viewer="w", is_bot=True, said_no=True)
    assert View.objects.values().get() == before
    assert not Viewer.objects.exists()
    assert tell(10, (0, 9), key=key).counted_at == after(10)


# Flags


@pytest.mark.parametrize("flag", ["is_staff", "is_internal", "is_bot"])
def test_a_flag_holds_from_before_a_view_counts_and_not_from_after(tell, link, flag):
    other = str(uuid.uuid4())
    tell(1, (0, 1), share=link.token, **{flag: True})
    excluded = tell(4, (0, 4))
    assert (getattr(excluded, flag), excluded.counted_at) == (True, after(4))
    assert list(View.objects.counted()) == []
    tell(4, (0, 4), share=link.token, view=other)
    counted = tell(9, (0, 9), view=other, **{flag: True})
    assert getattr(counted, flag) is False
    assert list(View.objects.counted()) == [counted]
    assert contact_of_view(counted) == link.contact


def test_a_staff_sign_in_in_a_browser_affects_the_views_that_are_counted_after_it(tell, link):
    uncounted, later = str(uuid.uuid4()), str(uuid.uuid4())
    tell(4, (0, 4), share=link.token, viewer="v")
    tell(4, (0, 1), share=link.token, viewer="v", view=uncounted)
    Viewer.objects.update(was_staff=True)
    assert tell(9, (0, 9), viewer="v").is_staff is False
    assert tell(9, (0, 9), viewer="v", view=uncounted).is_staff is True
    assert tell(9, (0, 9), viewer="v", view=later).is_staff is True
    assert contact_of_view(View.objects.get(public_id=VIEW)) == link.contact


# One rule, kept with the view


def test_a_changed_limit_counts_from_then_on_and_on_every_screen_alike(tell, link, settings):
    tell(4, (0, 4), share=link.token)
    for limit in (10, 1):
        settings.VIEW_MIN_SECONDS = limit
        assert exclusion_reason_of(View.objects.get(public_id=VIEW)) is None
        assert dict(count_views_by_reason(link.video)) == {None: 1}
        assert ShareLink.objects.with_watched().get().watched == 1
        assert View.objects.counted().count() == 1
        assert len(cuts_due_for_av1(1)) == 1
    settings.VIEW_MIN_SECONDS = 10
    other = tell(8, (0, 8), share=link.token, view=str(uuid.uuid4()))
    settings.VIEW_MIN_SECONDS = 3
    assert exclusion_reason_of(other) == "short"
    assert ShareLink.objects.with_watched().get().watched == 1
    assert dict(count_views_by_reason(link.video)) == {None: 1, "short": 1}
    assert len(cuts_due_for_av1(2)) == 0


def test_excluded_views_do_not_earn_a_second_set(tell, link):
    tell(4, (0, 4), is_bot=True)
    assert cuts_due_for_av1(1) == []


# Viewers


def test_a_viewer_joins_a_view_when_it_begins_and_no_other_report_brings_one(tell):
    assert tell(1, (0, 1)).viewer is None
    assert tell(2, (0, 2), viewer="v").viewer is None
    assert tell(9, (0, 9), viewer="v").viewer is None
    assert not Viewer.objects.exists()
    other = str(uuid.uuid4())
    for at, viewer in ((1, "w"), (4, "v"), (9, None)):
        begun = tell(at, (0, at), viewer=viewer, view=other)
        assert (begun.viewer.public_id, begun.identified_at) == ("w", None)


def test_a_yes_attaches_the_viewer_to_the_views_of_the_day_before(video):
    def begun(hours, **fields):
        fields = {"viewer": None, "video": video, "key": KEY} | fields
        return ViewFactory(started_at=NOON - dt.timedelta(hours=hours), **fields)

    known = ViewerFactory()
    fresh, older = begun(1), begun(23.9)
    too_old, imported, taken = begun(24), begun(1, imported=True), begun(1, viewer=known)
    not_named, keyless, said_no = begun(1), begun(1, key=""), begun(1, said_no=True)
    named = (fresh, older, too_old, imported, taken, keyless, said_no)
    keys = {view.public_id: view.key for view in named}
    assert attach_viewer("thief", dict.fromkeys(keys, KEY.upper()), NOON) == 0
    assert attach_viewer("thief", dict.fromkeys(keys, ""), NOON) == 0
    assert attach_viewer("me", {**keys, str(uuid.uuid4()): KEY}, NOON) == 2
    me = Viewer.objects.get(public_id="me")
    assert set(View.objects.filter(viewer=me)) == {fresh, older}
    assert set(View.objects.filter(identified_at=NOON)) == {fresh, older}
    assert View.objects.get(pk=taken.pk).viewer == known
    assert View.objects.get(pk=not_named.pk).viewer is None
    assert attach_viewer("thief", keys, after(60)) == 0
    assert not Viewer.objects.filter(public_id="thief").exists()


# Any order, repetition and delay

position = st.integers(0, 160).map(lambda quarters: quarters / 4)
played = st.lists(st.tuples(position, position).map(lambda pair: tuple(sorted(pair))), max_size=3)
seconds = st.integers(0, 60)
flags = st.sampled_from(["is_staff", "is_internal", "is_bot"])
reports = st.fixed_dictionaries(
    {
        "at": seconds,
        "elapsed": st.integers(0, 700),
        "ranges": played,
        "share": st.sampled_from([None, None, "old", "new", "strange"]),
        "opened": st.lists(st.tuples(st.sampled_from(["old", "new"]), st.integers(-50, 60))),
        "viewer": st.sampled_from([None, None, "v", "w"]),
        "said_no": st.sampled_from([False, False, False, True]),
        "flag": st.none() | st.none() | flags,
    }
)
acts = st.one_of(
    reports,
    st.fixed_dictionaries({"at": seconds, "yes": st.sampled_from(["v", "w"])}),
    st.fixed_dictionaries({"at": seconds, "signs_in": st.sampled_from(["v", "w"])}),
)
many_rows = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


class Tab:
    """One view of one video, with two share links: one made before, one while it plays."""

    def __init__(self):
        self.video = public_video(duration_seconds="35")
        Video.objects.filter(pk=self.video.pk).update(published_at=after(-300))
        self.links = {
            "old": made(ShareLinkFactory(video=self.video), -60),
            "new": made(ShareLinkFactory(video=self.video), 20),
        }

    def act(self, act):
        at = after(act["at"])
        if "yes" in act:
            attach_viewer(act["yes"], {VIEW: KEY}, at)
        elif "signs_in" in act:
            Viewer.objects.update_or_create(public_id=act["signs_in"], defaults={"was_staff": True})
        else:
            record_report(self.report(act), self.browser(act), at)

    def token(self, name):
        return self.links[name].token if name in self.links else name

    def report(self, act):
        return BeaconReport(
            view=VIEW,
            video=self.video.public_id,
            share=self.token(act["share"]),
            seq=0,
            elapsed=act["elapsed"],
            ranges=tuple(act["ranges"]),
            event="playing",
            key=KEY,
        )

    def browser(self, act):
        links = (opened(self.links[name], seconds) for name, seconds in act["opened"])
        return Browser(
            viewer=act["viewer"],
            opened_links=tuple(links),
            said_no=act["said_no"],
            **({act["flag"]: True} if act["flag"] else {}),
        )

    def view(self):
        return View.objects.select_related("viewer").filter(public_id=VIEW).first()


@pytest.fixture
def tab(db):
    return Tab()


def known_at(view, instant):
    """What a report as of an instant, or a deal closed after it, may make of the view."""
    if view is None or view.counted_at is None or max(view.started_at, view.counted_at) > instant:
        return None
    identified = max(view.started_at, view.counted_at, view.identified_at or view.started_at)
    return SimpleNamespace(
        started_at=view.started_at,
        counted_at=view.counted_at,
        share_link=view.share_link_id,
        flags=(view.is_staff, view.is_internal, view.is_bot),
        viewer=view.viewer.public_id if view.viewer and identified <= instant else None,
        identified=identified if view.viewer and identified <= instant else None,
    )


def in_order(told):
    return sorted(told, key=lambda act: act["at"])


@many_rows
@given(told=st.lists(acts, max_size=9), again=st.lists(st.none() | seconds, max_size=9))
def test_what_was_known_at_an_instant_is_known_of_it_ever_after(tab, told, again):
    """Any reports, honest or not, late or repeated, with consents and sign-ins between them."""
    with transaction.atomic():
        then = {}
        for act in in_order([*told, *repeated(told, again)]):
            tab.act(act)
            then[act["at"]] = known_at(tab.view(), after(act["at"]))
        ever_after = tab.view()
        assert {at: known_at(ever_after, after(at)) for at in then} == then
        transaction.set_rollback(True)


def repeated(told, again):
    """The acts once more, each so many seconds later, or not."""
    return [
        act | {"at": act["at"] + late}
        for act, late in zip(told, again, strict=False)
        if late is not None
    ]


def quarters(told):
    """An oracle for ranges: which quarters of a second of the 35 were played."""
    return {
        q for act in told for a, b in act["ranges"] for q in range(int(a * 4), int(b * 4))
    } & set(range(35 * 4))


def expected(told, tab):
    """An oracle for one view: the fine print, read at each arrival."""
    view = SimpleNamespace(counted_at=None, link=None, said_no=False, flags=set(), new=None)
    view.start, view.viewer, view.heard = 10**9, told[0]["viewer"], []
    for act in told:
        at = act["at"]
        if view.counted_at is not None and act["said_no"] and (view.link or view.viewer):
            continue
        if view.counted_at is None:
            view.start = max(-300, min(view.start, at - min(act["elapsed"], 600)))
            view.said_no |= act["said_no"]
            view.link = None if view.said_no else view.link or link_for(act, view.start)
            view.viewer = None if view.said_no else view.viewer
            if view.link:
                view.start = max(view.start, {"old": -60, "new": 20}[view.link])
            view.flags |= {act["flag"]} - {None}
        fresh = quarters([act]) - quarters(view.heard)
        view.heard.append(act)
        view.new = at if fresh else view.new
        if view.new is not None and (fresh or view.counted_at is None):
            credible = max(0, 2 * (view.new - view.start) + 5)
            view.seconds = min(len(quarters(view.heard)) / 4, credible)
            if view.counted_at is None and view.seconds >= 3:
                view.counted_at = at
    return view


def instant(seconds):
    return None if seconds is None else after(seconds)


def link_for(act, start):
    lately = [name for name, at in act["opened"] if at <= start]
    named = [act["share"]] if act["share"] in {"old", "new"} else []
    return next(iter([*named, *lately]), None)


@many_rows
@given(told=st.lists(reports, min_size=1, max_size=9))
def test_a_view_is_what_the_fine_print_makes_of_its_reports(tab, told):
    told = in_order(told)
    with transaction.atomic():
        for act in told:
            tab.act(act)
        view, oracle = tab.view(), expected(told, tab)
        assert view.started_at == after(oracle.start)
        assert view.counted_at == instant(oracle.counted_at)
        assert view.share_link == tab.links.get(oracle.link)
        assert view.seconds_watched == Decimal(0 if oracle.new is None else oracle.seconds)
        assert sum(b - a for a, b in view.ranges) * 4 == len(quarters(oracle.heard))
        assert {flag for flag in ("is_staff", "is_internal", "is_bot") if getattr(view, flag)} == (
            oracle.flags
        )
        assert (view.viewer and view.viewer.public_id) == oracle.viewer
        assert view.identified_at is None
        transaction.set_rollback(True)


@many_rows
@example(sent=[3, 12], delays=[9, 0, 0, 0, 0, 0], again=[])
@given(
    sent=st.lists(st.integers(1, 30), min_size=1, max_size=6, unique=True).map(sorted),
    delays=st.lists(seconds, min_size=6, max_size=6),
    again=st.lists(st.none() | seconds, max_size=6),
)
def test_order_repetition_and_delay_change_when_an_honest_view_is_known_and_no_more(
    tab, sent, delays, again
):
    told = [
        {
            "at": at + delay,
            "elapsed": at,
            "ranges": [(before, at)],
            "share": "old",
            "opened": [],
            "viewer": "v",
            "said_no": False,
            "flag": None,
        }
        for before, at, delay in zip([0, *sent], sent, delays, strict=False)
    ]
    with transaction.atomic():
        order = in_order([*told, *repeated(told, again)])
        for act in order:
            tab.act(act)
        view = tab.view()
        assert view.ranges == [[0, sent[-1]]]
        # The first of the reports that counted it fixed its start, however late it came.
        newest = max(
            min(act["at"] for act in order if act["ranges"] == one["ranges"]) for one in told
        )
        passed = (after(newest) - view.started_at).total_seconds()
        assert view.seconds_watched == min(sent[-1], 2 * passed + 5)
        assert (view.share_link, view.viewer.public_id) == (tab.links["old"], "v")
        assert view.identified_at is None
        assert (view.counted_at is None) is (sent[-1] < 3)
        assert NOON <= view.started_at <= after(max(delays))
        if view.counted_at:
            arrived = next(
                order[:count] for count in range(1, 99) if len(quarters(order[:count])) >= 12
            )
            assert view.counted_at == after(arrived[-1]["at"])
            assert view.started_at == after(min(act["at"] - act["elapsed"] for act in arrived))
        transaction.set_rollback(True)
