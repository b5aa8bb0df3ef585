from io import BytesIO

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from tests.factories import ready_cut
from tests.videos.media.conftest import X264, lavfi, within
from tests.videos.media.stored import stored
from videos.media.cuts.frame_grab import frame_at, segment_at
from videos.media.cuts.poster_image import as_poster
from videos.media.cuts.published import publish
from videos.media.errors import PictureRefused
from videos.media.models import RenditionSet, footage
from videos.media.transcoding.hls import Media
from videos.publishing.presentation.posters import poster_url

# Red, and blue from the second second on
TWO = "color=red:s=320x180:r=25,drawbox=0:0:320:180:blue:fill:enable='gte(t,2)'"


@pytest.fixture(scope="session")
def two_colours(tmp_path_factory):
    folder = tmp_path_factory.mktemp("two")
    lavfi(TWO, *X264, seconds=5)(folder / "two.mp4")
    return within(folder / "two.mp4", tmp_path_factory.mktemp("set"))


@pytest.fixture
def cut(two_colours, db):
    info = {"constant_rate": "25"}
    return stored(two_colours.folder, two_colours.told, source_info=info)


def colour(jpeg: bytes) -> str:
    with Image.open(BytesIO(jpeg)) as image:
        red, _green, blue = image.convert("RGB").getpixel((image.width // 2, image.height // 2))
    return "red" if red > blue else "blue"


def said(response):
    return [str(message).strip() for message in get_messages(response.wsgi_request)][-1]


def kept(cut) -> bytes:
    cut.refresh_from_db()
    with footage().open(cut.poster.name) as file:
        return file.read()


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "red"), (1.99, "red"), (2.0, "blue"), (4.2, "blue"), (60, "blue")]
)
def test_a_frame_is_what_the_player_shows_at_that_moment(cut, seconds, shown):
    assert colour(frame_at(cut.current_set, seconds, 25)) == shown


def test_the_poster_is_a_frame_a_picture_or_the_studios_choice(cut, signed_in, producer):
    client, url = signed_in(producer), reverse("media_poster", args=[cut.pk])
    client.post(url, {"act": "frame", "seconds": "0:03"})
    first = kept(cut)
    assert (colour(first), cut.poster_seconds) == ("blue", 3)
    with Image.open(BytesIO(first)) as image:
        assert (image.format, image.size) == ("JPEG", (320, 180))
    name = cut.poster.name

    red = BytesIO()
    Image.new("RGB", (900, 900), "red").save(red, "PNG")
    client.post(url, {"act": "picture", "picture": SimpleUploadedFile("a.png", red.getvalue())})
    assert (colour(kept(cut)), cut.poster_seconds) == ("red", None)
    assert cut.poster.name != name

    client.post(url, {"act": "automatic"})
    cut.refresh_from_db()
    assert cut.poster.name == ""
    assert cut.current_set.shown_poster == "poster.jpg"


@pytest.mark.django_db(transaction=True)
def test_a_poster_that_is_no_cuts_any_more_is_taken_away(two_colours, signed_in, producer):
    cut = stored(two_colours.folder, two_colours.told)
    client, url = signed_in(producer), reverse("media_poster", args=[cut.pk])
    client.post(url, {"act": "frame", "seconds": "1"})
    cut.refresh_from_db()
    before = cut.poster.name
    client.post(url, {"act": "frame", "seconds": "2"})
    assert not footage().exists(before)
    assert kept(cut)


@pytest.mark.usefixtures("disk_footage")
def test_a_published_poster_is_shown_wherever_the_video_is(cut, signed_in, producer, client):
    RenditionSet.objects.update(is_public=True)
    shown = RenditionSet.objects.select_related("cut").get()
    before = poster_url(shown, 480)
    assert client.get(before).status_code == 200
    signed_in(producer).post(
        reverse("media_poster", args=[cut.pk]), {"act": "frame", "seconds": "4"}
    )
    assert poster_url(RenditionSet.objects.select_related("cut").get(), 480) == before
    publish(cut)
    shown = RenditionSet.objects.select_related("cut").get()
    after = poster_url(shown, 480)
    assert after != before  # for browsers keep each for ever
    small = client.get(after)
    assert colour(b"".join(small.streaming_content)) == "blue"
    assert client.get(before).status_code == 404
    assert client.get(shown.poster_url).status_code == 200


def test_a_moment_that_the_cut_has_not_is_refused(cut, signed_in, producer):
    client, url = signed_in(producer), reverse("media_poster", args=[cut.pk])
    assert said(client.post(url, {"act": "frame", "seconds": "9:59"})) == "This cut ends at 0:05."
    assert said(client.post(url, {"act": "frame", "seconds": ""})) == "This field is required."
    text = SimpleUploadedFile("a.png", b"no picture")
    assert said(client.post(url, {"act": "picture", "picture": text})) == (
        "The picture cannot be read. Use JPEG, PNG, WebP or AVIF."
    )
    cut.refresh_from_db()
    assert not cut.poster


def test_a_set_without_its_files_gives_no_frame(db):
    with pytest.raises(PictureRefused):
        frame_at(ready_cut().current_set, 1, 25)


def test_a_picture_is_upright_in_srgb_and_tells_nothing_else():
    """A phone writes where it was, and how it was held."""
    image = Image.new("RGB", (600, 300), "red")
    exif = Image.Exif()
    exif[0x0112] = 6  # held upright
    exif[0x8825] = {1: "N", 2: (48.0, 8.0, 0.0)}
    content = BytesIO()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image.save(content, "JPEG", exif=exif, icc_profile=profile)
    with Image.open(BytesIO(as_poster(content.getvalue(), 100, 200))) as made:
        assert made.size == (300, 600)
        assert not made.getexif()
        assert "icc_profile" not in made.info


def test_transparency_lies_on_white():
    content = BytesIO()
    Image.new("RGBA", (320, 180), (0, 0, 0, 0)).save(content, "PNG")
    with Image.open(BytesIO(as_poster(content.getvalue(), 16, 9))) as made:
        assert made.getpixel((5, 5)) == (255, 255, 255)


def test_sixteen_bits_of_grey_stay_grey():
    content = BytesIO()
    Image.new("I;16", (320, 180), 40_000).save(content, "PNG")
    with Image.open(BytesIO(as_poster(content.getvalue(), 16, 9))) as made:
        assert made.getpixel((5, 5)) == pytest.approx((156, 156, 156), abs=3)


@pytest.mark.parametrize("size", [(1, 1), (319, 180), (179, 400)])
def test_a_picture_too_small_for_a_poster_is_refused_with_its_size(size):
    content = BytesIO()
    Image.new("RGB", size).save(content, "PNG")
    with pytest.raises(PictureRefused, match=f"{size[0]} × {size[1]} pixels"):
        as_poster(content.getvalue(), 16, 9)


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "PPM"])
def test_other_kinds_of_pictures_are_not_even_opened(kind):
    content = BytesIO()
    Image.new("RGB", (320, 180)).save(content, kind)
    with pytest.raises(PictureRefused):
        as_poster(content.getvalue(), 16, 9)


def test_a_bomb_is_refused_before_it_is_unpacked():
    content = BytesIO()
    Image.new("1", (30_000, 30_000)).save(content, "PNG")
    with pytest.raises(PictureRefused):
        as_poster(content.getvalue(), 16, 9)


@given(st.lists(st.floats(0.1, 10), min_size=1, max_size=20), st.floats(0, 1000))
def test_every_moment_lies_in_one_segment(lengths, moment):
    listed = Media("init.mp4", tuple((str(n), length) for n, length in enumerate(lengths)), True)
    name, inside = segment_at(listed, moment)
    begin = sum(lengths[: int(name)])
    assert 0 <= inside <= lengths[int(name)] + 1e-6
    if moment < sum(lengths) - 1e-6:
        assert begin + inside == pytest.approx(moment)
