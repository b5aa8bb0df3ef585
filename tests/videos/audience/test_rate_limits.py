import dataclasses
import datetime as dt
import logging
import uuid

import pytest
from django.core.cache import caches
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import ShareLinkFactory
from tests.videos.audience.conftest import FIREFOX
from videos.audience.models import View, Viewer
from videos.audience.tracking import rate_limits
from videos.audience.tracking.rate_limits import Limit, RateLimitExceeded

NOON = dt.datetime(2026, 5, 4, 12, tzinfo=dt.UTC)


def after(seconds):
    return NOON + dt.timedelta(seconds=seconds)


def is_refused(limit, at, whose="somebody"):
    try:
        rate_limits.hit(limit, whose, at)
    except RateLimitExceeded:
        return True
    return False


# What is refused


@given(st.integers(1, 50), st.integers(1, 200), st.integers(1, 10))
def test_a_window_takes_as_many_as_its_limit_and_then_no_more(most, times, left):
    limit = Limit("tests", most, 10)
    refused = [rate_limits.check_limit(limit, n, left).refused for n in range(1, times + 1)]
    assert refused.count(False) == min(most, times)
    assert refused == sorted(refused)


@given(st.floats(0, 3 * 86_400), st.sampled_from([1, 10, 60, 86_400]))
def test_what_is_refused_may_come_again_when_the_window_is_over(passed, seconds):
    limit, at = Limit("tests", 1, seconds), after(passed)
    number, left = rate_limits.window_of(limit, at)
    assert 1 <= left <= seconds
    assert rate_limits.window_of(limit, at + dt.timedelta(seconds=left))[0] == number + 1


def test_500_viewers_behind_one_address_or_with_one_link_lose_nothing():
    begin = [
        rate_limits.NEW_VIEWS_BY_NETWORK,
        rate_limits.NEW_VIEWS_BY_LINK,
        rate_limits.COUNTED_BY_LINK_AND_NETWORK,
        rate_limits.COUNTED_BY_LINK,
    ]
    go_on = [rate_limits.REPORTS_BY_NETWORK, rate_limits.REPORTS_BY_LINK]
    refused = [is_refused(limit, NOON) for limit in [*begin, *go_on] for _viewer in range(500)]
    refused += [
        is_refused(limit, after(seconds + viewer / 100))
        for seconds in range(10, 70, 10)
        for viewer in range(500)
        for limit in go_on
    ]
    assert not any(refused)


def test_31_new_views_a_second_from_one_connection_are_refused():
    refused = [
        is_refused(rate_limits.NEW_VIEWS_BY_NETWORK, after(second))
        for second in range(60)
        for _view in range(31)
    ]
    assert refused.index(True) < 20 * 31
    assert refused.count(False) == rate_limits.NEW_VIEWS_BY_NETWORK.max_count


def test_each_is_counted_alone():
    limit = Limit("tests", 1, 60)
    assert [is_refused(limit, NOON, whose) for whose in ("a", "b", "a")] == [False, False, True]
    assert not is_refused(dataclasses.replace(limit, name="others"), NOON, "a")


def test_off_means_counted_and_told_and_nothing_refused(settings, caplog):
    settings.RATE_LIMITS = "off"
    limit = Limit("tests", 1, 60)
    assert not any(is_refused(limit, NOON) for _ in range(3))
    assert len(caplog.records) == 1
    settings.RATE_LIMITS = "on"
    assert is_refused(limit, NOON)


def test_refusals_are_logged_sparsely_and_without_who(caplog):
    with caplog.at_level(logging.INFO):
        for _ in range(1 + 150):
            is_refused(Limit("tests", 1, 60), NOON, "somebody")
    told = [record.getMessage() for record in caplog.records]
    assert [text.split()[1] for text in told] == ["1", "10", "100"]
    assert not [text for text in told if "somebody" in text]


# Networks


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.7", "192.0.2.7", True),
        ("192.0.2.7", "192.0.2.8", False),
        ("192.0.2.7", "::ffff:192.0.2.7", True),
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::9", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("", "", True),
        ("", "unknown", True),
    ],
)
def test_a_network_is_one_address_in_ipv4_and_64_bits_in_ipv6(one, other, same):
    assert (rate_limits.network_key(one, NOON) == rate_limits.network_key(other, NOON)) is same


def test_the_name_of_a_network_changes_every_day_and_tells_nothing(settings):
    today, late = (rate_limits.network_key("192.0.2.7", after(hours * 3600)) for hours in (0, 11))
    tomorrow = rate_limits.network_key("192.0.2.7", after(12 * 3600))
    assert today == late != tomorrow
    assert "192.0.2.7" not in today
    settings.SECRET_KEY = "another"
    assert rate_limits.network_key("192.0.2.7", NOON) != today


# The beacon's answer


@pytest.fixture
def limit_to(monkeypatch):
    def lower(name, most):
        limit = dataclasses.replace(getattr(rate_limits, name), max_count=most, seconds=86_400)
        monkeypatch.setattr(rate_limits, name, limit)

    return lower


def another_view():
    return str(uuid.uuid4())


@pytest.mark.parametrize("name", ["NEW_VIEWS_BY_NETWORK", "REPORTS_BY_NETWORK"])
def test_too_many_from_one_network_are_told_when_to_come_again(play, limit_to, name, caplog):
    limit_to(name, 1)
    assert play().status_code == 204
    with caplog.at_level(logging.INFO):
        refused = [play(view=another_view()) for _ in range(5)]
    assert {response.status_code for response in refused} == {429}
    assert refused[0].json() == {"detail": "too many reports; try again later"}
    assert 1 <= int(refused[0]["Retry-After"]) <= 86_400
    assert len(caplog.records) == 1
    assert View.objects.count() == 1
    elsewhere = Client(headers={"User-Agent": FIREFOX}, REMOTE_ADDR="192.0.2.7")
    assert play(view=another_view(), client=elsewhere).status_code == 204


def test_views_that_have_begun_go_on_when_no_new_ones_are_taken(play, limit_to):
    limit_to("NEW_VIEWS_BY_NETWORK", 1)
    play()
    assert play(view=another_view()).status_code == 429
    assert play(seq=1, ranges=[[0, 9]]).status_code == 204
    assert View.objects.get().ranges == [[0, 9]]


@pytest.mark.parametrize("name", ["NEW_VIEWS_BY_LINK", "COUNTED_BY_LINK"])
def test_a_share_link_begins_so_many_views_from_wherever_they_come(play, video, limit_to, name):
    link = ShareLinkFactory(video=video)
    limit_to(name, 2)
    answers = [
        play(
            view=another_view(),
            share=link.token,
            client=Client(headers={"User-Agent": FIREFOX}, REMOTE_ADDR=f"192.0.2.{number}"),
        ).status_code
        for number in range(4)
    ]
    assert answers == [204, 204, 429, 429]
    assert View.objects.count() == 2
    assert play(view=another_view()).status_code == 204


def from_network(number):
    return Client(headers={"User-Agent": FIREFOX}, REMOTE_ADDR=f"192.0.2.{number}")


def counts_through(play, link, network):
    """The answer to a new view through the link that counts at once."""
    return play(
        view=another_view(), share=link.token, client=from_network(network), ranges=[[0, 9]]
    ).status_code


def test_views_through_a_link_that_never_count_cost_the_link_nothing(play, video, limit_to):
    link = ShareLinkFactory(video=video)
    limit_to("COUNTED_BY_LINK", 1)
    limit_to("COUNTED_BY_LINK_AND_NETWORK", 1)
    for _view in range(5):
        answer = play(view=another_view(), share=link.token, client=from_network(1), ranges=[])
        assert answer.status_code == 204
    robot = Client(headers={"User-Agent": "Googlebot/2.1"}, REMOTE_ADDR="192.0.2.1")
    assert play(view=another_view(), share=link.token, client=robot).status_code == 204
    assert counts_through(play, link, network=1) == 204


def test_an_outsider_who_holds_a_link_takes_no_view_from_its_contact(play, video, limit_to):
    link = ShareLinkFactory(video=video)
    limit_to("COUNTED_BY_LINK_AND_NETWORK", 3)
    flood = [counts_through(play, link, network=1) for _view in range(30)]
    assert (flood.count(204), flood.count(429)) == (3, 27)
    assert counts_through(play, link, network=2) == 204
    assert View.objects.counted().count() == 4


def test_one_network_uses_up_no_limit_of_a_link():
    day, rate = 86_400, rate_limits.NEW_VIEWS_BY_NETWORK
    assert rate_limits.NEW_VIEWS_BY_LINK.seconds == rate.seconds
    assert rate_limits.NEW_VIEWS_BY_LINK.max_count >= 10 * rate.max_count
    assert rate_limits.REPORTS_BY_LINK.max_count >= 10 * rate_limits.REPORTS_BY_NETWORK.max_count
    assert (
        rate_limits.COUNTED_BY_LINK.seconds
        == rate_limits.COUNTED_BY_LINK_AND_NETWORK.seconds
        == day
    )
    assert (
        rate_limits.COUNTED_BY_LINK.max_count
        >= 10 * rate_limits.COUNTED_BY_LINK_AND_NETWORK.max_count
    )


def test_a_view_that_is_not_taken_when_it_would_count_is_taken_later(play, video, limit_to):
    link = ShareLinkFactory(video=video)
    play(share=link.token, ranges=[])
    limit_to("COUNTED_BY_LINK", 0)
    before = View.objects.values().get()
    assert play(seq=1).status_code == 429
    assert View.objects.values().get() == before
    limit_to("COUNTED_BY_LINK", 2)  # the refused one was counted
    assert play(seq=2).status_code == 204
    view = View.objects.counted().get()
    assert view.share_link == link


def test_a_refused_report_leaves_no_trace(play, video, limit_to, visitor):
    link = ShareLinkFactory(video=video)
    play(share=link.token, ranges=[])
    limit_to("REPORTS_BY_LINK", 0)
    before = View.objects.values().get()
    assert play(seq=1).status_code == 429
    assert View.objects.values().get() == before
    assert not Viewer.objects.exists()


def test_no_address_lies_in_the_counters(play):
    cache = caches["limits"]
    keys: list[str] = []
    incr, add = cache.incr, cache.add
    cache.incr = lambda key, *rest, **more: keys.append(key) or incr(key, *rest, **more)
    cache.add = lambda key, *rest, **more: keys.append(key) or add(key, *rest, **more)
    try:
        play(client=Client(headers={"User-Agent": FIREFOX}, REMOTE_ADDR="192.0.2.7"))
    finally:
        del cache.incr, cache.add
    assert keys
    assert not [key for key in keys if "192.0.2.7" in key]
