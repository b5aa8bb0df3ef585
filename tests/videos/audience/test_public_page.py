import pytest

from tests.factories import ShareLinkFactory
from tests.videos.audience.factories import public_video
from videos.audience import cookies

STAFF_NOTE = "this view is not counted"
QUESTION = "May we remember this browser?"


@pytest.fixture
def link(db):
    return ShareLinkFactory(video=public_video())


@pytest.fixture
def page(link):
    return link.video.page


def shown(client, page):
    return client.get(page.url).content.decode()


def test_a_passer_by_is_asked_and_gets_no_cookie(visitor, page):
    response = visitor.get(page.url)
    text = response.content.decode()
    assert QUESTION in text
    assert 'data-beacon-url="/api/v1/views/"' in text
    assert "data-share" not in text
    assert STAFF_NOTE not in text
    assert not response.cookies


def test_pages_differ_by_cookie_for_shared_caches(visitor, page):
    assert "Cookie" in visitor.get(page.url)["Vary"]


def test_who_came_by_a_share_link_reports_it_and_can_be_forgotten(visitor, page, link):
    visitor.get(f"/s/{link.token}")
    text = shown(visitor, page)
    assert f'data-share="{link.token}"' in text
    assert "Forget this browser" in text
    assert QUESTION not in text


def test_a_share_link_belongs_to_its_own_video(visitor, link):
    visitor.get(f"/s/{link.token}")
    assert "data-share" not in shown(visitor, public_video().page)


def test_the_link_opened_last_is_the_one_reported(visitor, page, link):
    newer = ShareLinkFactory(video=link.video)
    visitor.get(f"/s/{link.token}")
    visitor.get(f"/s/{newer.token}")
    assert f'data-share="{newer.token}"' in shown(visitor, page)


def test_who_answered_is_not_asked_again(visitor, page):
    visitor.post("/audience/remember", {"remember": "no"})
    assert "audience-remember" not in shown(visitor, page)


def test_staff_are_told_that_they_do_not_count(signed_in, producer, page):
    text = shown(signed_in(producer), page)
    assert STAFF_NOTE in text
    assert "audience-remember" not in text


def test_a_browser_of_the_studio_is_told_after_signing_out_too(visitor, page):
    visitor.cookies[cookies.STAFF] = "1"
    assert STAFF_NOTE in shown(visitor, page)
