"""What is kept in a bucket plays in a real browser, which fetches it from there itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from studio.people.roles import Role
from tests.e2e.conftest import PASSWORD, Studio, prepared, running
from tests.e2e.watching import playing, reach, start_button
from tests.s3 import endpoint

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e-s3"), pytest.mark.slow]

EMAIL = "nora@studio.example"
HIRING = f"""
from django.contrib.auth.models import Group
from studio.people.models import User
user = User.objects.create_user("{EMAIL}", "{PASSWORD}", first_name="Nora", last_name="Warren")
user.groups.add(Group.objects.get(name="{Role.PRODUCER.value}"))
"""
ANOTHER = """
import os, time
from pathlib import Path
from django.core.files import File
from studio.people.models import User
from videos.media.models import Cut
from videos.media.uploads.intake import receive
from videos.planning.models import Video

with Path(os.environ["FOOTAGE"]).open("rb") as file:
    cut = receive(Video.objects.get(), File(file, "again.mp4"), by=User.objects.get(email=os.environ["PRODUCER"]))
end = time.monotonic() + 120
while cut.state != Cut.State.READY:
    assert time.monotonic() < end, cut.state
    time.sleep(0.2)
    cut.refresh_from_db()
print(cut.pk)
"""  # noqa: E501


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio whose files lie in a bucket: footage, and Wagtail's pictures."""
    with endpoint(tmp_path_factory.mktemp("s3")) as s3:
        made = prepared(tmp_path_factory.mktemp("studio"), **s3.environ)
        made.run(HIRING)
        with running(made) as studio:
            yield studio


@pytest.fixture(scope="module")
def published(studio: Studio, footage: Path) -> str:
    """The address of a public video."""
    script = Path(__file__).with_name("publish.py").read_text()
    return studio.run(script, PRODUCER=EMAIL, FOOTAGE=str(footage)).strip()


def hosts_of_segments(page: Page) -> set[str]:
    """Collects where the segments that a page plays come from, with their type."""
    found: set[str] = set()

    def note(response) -> None:
        if ".m4s" in response.url and response.status in {200, 206}:
            found.add(f"{response.url.split('/')[2]} {response.headers['content-type']}")

    page.on("response", note)
    return found


def test_a_public_page_plays_from_the_bucket(open_page, studio, published):
    page = open_page()
    hosts = hosts_of_segments(page)
    page.goto(published)
    start_button(page).click()
    reach(page, 3)
    bucket = studio.env["S3_ENDPOINT_URL"].removeprefix("http://")
    assert hosts == {f"{bucket} video/mp4"}


def test_a_private_cut_plays_in_the_admin_and_gives_up_a_frame(sign_in, studio, footage, published):
    cut = studio.run(ANOTHER, PRODUCER=EMAIL, FOOTAGE=str(footage)).strip()
    page = sign_in(EMAIL)
    hosts = hosts_of_segments(page)
    page.goto(f"/admin/cuts/{cut}/")
    start_button(page).click()
    reach(page, 2)
    playing(page).evaluate("video => video.pause()")
    assert "/~" in page.locator("[data-hls]").get_attribute("data-hls")
    bucket = studio.env["S3_ENDPOINT_URL"].removeprefix("http://")
    assert hosts == {f"{bucket} video/mp4"}

    page.get_by_role("button", name="Use the current picture").click()
    expect(page.get_by_text("The poster was changed")).to_be_visible()
    poster = page.get_by_role("img", name="Current poster")
    poster.scroll_into_view_if_needed()
    wide = "picture => picture.decode().then(() => picture.naturalWidth)"
    assert poster.evaluate(wide) == 1280
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the source").click()
    assert download.value.suggested_filename == "again.mp4"


def test_pictures_of_the_library_lie_in_the_bucket_and_come_from_us(sign_in, studio, tmp_path):
    logo = tmp_path / "logo.png"
    Image.new("RGB", (640, 64), "navy").save(logo)
    page = sign_in(EMAIL)
    page.goto("/admin/images/add/")
    page.locator("input[type=file]").set_input_files(logo)
    page.get_by_label("Title").fill("logo")
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("Image 'logo' added.")).to_be_visible()
    picture = page.locator("main img[src*='/images/']").first
    wide = "picture => picture.decode().then(() => picture.naturalWidth)"
    assert picture.evaluate(wide) > 0
    assert picture.get_attribute("src").startswith("/files/images/")
