import pytest

from tests.factories import ShareLinkFactory
from tests.videos.audience.factories import public_video
from videos.audience import cookies
from videos.audience.models import Contact, View, Viewer
from videos.planning.models import Video
from videos.publishing.models import VideoPage


@pytest.fixture
def link(db):
    return ShareLinkFactory(video=public_video())


def test_a_share_link_leads_to_the_videos_page(visitor, link):
    response = visitor.get(f"/s/{link.token}")
    assert (response.status_code, response["Location"]) == (302, link.video.page.url)
    assert response["X-Robots-Tag"] == "noindex"
    assert "no-store" in response["Cache-Control"]


def test_merely_opening_a_link_makes_no_row(visitor, link):
    contacts = Contact.objects.count()
    visitor.get(f"/s/{link.token}")
    visitor.head(f"/s/{link.token}")
    assert (View.objects.count(), Viewer.objects.count()) == (0, 0)
    assert Contact.objects.count() == contacts


def test_opening_a_link_asks_for_the_viewer_cookie(visitor, link):
    response = visitor.get(f"/s/{link.token}")
    cookie = response.cookies[cookies.VIEWER]
    assert cookie["httponly"] is True
    assert cookie["samesite"] == "Lax"
    assert cookie["secure"] == ""  # the test studio has no https
    assert cookie["max-age"] == 400 * 24 * 3600


def test_on_https_the_cookies_are_secure(visitor, link, settings):
    settings.SESSION_COOKIE_SECURE = True
    response = visitor.get(f"/s/{link.token}")
    assert {cookie["secure"] for cookie in response.cookies.values() if cookie.value} == {True}


def test_a_second_link_keeps_the_viewer(visitor, link):
    def viewer():
        return cookies.viewer_id(visitor.get("/s/none").wsgi_request)

    visitor.get(f"/s/{link.token}")
    first = viewer()
    visitor.get(f"/s/{ShareLinkFactory(video=public_video()).token}")
    assert first is not None
    assert viewer() == first


@pytest.mark.parametrize("token", ["never-made", "x" * 300, "%00"])
def test_an_unknown_share_link_is_a_friendly_404(visitor, db, token):
    response = visitor.get(f"/s/{token}")
    assert response.status_code == 404
    assert "This link leads nowhere" in response.content.decode()
    assert not response.cookies


@pytest.mark.parametrize("gone", ["unpublished", "retired", "never had a page"])
def test_a_link_to_a_video_that_is_not_public_says_so(visitor, link, gone):
    if gone == "unpublished":
        VideoPage.objects.update(live=False)
    elif gone == "retired":
        Video.objects.update(stage="retired")
    else:
        link = ShareLinkFactory()
    response = visitor.get(f"/s/{link.token}")
    assert response.status_code == 404
    assert "not public at the moment" in response.content.decode()
    assert str(link.rep) in response.content.decode()
    assert not response.cookies


def test_a_view_through_a_link_counts_for_its_contact(visitor, link, play):
    visitor.get(f"/s/{link.token}")
    play(video=link.video.public_id, share=link.token)
    view = View.objects.get()
    assert (view.share_link, view.contact) == (link, None)
    assert view.counted_at is not None
    assert view.viewer is not None
    assert view.viewer.was_staff is False


def test_staff_who_open_a_link_get_no_viewer_cookie(signed_in, link):
    response = signed_in(link.rep).get(f"/s/{link.token}")
    assert response.status_code == 302
    assert cookies.VIEWER not in response.cookies


def test_who_said_no_is_not_remembered_by_a_link(visitor, link):
    visitor.post("/audience/remember", {"remember": "no"})
    response = visitor.get(f"/s/{link.token}")
    assert response.status_code == 302
    assert not response.cookies


def test_agreeing_sets_the_viewer_cookie_and_goes_back(visitor, db):
    response = visitor.post("/audience/remember", {"remember": "yes", "next": "/pricing/"})
    assert response["Location"] == "/pricing/"
    assert response.cookies[cookies.VIEWER].value
    assert not Viewer.objects.exists()


def test_agreement_can_be_taken_back(visitor, link):
    visitor.get(f"/s/{link.token}")
    response = visitor.post("/audience/remember", {"remember": "no"})
    assert response.cookies[cookies.VIEWER]["max-age"] == 0
    assert response.cookies[cookies.VIA]["max-age"] == 0
    assert visitor.cookies[cookies.UNREMEMBERED].value == "1"


def test_an_answer_leads_nowhere_else(visitor, db):
    response = visitor.post(
        "/audience/remember", {"remember": "yes", "next": "https://elsewhere.example/"}
    )
    assert response["Location"] == "/"


def test_another_site_cannot_answer_for_the_visitor(visitor, db):
    response = visitor.post(
        "/audience/remember",
        {"remember": "yes"},
        headers={"Origin": "https://elsewhere.example"},
    )
    assert response.status_code == 403
    assert not response.cookies
