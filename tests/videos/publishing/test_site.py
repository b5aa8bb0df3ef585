"""A fresh studio has its site: front page, address, grants."""

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import GroupPagePermission, Page, Site

from studio.people.roles import Role, last_to_migrate
from videos.publishing.models import VideoIndexPage
from videos.publishing.site_setup import set_up, sync_default_site

pytestmark = pytest.mark.django_db


def test_a_fresh_studio_shows_the_index_and_no_welcome_page():
    index = VideoIndexPage.objects.get()
    assert Site.objects.get().root_page.specific == index
    assert list(Page.objects.filter(depth=2)) == [index.page_ptr]


@pytest.mark.parametrize(
    ("base_url", "hostname", "port"),
    [
        ("https://videos.example.com", "videos.example.com", 443),
        ("http://127.0.0.1:8105", "127.0.0.1", 8105),
        ("http://studio.local", "studio.local", 80),
    ],
)
def test_the_site_follows_base_url(settings, base_url, hostname, port):
    settings.BASE_URL, settings.WAGTAIL_SITE_NAME = base_url, "Northbeam"
    set_up(last_to_migrate())
    site = Site.objects.get()
    assert (site.hostname, site.port, site.site_name) == (hostname, port, "Northbeam")


def test_setting_up_twice_changes_nothing():
    def rows():
        return (
            list(Page.objects.values_list("pk", "path", "title")),
            list(Site.objects.values_list("pk", "root_page")),
            list(GroupPagePermission.objects.values_list("group", "page", "permission")),
        )

    before = rows()
    set_up(last_to_migrate())
    set_up(apps.get_app_config("publishing"))
    assert rows() == before


def test_a_front_page_that_someone_renamed_stays_renamed():
    VideoIndexPage.objects.update(title="Answers", slug="answers")
    set_up(last_to_migrate())
    sync_default_site(VideoIndexPage.objects.get())
    assert VideoIndexPage.objects.get().title == "Answers"


def test_producers_write_and_publish_pages_and_nobody_else(
    producer, expert_user, sales_manager, finance, leader
):
    index = VideoIndexPage.objects.get()
    may = {
        user: (
            index.permissions_for_user(user).can_add_subpage(),
            index.permissions_for_user(user).can_publish_subpage(),
        )
        for user in (producer, expert_user, sales_manager, finance, leader)
    }
    assert may == {
        producer: (True, True),
        expert_user: (False, False),
        sales_manager: (False, False),
        finance: (False, False),
        leader: (False, False),
    }
    assert producer.has_perm("publishing.change_appearance")
    assert not leader.has_perm("publishing.change_appearance")
    assert producer.groups.get().name == Role.PRODUCER.value


@pytest.fixture
def image():
    return get_image_model().objects.create(title="Logo", file=get_test_image_file())


def test_a_picture_of_the_library_is_served_in_each_of_its_sizes(client, image):
    for file in (image.file, image.get_rendition("width-40").file):
        response = client.get(file.url)
        assert (response.status_code, response["Content-Type"]) == (200, "image/png")


ELSEWHERE = ["documents/plan.png", "posters/plan-960.webp", "images/nobody-knows-it.png"]


@pytest.mark.parametrize("stored", ELSEWHERE)
@pytest.mark.parametrize(
    "way",
    ["{}", "images/../{}", "images/%2e%2e/{}", "original_images/..%2f{}", "images/./../{}", "/{}"],
)
def test_a_file_that_is_no_picture_of_the_library_has_no_address(client, image, stored, way):
    name = default_storage.save(stored, ContentFile(b"private"))
    assert client.get(f"/files/{way.format(name)}").status_code == 404


@pytest.mark.parametrize(
    "path",
    ["images/nothing.png", "images/%00.png", f"images/{'x' * 300}.png", "images/../secret_key"],
)
def test_a_picture_that_is_not_there_is_not_found(client, path):
    assert client.get(f"/files/{path}").status_code == 404


def test_a_picture_is_asked_for_by_its_own_name_alone(client, image):
    folder, _slash, name = image.file.name.partition("/")
    for path in (f"{folder}//{name}", f"{folder}/./{name}", f"images/../{folder}/{name}"):
        assert client.get(f"/files/{path}").status_code == 404


def test_what_runs_scripts_is_never_shown_as_a_picture(client):
    images = get_image_model()
    for name in ("original_images/bad.svg", "original_images/bad.html"):
        stored = default_storage.save(name, ContentFile(b"<svg onload='alert(1)'/>"))
        images.objects.bulk_create([images(title="Bad", file=stored, width=1, height=1)])
        assert client.get(f"/files/{stored}").status_code == 404


def test_a_document_that_runs_scripts_is_handed_over_as_a_file(client):
    document = get_document_model()(title="Plan")
    document.file.save("plan.svg", ContentFile(b"<svg onload='alert(1)'/>"))
    response = client.get(document.url)
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Content-Security-Policy"] == "default-src 'none'"


@pytest.mark.django_db(transaction=True)
def test_a_flushed_database_gets_its_site_back():
    call_command("flush", interactive=False, verbosity=0)
    index = VideoIndexPage.objects.get()
    assert Site.objects.get(is_default_site=True).root_page.specific == index
    assert GroupPagePermission.objects.filter(group__name=Role.PRODUCER.value).count() == 3
