"""What is served when the footage lies in a bucket, with a real one."""

import urllib.error
import urllib.request
from urllib.parse import urlsplit

import pytest
from django.core.files.base import ContentFile

from studio.settings import bucket_origins
from tests.s3 import s3, s3_footage  # noqa: F401
from tests.videos.media.factories import set_with_files
from videos.media.delivery.urls_for import MediaUrls
from videos.media.models import footage
from videos.media.storage.s3 import signed_url

pytestmark = pytest.mark.django_db

SEGMENT = bytes(range(100))


@pytest.fixture
def private(s3_footage):  # noqa: F811
    return set_with_files()


@pytest.fixture
def public(s3_footage):  # noqa: F811
    return set_with_files(is_public=True)


def fetched(url, **headers):
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as got:
        return got.status, got.read(), got.headers


def test_playlists_come_from_us_and_segments_from_the_bucket(client, private, producer):
    files = MediaUrls(private, producer)
    playlist = client.get(files.master_url)
    assert (playlist.status_code, playlist.content) == (200, b"#EXTM3U\n")
    segment = client.get(files.url("640x360/00000.m4s"))
    assert segment.status_code == 302
    assert segment["Cache-Control"] == "private, no-store"
    assert not segment.cookies
    status, content, headers = fetched(segment["Location"], Range="bytes=10-19")
    assert (status, content) == (206, SEGMENT[10:20])
    assert headers["Content-Type"] == "video/mp4"
    assert headers["Cache-Control"] == "private, no-store"


def test_a_redirect_of_an_open_set_is_kept_for_less_than_its_signature(client, public, settings):
    response = client.get(public.url("640x360/00000.m4s"))
    assert response["Cache-Control"] == "public, max-age=60"
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "Vary" not in response
    assert f"X-Amz-Expires={settings.SIGNED_URL_HOURS * 3600}" in response["Location"]
    _status, content, headers = fetched(response["Location"])
    assert content == SEGMENT
    assert headers["Cache-Control"] == "public, max-age=60"


def test_a_signature_is_for_one_file_and_nobody_else_gets_in(client, public):
    signed = client.get(public.url("640x360/00000.m4s"))["Location"]
    for wrong in (signed.replace("00000.m4s", "index.m3u8"), signed.partition("?")[0]):
        with pytest.raises(urllib.error.HTTPError) as refusal:
            fetched(wrong)
        assert refusal.value.code == 403


def test_a_head_is_signed_for_as_such(client, public):
    signed = client.head(public.url("640x360/00000.m4s"))["Location"]
    request = urllib.request.Request(signed, method="HEAD")
    with urllib.request.urlopen(request, timeout=10) as got:
        assert (got.status, got.headers["Content-Length"]) == (200, "100")


def test_a_browser_on_our_pages_may_read_what_the_bucket_sends(client, public, settings):
    signed = client.get(public.url("640x360/00000.m4s"))["Location"]
    _status, _content, headers = fetched(signed, Origin=settings.BASE_URL)
    assert headers["Access-Control-Allow-Origin"] in {"*", settings.BASE_URL}


def test_a_segment_costs_no_word_with_the_bucket(client, public, s3_footage):  # noqa: F811
    """Nor does a playlist that was asked for before: both are answered while it is away."""
    assert client.get(public.master_url).status_code == 200
    s3_footage.stop()
    try:
        assert client.get(public.url("640x360/00000.m4s")).status_code == 302
        assert client.get(public.master_url).status_code == 200
    finally:
        s3_footage.start()


def test_what_is_not_there_is_not_found(client, public):
    assert client.get(public.url("nothing.m3u8")).status_code == 404


def test_a_cdn_gets_the_files_themselves_to_keep(client, public, settings):
    settings.CDN_URL = "https://cdn.example"
    url = f"/media/{public.key}/640x360/00000.m4s"
    response = client.get(url)
    assert (response.status_code, b"".join(response.streaming_content)) == (200, SEGMENT)
    assert response["Cache-Control"] == "public, max-age=60"
    assert response["Content-Type"] == "video/mp4"
    part = client.get(url, HTTP_RANGE="bytes=10-19")
    assert (part.status_code, b"".join(part.streaming_content)) == (206, SEGMENT[10:20])
    assert part["Content-Range"] == "bytes 10-19/100"
    assert client.get(url, HTTP_RANGE="bytes=100-").status_code == 416
    assert client.get(url, HTTP_IF_NONE_MATCH=response["ETag"]).status_code == 304
    assert client.head(url)["Content-Length"] == "100"
    assert client.get(f"/media/{public.key}/640x360/00009.m4s").status_code == 404


def test_the_policy_lets_browsers_go_where_signed_addresses_lead(settings):
    """For every way that a bucket can be addressed."""
    settings.S3_ACCESS_KEY_ID, settings.S3_SECRET_ACCESS_KEY = "key", "secret"
    for endpoint in ("", "https://s3.example:9000"):
        for region in ("us-east-1", "eu-central-1"):
            for style in ("path", "virtual", "auto"):
                settings.S3_PUBLIC_ENDPOINT_URL, settings.S3_REGION = endpoint, region
                settings.S3_ADDRESSING_STYLE = style
                url = urlsplit(signed_url(InTheBucket(), "sets/one.m4s"))
                origins = bucket_origins("footage-of-ours", endpoint, region, style)
                assert f"{url.scheme}://{url.netloc}" in origins
    assert bucket_origins("", "https://s3.example", "us-east-1", "path") == []


class InTheBucket:
    bucket_name, location = "footage-of-ours", "footage"


def test_a_set_in_the_bucket_keeps_its_poster_there(client, private, producer):
    private.cut.poster = footage().save("posters/any.jpg", ContentFile(b"\xff\xd8\xffchosen"))
    private.cut.save()
    signed = client.get(MediaUrls(private, producer).poster_url)["Location"]
    assert fetched(signed)[1] == b"\xff\xd8\xffchosen"
    footage().delete(private.cut.poster.name)
