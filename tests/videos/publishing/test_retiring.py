"""A live page is retired our way: every door of Wagtail to take it down leads there, or is shut."""

import datetime as dt

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone
from wagtail.actions.delete_page import DeletePageAction, DeletePagePermissionError
from wagtail.actions.unpublish_page import UnpublishPageAction, UnpublishPagePermissionError
from wagtail.models import Page

from tests.factories import ShareLinkFactory, UserFactory, VideoFactory
from tests.videos.publishing.factories import draft_page, live_page
from videos.planning.models import Stage
from videos.planning.urls_for import video_url
from videos.publishing.models import VideoIndexPage, VideoPage

pytestmark = pytest.mark.django_db


def wagtail(name, page):
    return reverse(f"wagtailadmin_pages:{name}", args=[page.pk])


def retire(page):
    return reverse("publishing_retire", args=[page.pk])


def said(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def is_live(page) -> bool:
    return VideoPage.objects.get(pk=page.pk).live


@pytest.fixture(params=["producer", "superuser"])
def user(request, producer):
    return producer if request.param == "producer" else UserFactory(is_superuser=True)


@pytest.fixture
def client(signed_in, user):
    return signed_in(user)


@pytest.fixture
def page():
    return live_page()


def test_retiring_asks_once_and_leads_back_to_the_video(client, user, page):
    ShareLinkFactory(video=page.video)
    html = " ".join(client.get(retire(page)).content.decode().split())
    assert "1 share link leads to this video. People who open it will see that" in html
    assert page.full_url in html
    assert is_live(page)

    response = client.post(retire(page))

    assert response.url == video_url(page.video)
    assert [text.endswith("publish it again at any time.") for text in said(response)] == [True]
    page.video.refresh_from_db()
    assert (is_live(page), page.video.stage) == (False, Stage.RETIRED)
    assert page.video.transitions.last().by == user


def test_what_links_to_it_is_told(client, page, django_capture_on_commit_callbacks):
    other = live_page()
    other.body = f'<p><a linktype="page" id="{page.pk}">There</a></p>'
    with django_capture_on_commit_callbacks(execute=True):
        other.save_revision().publish()
    html = " ".join(client.get(retire(page)).content.decode().split())
    assert "1 other page or text of the site links to it</a>. This link will lead nowhere." in html


def test_a_schedule_that_ends_with_it_is_told(client, page):
    page.go_live_at = timezone.now() + dt.timedelta(days=2)
    page.save_revision().publish()
    assert "will not go live." in client.get(retire(page)).content.decode()
    client.post(retire(page))
    page.refresh_from_db()
    assert (page.live, page.scheduled_revision) == (False, None)


def test_a_page_that_is_not_live_has_nothing_to_retire(client, page):
    client.post(retire(page))
    response = client.post(retire(page))
    assert (response.status_code, response.url) == (302, video_url(page.video))
    assert page.video.transitions.filter(to_stage=Stage.RETIRED).count() == 1


def test_nobody_retires_a_page_that_somebody_else_locked(signed_in, producer, page):
    other = UserFactory(first_name="Ada", is_superuser=True)
    VideoPage.objects.filter(pk=page.pk).update(locked=True, locked_by=other)
    client = signed_in(producer)
    assert "is locked by Ada" in client.get(retire(page)).content.decode()
    response = client.post(retire(page))
    assert ["is locked by Ada" in text for text in said(response)] == [True]
    assert is_live(page)


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("door", ["unpublish", "delete"])
def test_the_pages_of_wagtail_lead_to_ours(client, page, door, method):
    response = getattr(client, method)(wagtail(door, page))
    assert (response.status_code, response.url) == (302, retire(page))
    assert is_live(page)


def test_a_draft_is_deleted_as_any_page(client):
    page = draft_page(VideoFactory())
    client.post(wagtail("delete", page))
    assert not VideoPage.objects.filter(pk=page.pk).exists()


@pytest.mark.parametrize("door", ["unpublish", "delete"])
def test_the_bulk_actions_take_no_live_page_and_lead_to_ours(client, page, door):
    address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", door])
    url = f"{address}?id={page.pk}&next=/admin/"
    assert f'href="{retire(page)}"' in client.get(url).content.decode()
    client.post(url, {})
    assert is_live(page)


@pytest.mark.parametrize("door", ["unpublish", "delete", "bulk unpublish"])
def test_the_index_takes_no_live_page_down_with_it(client, page, door):
    index = VideoIndexPage.objects.get()
    if door.startswith("bulk"):
        address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "unpublish"])
        client.post(f"{address}?id={index.pk}&next=/admin/", {"include_descendants": "on"})
    else:
        client.post(wagtail(door, index), {"include_descendants": "on"})
    assert is_live(page)
    assert VideoIndexPage.objects.get().live


def test_the_actions_behind_the_api_are_refused(user, page):
    bare = Page.objects.get(pk=page.pk)
    with pytest.raises(UnpublishPagePermissionError):
        UnpublishPageAction(bare, user=user).execute()
    with pytest.raises(DeletePagePermissionError):
        DeletePageAction(bare, user=user).execute()
    assert is_live(page)


@pytest.mark.parametrize("where", ["editor", "list"])
def test_the_menus_say_retire_and_not_unpublish(client, page, where):
    index = VideoIndexPage.objects.get()
    url = (
        wagtail("edit", page)
        if where == "editor"
        else reverse("wagtailadmin_explore", args=[index.pk])
    )
    html = client.get(url).content.decode()
    assert retire(page) in html
    assert wagtail("unpublish", page) not in html
    assert wagtail("delete", page) not in html


def test_a_retired_page_is_published_again(client, page):
    client.post(retire(page))
    page.refresh_from_db()
    page.get_latest_revision().publish()
    page.video.refresh_from_db()
    assert (is_live(page), page.video.stage) == (True, Stage.PUBLISHED)


def test_a_reader_without_the_right_retires_nothing(signed_in, expert_user, page):
    client = signed_in(expert_user)
    client.get(retire(page))
    client.post(retire(page))
    assert is_live(page)
