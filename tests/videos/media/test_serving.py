import re
import time
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import urljoin
from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from studio.people.models import User
from studio.people.roles import Role
from tests.factories import RenditionSetFactory, UserFactory
from tests.videos.media.factories import set_with_files
from videos.media.cuts import published
from videos.media.delivery.http_range import Unsatisfiable, wanted
from videos.media.delivery.tokens import bearer, token_for
from videos.media.delivery.urls_for import MediaUrls
from videos.media.models import Caption, Cut, PublicCaption, RenditionSet, footage
from videos.media.renditions.sets import publish_set, replace, withdraw_set

SEGMENT = bytes(range(100))


@pytest.fixture
def public(db, disk_footage) -> RenditionSet:
    return set_with_files(is_public=True)


@pytest.fixture
def private(db, disk_footage) -> RenditionSet:
    return set_with_files()


@pytest.fixture
def at_a_later_time(monkeypatch):
    """`with at_a_later_time(seconds)`: the clock shows so much later."""

    @contextmanager
    def later(seconds):
        moment = time.time() + seconds
        with monkeypatch.context() as patch:
            patch.setattr("videos.media.delivery.tokens.time.time", lambda: moment)
            yield

    return later


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("master.m3u8", "application/vnd.apple.mpegurl"),
        ("640x360/00000.m4s", "video/mp4"),
        ("poster.jpg", "image/jpeg"),
        ("storyboard.vtt", "text/vtt; charset=utf-8"),
    ],
)
def test_a_public_set_is_served_to_anyone_and_kept_for_a_minute(client, public, path, kind):
    response = client.get(public.url(path))
    assert (response.status_code, response["Content-Type"]) == (200, kind)
    assert response["Cache-Control"] == "public, max-age=60"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert int(response["Content-Length"]) == len(b"".join(response.streaming_content))


def test_a_private_set_is_served_to_who_may_see_the_video_alone_and_kept_by_nobody(
    client, private, signed_in, producer
):
    assert client.get(private.master_url).status_code == 404
    stranger = signed_in(UserFactory())
    assert stranger.get(private.master_url).status_code == 404
    response = signed_in(producer).get(private.master_url)
    assert response.status_code == 200
    assert response["Cache-Control"] == "private, no-store"


def test_a_replaced_set_is_never_served(signed_in, producer, db):
    replaced = set_with_files(current=False)
    assert signed_in(producer).get(replaced.master_url).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "../master.m3u8",
        "640x360/../master.m3u8",
        "..%2fmaster.m3u8",
        "/etc/passwd",
        ".hidden.m3u8",
        "640x360//00000.m4s",
        "640x360\\00000.m4s",
        "notes.txt",
        "nothing.m3u8",
        "640x360",
        "",
    ],
)
def test_no_path_leads_out_of_the_set_or_to_what_is_no_part_of_it(client, public, path):
    assert client.get(public.url("x").removesuffix("x") + path).status_code == 404


def test_a_source_is_never_served_in_public(client, public, signed_in):
    assert client.get(public.url(public.cut.source.name)).status_code == 404
    assert client.get(f"/files/{public.cut.source.name}", follow=True).status_code == 404
    unknown = reverse("media_file", kwargs={"key": uuid4(), "path": "master.m3u8"})
    assert client.get(unknown).status_code == 404
    download = reverse("media_source", args=[public.cut.pk])
    for somebody in (client, signed_in(UserFactory())):
        assert somebody.get(download).status_code == 302  # to the sign-in, or home


def test_a_range_of_a_file_is_served_as_such(client, public):
    url = public.url("640x360/00000.m4s")
    response = client.get(url, HTTP_RANGE="bytes=10-19")
    assert response.status_code == 206
    assert b"".join(response.streaming_content) == SEGMENT[10:20]
    assert response["Content-Range"] == "bytes 10-19/100"
    assert response["Content-Length"] == "10"
    missing = client.get(url, HTTP_RANGE="bytes=100-")
    assert (missing.status_code, missing["Content-Range"]) == (416, "bytes */100")
    changed = client.get(url, HTTP_RANGE="bytes=0-1", HTTP_IF_RANGE='"other"')
    assert changed.status_code == 200


def test_what_the_browser_has_is_not_sent_again(client, public):
    first = client.get(public.master_url)
    again = client.get(public.master_url, HTTP_IF_NONE_MATCH=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")


def test_head_tells_without_sending_and_nothing_else_is_allowed(client, public):
    response = client.head(public.url("640x360/00000.m4s"))
    assert (response.status_code, response["Content-Length"]) == (200, "100")
    assert response.content == b""
    assert client.post(public.master_url).status_code == 405


WEBVTT = "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nHello.\n"


def test_captions_follow_the_rule_of_their_set(client, private, signed_in, producer):
    Caption.objects.create(cut=private.cut, language="en", webvtt=WEBVTT)
    url, draft = private.url("captions/en.vtt"), private.url("captions/draft/en.vtt")
    assert client.get(url).status_code == client.get(draft).status_code == 404
    response = signed_in(producer).get(draft)
    assert response.content == WEBVTT.encode()
    assert response["Content-Type"] == "text/vtt; charset=utf-8"
    assert signed_in(producer).get(private.url("captions/draft/de.vtt")).status_code == 404
    publish_set(private.cut)
    assert client.get(url).status_code == 404  # nobody has published any
    published.publish(private.cut)
    public = client.get(url)
    assert (public.status_code, public["Cache-Control"]) == (200, "public, max-age=60")
    assert client.get(draft).status_code == 404
    for_staff = signed_in(producer).get(draft)
    assert (for_staff.status_code, for_staff["Cache-Control"]) == (200, "private, no-store")


def test_publishing_shows_one_set_and_withdrawing_none(private):
    older = set_with_files(is_public=True)
    older.cut.number = 7
    older.cut.video = private.cut.video
    older.cut.save()
    assert publish_set(private.cut) == private
    assert list(RenditionSet.objects.filter(is_public=True)) == [private]
    withdraw_set(private.cut)
    assert not RenditionSet.objects.filter(is_public=True).exists()


def test_a_segment_costs_few_queries(
    public, private, client, signed_in, producer, django_assert_max_num_queries
):
    with django_assert_max_num_queries(1):
        client.get(public.master_url)
    staff = signed_in(producer)
    with django_assert_max_num_queries(5):
        staff.get(private.master_url)


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("", None),
        ("bytes=0-", (0, 99)),
        ("bytes=-10", (90, 99)),
        ("bytes=-1000", (0, 99)),
        ("bytes=5-1000", (5, 99)),
        ("bytes=7-3", None),
        ("bytes=0-1,5-6", None),
        ("items=0-1", None),
        ("bytes=-", None),
    ],
)
def test_a_single_range_in_bytes_is_understood(header, part):
    assert wanted(header, 100) == part


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=-0"])
def test_a_range_beyond_the_file_is_told(header):
    with pytest.raises(Unsatisfiable):
        wanted(header, 100)


@given(st.text(max_size=30) | st.from_regex(r"bytes=\d*-\d*", fullmatch=True), st.integers(0, 99))
def test_a_range_lies_within_the_file(header, size):
    try:
        part = wanted(header, size)
    except Unsatisfiable:
        return
    assert part is None or 0 <= part[0] <= part[1] < size


def test_an_open_set_is_the_same_for_all_so_that_a_cdn_may_keep_it(public, signed_in, producer):
    """Also for who is signed in: nothing is set in their browser, and nothing depends on it."""
    staff = signed_in(producer)
    for path in ("master.m3u8", "640x360/00000.m4s", "poster.jpg", "captions/en.vtt"):
        Caption.objects.get_or_create(cut=public.cut, language="en", webvtt=WEBVTT)
        published.publish(public.cut)
        response = staff.get(public.url(path))
        assert response.status_code == 200
        assert "Vary" not in response
        assert not response.cookies
        assert response["Access-Control-Allow-Origin"] == "*"
        assert "ETag" in response["Access-Control-Expose-Headers"]
        assert response["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_a_private_set_is_read_by_the_studios_own_pages_alone(
    private, signed_in, producer, settings
):
    response = signed_in(producer).get(private.master_url)
    assert response["Access-Control-Allow-Origin"] == settings.BASE_URL
    assert "Cross-Origin-Resource-Policy" not in response


def test_another_sites_player_may_ask_for_parts(client, public, private):
    asked = client.options(public.master_url)
    assert (asked.status_code, asked.content) == (204, b"")
    assert asked["Access-Control-Allow-Origin"] == "*"
    assert "Range" in asked["Access-Control-Allow-Headers"]
    assert client.options(private.master_url)["Access-Control-Allow-Origin"] != "*"


def test_a_cdn_stands_before_what_is_public_and_nothing_else(public, private, producer, settings):
    settings.CDN_URL = "https://cdn.example"
    caption = PublicCaption(cut=public.cut, language="en")
    open_one, private_one = MediaUrls(public, AnonymousUser()), MediaUrls(private, producer)
    assert open_one.master_url == f"https://cdn.example/media/{public.key}/master.m3u8"
    assert open_one.captions_url(caption) == f"/media/{public.key}/captions/en.vtt"
    assert private_one.master_url.startswith(f"/media/{private.key}/~")


def test_a_signed_address_plays_without_a_cookie_and_leads_to_the_others(client, private, producer):
    """The relative addresses inside a playlist inherit the leave: it stands in the path."""
    master = MediaUrls(private, producer).master_url
    assert client.get(master).status_code == 200
    segment = urljoin(master, "640x360/00000.m4s")
    response = client.get(segment, HTTP_RANGE="bytes=10-19")
    assert b"".join(response.streaming_content) == SEGMENT[10:20]
    assert response["Cache-Control"] == "private, no-store"
    assert not response.cookies


def test_a_signed_address_is_for_one_set(client, private, producer):
    other = set_with_files()
    token = token_for(producer, private.key)
    forged = reverse(
        "media_signed", kwargs={"key": other.key, "token": token, "path": "master.m3u8"}
    )
    assert client.get(forged).status_code == 404
    longer = re.sub(r"-(\w+)\.", r"-z\1.", token)
    for wrong in (token[:-1] + ("A" if token[-1] != "A" else "B"), longer):
        assert bearer(wrong, private.key) is None
    assert bearer(token, private.key) == producer


def test_a_signed_address_ends_with_its_time_its_users_leave_or_a_new_password(
    client, private, producer, settings, at_a_later_time
):
    master = MediaUrls(private, producer).master_url
    with at_a_later_time(settings.SIGNED_URL_HOURS * 3600):
        assert client.get(master).status_code == 200
    with at_a_later_time(settings.SIGNED_URL_HOURS * 3600 + 3601):
        assert client.get(master).status_code == 404
    producer.groups.clear()
    assert client.get(master).status_code == 404
    producer.groups.add(Group.objects.get(name=Role.PRODUCER.value))
    assert client.get(master).status_code == 200
    User.objects.filter(pk=producer.pk).update(is_active=False)
    assert client.get(master).status_code == 404
    User.objects.filter(pk=producer.pk).update(is_active=True)
    producer.set_password("another one, longer")
    producer.save()
    assert client.get(master).status_code == 404


def test_a_signed_address_is_valid_for_twelve_hours_unless_said_otherwise(
    client, private, producer, at_a_later_time
):
    master = MediaUrls(private, producer).master_url
    for hours, status in ((12, 200), (13.01, 404)):
        with at_a_later_time(hours * 3600):
            assert client.get(master).status_code == status


def test_a_replaced_set_is_kept_for_twelve_hours_unless_said_otherwise(client, public):
    before = timezone.now()
    replace(public.cut.pk, RenditionSetFactory(cut=public.cut))
    public.refresh_from_db()
    assert timedelta(0) <= public.public_until - timedelta(hours=12) - before < timedelta(minutes=5)


def test_who_may_not_see_a_cut_gets_no_leave(private, expert_user):
    assert "~" not in MediaUrls(private, AnonymousUser()).master_url
    assert "~" not in MediaUrls(private, UserFactory()).master_url
    assert "~" in MediaUrls(private, expert_user).master_url


def test_a_replaced_set_goes_on_for_who_could_play_it_and_for_a_while(
    client, signed_in, producer, settings
):
    old = set_with_files(is_public=True)
    cut = old.cut
    replace(cut.pk, RenditionSetFactory(cut=cut))
    assert client.get(old.master_url).status_code == 200
    withdraw_set(cut)
    assert client.get(old.master_url).status_code == 404
    assert signed_in(producer).get(old.master_url).status_code == 200
    over = timezone.now() - timedelta(hours=settings.SET_KEEP_HOURS)
    RenditionSet.objects.filter(pk=old.pk).update(replaced_at=over, public_until=over)
    assert signed_in(producer).get(old.master_url).status_code == 404


def test_the_second_set_of_a_public_cut_is_open_too(client, public):
    second = set_with_files(current=False)
    RenditionSet.objects.filter(pk=second.pk).update(cut=public.cut)
    assert client.get(second.master_url).status_code == 404
    Cut.objects.filter(pk=public.cut.pk).update(second_set=second)
    publish_set(Cut.objects.get(pk=public.cut.pk))
    assert client.get(second.master_url).status_code == 200


def test_the_chosen_poster_stands_in_for_the_sets_own_with_the_same_rule(
    client, private, signed_in, producer
):
    other = set_with_files()
    for cut in (private.cut, other.cut):
        cut.poster.save("any.jpg", ContentFile(b"\xff\xd8\xffchosen"))
    assert private.poster_url == private.url(private.cut.poster.name)
    assert client.get(private.poster_url).status_code == 404
    staff = signed_in(producer)
    assert b"".join(staff.get(private.poster_url).streaming_content) == b"\xff\xd8\xffchosen"
    assert staff.get(private.url(other.cut.poster.name)).status_code == 404


def test_the_download_has_its_own_door(client, public):
    footage().save(f"{public.folder}/download.mp4", ContentFile(b"mp4"))
    RenditionSet.objects.filter(pk=public.pk).update(download="download.mp4")
    assert client.get(public.url("download.mp4")).status_code == 404
