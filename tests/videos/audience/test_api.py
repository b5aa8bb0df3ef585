import datetime as dt
import itertools
import logging
import uuid
from decimal import Decimal

import pytest
from django.core import signing
from django.test import Client
from django.utils.timezone import now

from tests.factories import ShareLinkFactory, VideoFactory, ViewerFactory, ViewFactory
from tests.videos.audience.conftest import FIREFOX
from tests.videos.audience.factories import public_video
from videos.audience.models import View, Viewer
from videos.audience.tracking import cookies
from videos.planning.models import Video
from videos.publishing.models import VideoPage


def cookie_of(viewer):
    return signing.dumps(viewer.public_id, salt=cookies.SALT + cookies.VIEWER_COOKIE)


def test_a_first_beacon_makes_a_view(play, video, view_id):
    before = now()
    response = play(ranges=[[0, 4], [3, 5.5]], elapsed=6)
    assert (response.status_code, response.content) == (204, b"")
    view = View.objects.get()
    assert view.public_id == view_id
    assert view.video == video
    assert view.viewer is None
    assert view.share_link is None
    assert view.contact is None
    assert view.ranges == [[0, 5.5]]
    assert view.seconds_watched == Decimal("5.5")
    assert (view.is_staff, view.is_internal, view.is_bot, view.imported) == (False,) * 4
    assert view.counted_at == view.last_heard_at
    assert dt.timedelta(0) <= view.started_at - (before - dt.timedelta(seconds=6))
    assert view.counted_at - view.started_at == dt.timedelta(seconds=6)


def test_anonymous_watching_sets_no_cookie_and_makes_no_viewer(play):
    response = play()
    assert not response.cookies
    assert not Viewer.objects.exists()


def test_sending_a_beacon_twice_changes_nothing_but_when_it_was_heard_of(play):
    def kept():
        return View.objects.values().exclude(last_heard_at=None).get() | {"last_heard_at": None}

    play()
    before = kept()
    assert play().status_code == 204
    assert kept() == before


BEACONS = [
    {"seq": 0, "elapsed": 1, "ranges": [], "event": "play"},
    {"seq": 1, "elapsed": 11, "ranges": [[0, 10]], "event": "playing"},
    {"seq": 2, "elapsed": 21, "ranges": [[5, 12.5], [40, 41]], "event": "pause"},
]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_order_of_beacons_changes_nothing(play, order, monkeypatch):
    began = dt.datetime(2026, 5, 4, 12, tzinfo=dt.UTC)
    for place, number in enumerate(order):
        late = dt.timedelta(seconds=30 * place)
        beacon = BEACONS[number]
        received = began + dt.timedelta(seconds=beacon["elapsed"]) + late
        monkeypatch.setattr("videos.audience.tracking.api.now", lambda received=received: received)
        play(**beacon)
    view = View.objects.get()
    assert view.ranges == [[0, 12.5], [40, 41]]
    assert view.seconds_watched == Decimal("13.5")
    assert view.started_at == began  # the first to come was in time


def test_ranges_are_bounded_to_the_duration(play):
    play(ranges=[[58, 90], [100, 200]])
    assert View.objects.get().seconds_watched == Decimal(2)


def test_a_view_counts_once_it_reaches_the_seconds(play):
    play(seq=0, ranges=[[0, 2.9]])
    assert View.objects.get().counted_at is None
    play(seq=1, ranges=[[1, 2.9]])
    assert View.objects.get().counted_at is None
    play(seq=2, ranges=[[2.9, 3]])
    assert View.objects.get().counted_at is not None


def test_a_short_video_counts_when_watched_whole(play, video):
    video.duration_seconds = Decimal("1.5")
    video.save()
    play(ranges=[[0, 1.5]])
    assert View.objects.get().counted_at is not None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"body": "{"}, "not JSON"),
        ({"body": '{"video": NaN}'}, "video is no text"),
        ({"elapsed": -1}, "elapsed is out of range"),
        ({"ranges": [[5, 1]]}, "a range is reversed"),
        ({"seq": 2**31}, "seq is out of range"),
        ({"video": "nobody's"}, 'no video "nobody\'s" with a public page'),
        ({"view": "17"}, "view is no UUID"),
        ({"body": "x" * 20000}, "too large"),
    ],
)
def test_a_malformed_beacon_is_refused_with_one_log_line_and_no_trace(
    play, changes, reason, caplog
):
    with caplog.at_level(logging.INFO):
        response = play(**changes)
    assert (response.status_code, response.json()) == (400, {"detail": reason})
    assert [reason in record.getMessage() for record in caplog.records] == [True]
    assert not View.objects.exists()
    assert not Viewer.objects.exists()


@pytest.mark.parametrize("stage", ["idea", "editing", "approved", "cancelled", "published"])
def test_a_video_without_a_public_page_takes_no_views(play, stage):
    hidden = VideoFactory(stage=stage)
    assert play(video=hidden.public_id).status_code == 400
    assert not View.objects.exists()


@pytest.mark.parametrize("gone", ["unpublished", "retired"])
def test_a_video_that_is_taken_down_takes_no_new_views_but_keeps_those_of_open_tabs(
    play, video, gone
):
    play(ranges=[[0, 2]])
    if gone == "unpublished":
        VideoPage.objects.update(live=False)
    else:
        Video.objects.update(stage="retired")
    assert play(view=str(uuid.uuid4())).status_code == 400
    assert play(seq=1, ranges=[[0, 9]]).status_code == 204
    assert View.objects.get().seconds_watched == Decimal(9)


def test_a_view_stays_with_its_video(play):
    play()
    assert play(video=public_video().public_id, seq=1, ranges=[[0, 9]]).status_code == 400
    assert View.objects.get().ranges == [[0, 5]]


def test_an_imported_view_takes_no_beacons(play, video, view_id):
    ViewFactory(public_id=view_id, video=video, imported=True, seconds_watched=Decimal(7))
    assert play().status_code == 400
    assert View.objects.get().seconds_watched == Decimal(7)


def test_a_view_belongs_to_the_tab_that_began_it(play, caplog):
    key = uuid.uuid4().hex
    assert play(key=key, ranges=[[0, 1]]).status_code == 204
    stranger = Client(headers={"User-Agent": "Googlebot/2.1"})
    for other in (None, uuid.uuid4().hex):
        refusal = play(client=stranger, key=other, seq=1)
        assert (refusal.status_code, refusal.json()) == (
            400,
            {"detail": "the view began with another key"},
        )
    view = View.objects.get()
    assert (view.key, view.ranges, view.is_bot) == (key, [[0, 1]], False)
    assert key not in caplog.text
    assert play(key=key, seq=1).status_code == 204
    assert View.objects.get().ranges == [[0, 5]]


def test_who_says_no_adds_nothing_to_a_counted_view_that_names_them(play, visitor, video):
    play(share=ShareLinkFactory(video=video).token)
    visitor.cookies[cookies.OPT_OUT_COOKIE] = "1"
    before = View.objects.values().get()
    assert play(seq=1, ranges=[[0, 20]]).status_code == 204
    assert View.objects.values().get() == before


def test_a_share_token_belongs_to_the_view_when_it_is_of_the_video(play, video):
    link = ShareLinkFactory(video=video)
    play(share=link.token)
    assert View.objects.get().share_link == link


@pytest.mark.parametrize("of_another_video", [True, False])
def test_a_strange_share_token_leaves_the_view_anonymous(play, of_another_video):
    token = ShareLinkFactory().token if of_another_video else "nobody-knows-it"
    assert play(share=token).status_code == 204
    view = View.objects.get()
    assert view.share_link is None
    assert view.counted_at is not None


def test_a_view_keeps_its_share_link(play, video):
    first, second = ShareLinkFactory(video=video), ShareLinkFactory(video=video)
    play(share=None, seq=0, ranges=[])
    play(share=first.token, seq=1, ranges=[])
    play(share=second.token, seq=2)
    assert View.objects.get().share_link == first


def test_a_view_belongs_to_the_viewer_of_the_cookie(play, visitor):
    viewer = ViewerFactory()
    visitor.cookies[cookies.VIEWER_COOKIE] = cookie_of(viewer)
    play()
    assert View.objects.get().viewer == viewer


def test_a_forged_viewer_cookie_is_nobodys(play, visitor):
    visitor.cookies[cookies.VIEWER_COOKIE] = ViewerFactory().public_id
    play()
    assert View.objects.get().viewer is None


def test_staff_never_count(play, signed_in, producer):
    client = signed_in(producer)
    client.defaults["HTTP_USER_AGENT"] = FIREFOX
    viewer = ViewerFactory()
    client.cookies[cookies.VIEWER_COOKIE] = cookie_of(viewer)
    response = play(client=client)
    view = View.objects.get()
    assert (view.is_staff, view.counted_at is None) == (True, False)
    viewer.refresh_from_db()
    assert viewer.was_staff
    assert cookies.STAFF_COOKIE in response.cookies


def test_a_browser_that_was_staff_once_stays_it(play, visitor):
    visitor.cookies[cookies.VIEWER_COOKIE] = cookie_of(ViewerFactory(was_staff=True))
    play()
    view = View.objects.get()
    assert (view.is_staff, view.counted_at is None) == (True, False)


def test_signing_in_marks_the_browser_and_its_viewer(play, visitor, producer):
    viewer = ViewerFactory()
    visitor.cookies[cookies.VIEWER_COOKIE] = cookie_of(viewer)
    response = visitor.post(
        "/admin/login/", {"username": producer.email, "password": "correct horse battery"}
    )
    assert response.status_code == 302
    viewer.refresh_from_db()
    assert viewer.was_staff
    visitor.post("/admin/logout/")
    del visitor.cookies[cookies.VIEWER_COOKIE]
    play()
    assert View.objects.get().is_staff


def test_a_made_up_mark_of_staff_changes_nothing(play, visitor, view_id):
    viewer = ViewerFactory()
    visitor.cookies[cookies.VIEWER_COOKIE] = cookie_of(viewer)
    play()
    stranger = Client(headers={"User-Agent": FIREFOX})
    for mark in ("1", "True", signing.dumps(True), signing.dumps(True, salt=cookies.SALT)):
        stranger.cookies[cookies.STAFF_COOKIE] = visitor.cookies[cookies.STAFF_COOKIE] = mark
        for client in (stranger, visitor):
            response = play(client=client, seq=1)
            assert not response.cookies
    viewer.refresh_from_db()
    assert not viewer.was_staff
    play(view=str(uuid.uuid4()))
    assert View.objects.counted().count() == 2


def test_staff_who_know_a_views_id_say_nothing_of_its_viewer(play, visitor, signed_in, producer):
    viewer = ViewerFactory()
    visitor.cookies[cookies.VIEWER_COOKIE] = cookie_of(viewer)
    play(ranges=[[0, 1]])
    colleague = signed_in(producer)
    colleague.defaults["HTTP_USER_AGENT"] = FIREFOX
    colleague.cookies[cookies.VIEWER_COOKIE] = cookie_of(ViewerFactory())
    for ranges in ([[0, 2]], [[0, 9]]):
        play(client=colleague, seq=1, ranges=ranges)
    viewer.refresh_from_db()
    assert not viewer.was_staff


@pytest.mark.parametrize("address", ["/admin/", "/audience/state"])
@pytest.mark.parametrize("mark", [None, "1"])
def test_a_browser_without_a_mark_gets_one_when_staff_use_it(
    play, signed_in, producer, address, mark
):
    client = signed_in(producer)
    client.defaults["HTTP_USER_AGENT"] = FIREFOX
    client.cookies.pop(cookies.STAFF_COOKIE, None)
    if mark:
        client.cookies[cookies.STAFF_COOKIE] = mark
    assert cookies.STAFF_COOKIE in client.get(address).cookies
    assert cookies.STAFF_COOKIE not in client.get(address).cookies
    del client.cookies["sessionid"]
    play(client=client)
    assert View.objects.get().is_staff


@pytest.mark.parametrize("user_agent", ["Googlebot/2.1", "python-requests/2.32", ""])
def test_bots_never_count(play, user_agent):
    play(client=Client(headers={"User-Agent": user_agent}))
    view = View.objects.get()
    assert (view.is_bot, view.counted_at is None) == (True, False)


def test_the_companys_own_network_never_counts(play, settings):
    import ipaddress

    settings.INTERNAL_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]
    play()
    view = View.objects.get()
    assert (view.is_internal, view.counted_at is None) == (True, False)


def test_the_address_is_the_one_the_trusted_proxy_saw(play, settings):
    import ipaddress

    settings.INTERNAL_NETWORKS = [ipaddress.ip_network("192.0.2.0/24")]
    forwarded = {"User-Agent": FIREFOX, "X-Forwarded-For": "198.51.100.9, 192.0.2.7"}
    client = Client(headers=forwarded)
    play(client=client, view=str(uuid.uuid4()))
    settings.TRUSTED_PROXIES = 1
    play(client=client, view=str(uuid.uuid4()))
    settings.TRUSTED_PROXIES = 2
    play(client=client, view=str(uuid.uuid4()))
    assert list(View.objects.order_by("pk").values_list("is_internal", flat=True)) == [
        False,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 204),
        ({"Origin": "http://testserver"}, 204),
        ({"Sec-Fetch-Site": "same-origin"}, 204),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://testserver"}, 403),
    ],
)
def test_beacons_come_from_our_own_pages(play, headers, status):
    assert play(client=Client(headers={"User-Agent": FIREFOX} | headers)).status_code == status
    assert View.objects.exists() is (status == 204)


def test_neither_address_nor_user_agent_is_kept(play):
    play()
    kept = [str(value) for row in View.objects.values() for value in row.values()]
    assert not [text for text in kept if "Firefox" in text or "127.0.0.1" in text]


def test_the_beacon_is_in_the_openapi_document(client):
    operation = client.get("/api/v1/openapi.json").json()["paths"]["/api/v1/views/{uuid}"]["post"]
    body = operation["requestBody"]["content"]["application/json"]["schema"]
    documented = {"video", "share", "key", "seq", "elapsed", "ranges", "event"}
    assert set(body["properties"]) == documented
    assert "key" not in body["required"]
    assert {"204", "400", "403", "429"} <= set(operation["responses"])


def test_a_beacon_needs_few_queries(play, video, visitor, django_assert_num_queries):
    visitor.cookies[cookies.VIEWER_COOKIE] = cookie_of(ViewerFactory())
    link = ShareLinkFactory(video=video)
    begun = 4 * ["savepoints"] + ["view", "video", "viewer", "link", "insert"]
    with django_assert_num_queries(len(begun)):
        play(share=link.token)
    known = 2 * ["savepoints"] + ["view", "update"]
    with django_assert_num_queries(len(known)):
        play(share=link.token, seq=1, ranges=[[0, 20]])


def test_nobody_is_looked_up_whom_no_cookie_names(play, django_assert_num_queries):
    begun = 4 * ["savepoints"] + ["view", "video", "insert"]
    with django_assert_num_queries(len(begun)):
        play()
