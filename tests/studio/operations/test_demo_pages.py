"""Every page that the demo's people land on stays within its queries."""

from collections.abc import Callable

import pytest
from django.test import Client

from studio.operations.demo import clock, premiere
from studio.operations.demo.records import World
from studio.people.models import User
from tests.factories import ready_cut
from videos.deals.models import Deal
from videos.planning.models import Stage, Video
from videos.planning.stages import change_stage

MOST_QUERIES = 40
SCREENS = (
    "questions",
    "videos",
    "calendar",
    "shoots",
    "experts",
    "review",
    "cuts",
    "share-links",
    "contacts",
    "companies",
    "deals",
    "influence",
    "budget",
)
EVERYBODY = ("nora", "tomasz", "henrik", "claire", "samuel")


@pytest.fixture
def shown(demo: World) -> World:
    """The demo with its two videos published, their footage made up."""
    premiere.day_file().write_text(demo.today.isoformat())
    nora = User.objects.get(email="nora@fernhill.example")
    for key in ("night", "payback"):
        video = Video.objects.get(public_id=premiere.public_id(key))
        with clock.at(premiere.production_of(demo, key).cut_at):
            ready_cut(video=video, uploaded_by=nora, number=1)
            change_stage(video.pk, Stage.REVIEW, room="media", by=nora)
        premiere.follow(key)
    return demo


@pytest.mark.parametrize("key", EVERYBODY)
def test_no_page_needs_more_than_forty_queries(
    shown: World,
    key: str,
    signed_in: Callable[[User], Client],
    django_assert_max_num_queries,
):
    client = signed_in(User.objects.get(email=f"{key}@fernhill.example"))
    night = Video.objects.get(public_id=premiere.public_id("night"))
    pages = [
        "/",
        night.page.url,
        f"/admin/deals/inspect/{Deal.objects.get(public_id='D-2080').pk}/",
        "/admin/",
        *(f"/admin/{name}/" for name in SCREENS),
    ]
    answers = {}
    for page in pages:
        with django_assert_max_num_queries(MOST_QUERIES, info=page):
            answers[page] = client.get(page).status_code
    assert set(answers.values()) <= {200, 302, 403, 404}, answers
    assert answers["/"] == answers[night.page.url] == answers["/admin/"] == 200


@pytest.mark.parametrize("key", EVERYBODY)
def test_nor_does_the_page_of_a_published_video(
    shown: World,
    key: str,
    signed_in: Callable[[User], Client],
    django_assert_max_num_queries,
):
    client = signed_in(User.objects.get(email=f"{key}@fernhill.example"))
    night = Video.objects.get(public_id=premiere.public_id("night"))
    client.get("/")  # somebody was here before: where the site's pages are is remembered
    with django_assert_max_num_queries(MOST_QUERIES):
        assert client.get(f"/admin/videos/inspect/{night.pk}/").status_code == 200


def test_the_site_lists_what_is_published(shown: World, client: Client):
    page = client.get("/").content.decode()
    titles = Video.objects.filter(page__live=True).values_list("title", flat=True)
    assert len(titles) == 2
    assert all(title in page for title in titles)
    assert "How long will our line stand still?" not in page
