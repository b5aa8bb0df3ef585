from uuid import uuid4

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import UserFactory
from tests.videos.media.factories import set_with_files
from videos.media.models import Caption, RenditionSet
from videos.media.ranges import Unsatisfiable, wanted
from videos.media.sets import publish_set, withdraw_set

SEGMENT = bytes(range(100))


@pytest.fixture
def public(db) -> RenditionSet:
    return set_with_files(is_public=True)


@pytest.fixture
def private(db) -> RenditionSet:
    return set_with_files()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("master.m3u8", "application/vnd.apple.mpegurl"),
        ("640x360/00000.m4s", "video/mp4"),
        ("poster.jpg", "image/jpeg"),
        ("storyboard.vtt", "text/vtt; charset=utf-8"),
    ],
)
def test_a_public_set_is_served_to_anyone_and_kept_for_ever(client, public, path, kind):
    response = client.get(public.url(path))
    assert (response.status_code, response["Content-Type"]) == (200, kind)
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert int(response["Content-Length"]) == len(b"".join(response.streaming_content))


def test_a_private_set_is_served_to_staff_alone_and_kept_by_nobody(
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


def test_a_source_is_never_served(client, public):
    assert client.get(public.url(public.cut.source.name)).status_code == 404
    assert client.get(f"/files/{public.cut.source.name}", follow=True).status_code == 404
    unknown = reverse("media_file", kwargs={"key": uuid4(), "path": "master.m3u8"})
    assert client.get(unknown).status_code == 404


def test_a_range_is_served_as_such(client, public):
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


def test_captions_follow_the_rule_of_their_set(client, private, signed_in, producer):
    Caption.objects.create(cut=private.cut, language="en", webvtt="WEBVTT\n")
    url = private.url("captions/en.vtt")
    assert client.get(url).status_code == 404
    response = signed_in(producer).get(url)
    assert (response.content, response["Content-Type"]) == (b"WEBVTT\n", "text/vtt; charset=utf-8")
    assert signed_in(producer).get(private.url("captions/de.vtt")).status_code == 404
    publish_set(private.cut)
    public = client.get(url)
    assert (public.status_code, public["Cache-Control"]) == (200, "public, max-age=60")


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
