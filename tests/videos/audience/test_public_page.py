"""Public pages are the same bytes for everybody; what holds for a browser is asked for apart."""

import re

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests.factories import ShareLinkFactory
from tests.videos.audience.conftest import FIREFOX
from tests.videos.audience.factories import public_video
from videos.audience.tracking import cookies
from videos.publishing.models import VideoIndexPage

STATE = "/audience/state"


@pytest.fixture
def link(db):
    return ShareLinkFactory(video=public_video())


@pytest.fixture
def page(link):
    return link.video.page


def state(client):
    response = client.get(STATE)
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    return response.json()


def anonymous(link):
    return Client(headers={"User-Agent": FIREFOX})


def through_a_link(link):
    client = anonymous(link)
    client.get(f"/s/{link.token}")
    return client


def after_a_yes(link):
    client = through_a_link(link)
    client.post("/audience/remember", {"remember": "yes"})
    return client


def after_a_no(link):
    client = through_a_link(link)
    client.post("/audience/remember", {"remember": "no"})
    return client


def staff(link):
    client = anonymous(link)
    client.force_login(link.rep)
    return client


def once_staff(link):
    client = anonymous(link)
    response = HttpResponse()
    cookies.mark_staff_browser(response)
    client.cookies[cookies.STAFF_COOKIE] = response.cookies[cookies.STAFF_COOKIE].value
    return client


def with_rubbish(link):
    client = anonymous(link)
    for name in (
        cookies.VIEWER_COOKIE,
        cookies.SHARE_LINKS_COOKIE,
        cookies.STAFF_COOKIE,
        "sessionid",
        "csrftoken",
    ):
        client.cookies[name] = "rubbish"
    return client


VISITORS = [anonymous, through_a_link, after_a_yes, after_a_no, staff, once_staff, with_rubbish]


@pytest.mark.parametrize("visitor_of", VISITORS)
def test_public_pages_are_the_same_bytes_with_the_same_headers_for_everybody(
    link, page, visitor_of
):
    visitor = visitor_of(link)
    for address in ("/", page.url):
        stranger, answer = Client().get(address), visitor.get(address)
        assert answer.status_code == 200
        assert answer.content == stranger.content
        assert dict(answer.items()) == dict(stranger.items())
        assert not answer.cookies
        assert "Vary" not in answer
        assert link.token not in answer.content.decode()
        assert "csrf" not in answer.content.decode()


def test_an_empty_front_page_is_the_same_for_staff_too(db, link):
    link.video.page.unpublish()
    assert staff(link).get("/").content == Client().get("/").content


def test_any_cache_may_keep_a_public_page_for_a_minute_and_then_asks_again(page, visitor):
    for address in ("/", page.url):
        first = visitor.get(address)
        assert first["Cache-Control"] == "public, max-age=60, must-revalidate"
        again = visitor.get(address, headers={"If-None-Match": first["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        kept = ("ETag", "Cache-Control", "Content-Security-Policy")
        assert [again[name] for name in kept] == [first[name] for name in kept]


def test_a_page_that_changed_is_sent_again(page, visitor):
    before = visitor.get("/")
    VideoIndexPage.objects.update(title="Answers")
    after = visitor.get("/", headers={"If-None-Match": before["ETag"]})
    assert after.status_code == 200
    assert "Answers" in after.content.decode()


def test_previews_are_kept_by_nobody(page, signed_in, producer):
    for one in (page, page.get_parent()):
        response = signed_in(producer).get(
            reverse("wagtailadmin_pages:view_draft", args=[one.pk]), follow=True
        )
        assert response.status_code == 200
        assert "no-store" in response["Cache-Control"]
        assert "ETag" not in response
        assert "data-beacon-url" not in response.content.decode()


def test_previews_never_count(page, link, signed_in, producer):
    """Nothing in them reports what is played, and what a live page has for that does."""
    draft = reverse("wagtailadmin_pages:view_draft", args=[page.pk])
    preview = signed_in(producer).get(draft, follow=True).content.decode()
    live = anonymous(link).get(page.url).content.decode()
    assert ["data-video" in html for html in (preview, live)] == [True, True]
    assert ["data-beacon-url" in html for html in (preview, live)] == [False, True]


@pytest.mark.parametrize(
    ("visitor_of", "told"),
    [
        (anonymous, "unasked"),
        (through_a_link, "unasked"),
        (after_a_yes, "remembered"),
        (after_a_no, "declined"),
        (staff, "signed-in"),
        (once_staff, "studio"),
        (with_rubbish, "unasked"),
    ],
)
def test_what_holds_for_a_browser_is_told_to_it_alone(link, visitor_of, told):
    assert state(visitor_of(link)) == {"state": told}


@pytest.mark.parametrize("visitor_of", [anonymous, through_a_link, after_a_yes, after_a_no])
def test_the_database_is_not_asked_what_holds_for_a_visitor(
    link, visitor_of, django_assert_num_queries
):
    visitor = visitor_of(link)
    with django_assert_num_queries(0):
        response = visitor.get(STATE)
    assert "Vary" not in response
    assert not response.cookies


def test_every_state_has_its_room_in_the_page(page, visitor):
    html = visitor.get(page.url).content.decode()
    assert re.findall(r'data-for="([\w-]+)"', html) == [
        "signed-in",
        "studio",
        "unasked",
        "remembered",
        "declined",
        "failed",
    ]
    assert 'data-audience="/audience/state"' in html
    assert 'data-beacon-url="/api/v1/views/"' in html


def test_a_page_without_script_asks_and_takes_a_yes_back(page, visitor):
    html = visitor.get(page.url).content.decode()
    [plain] = re.findall(r"<form class=\"audience-plain\".*?</form>", html, re.DOTALL)
    assert re.findall(r'name="remember" value="(\w+)"', plain) == ["yes", "no"]
    for answer, thanks in (("yes", "remembered"), ("no", "declined")):
        response = visitor.post("/audience/remember", {"remember": answer, "next": page.url})
        assert response["Location"] == f"{page.url}#audience-{thanks}"
        assert f'id="audience-{thanks}"' in plain
