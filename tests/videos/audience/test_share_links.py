import datetime as dt
import uuid

import pytest
from django.core import signing
from django.utils.timezone import now

from tests.factories import ShareLinkFactory, ViewFactory
from tests.videos.audience.factories import public_video
from videos.audience.models import Contact, View, Viewer
from videos.audience.tracking import cookies
from videos.audience.tracking.browser import browser_of
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


def test_opening_a_link_keeps_nothing_beyond_the_session(visitor, link):
    response = visitor.get(f"/s/{link.token}")
    assert list(response.cookies) == [cookies.SHARE_LINKS_COOKIE]
    cookie = response.cookies[cookies.SHARE_LINKS_COOKIE]
    assert (cookie["max-age"], cookie["expires"]) == ("", "")
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert cookie["secure"] == ""  # the test studio has no https
    [[token, opened]] = signing.loads(cookie.value, salt=cookies.SALT + cookies.SHARE_LINKS_COOKIE)
    assert token == link.token
    assert 0 <= now().timestamp() - opened < 5


@pytest.mark.parametrize("says_no", [False, True], ids=["says nothing", "says no"])
def test_before_a_visitors_yes_the_browser_keeps_nothing_beyond_the_session_but_a_no(
    visitor, link, play, says_no
):
    def look_around():
        for address in ("/", link.video.page.url, f"/s/{link.token}", "/audience/state"):
            visitor.get(address, follow=True)
        sent = {"video": link.video.public_id, "share": link.token}
        assert play(**sent).status_code == 204
        assert play(view=str(uuid.uuid4()), **sent).status_code == 204
        visitor.post("/audience/problem", {"video": link.video.public_id})

    def kept():
        """The cookies that a browser would still have after it was closed."""
        lasting = {
            name: one for name, one in visitor.cookies.items() if one["max-age"] or one["expires"]
        }
        return {name for name, one in lasting.items() if one.value and one["max-age"] != 0}

    look_around()
    assert kept() == set()
    if says_no:
        visitor.post("/audience/remember", {"remember": "no"})
        look_around()
        assert kept() == {cookies.OPT_OUT_COOKIE}
        assert {name for name, one in visitor.cookies.items() if one.value} == kept()
    assert View.objects.exists()
    assert not View.objects.exclude(viewer=None).exists()
    assert not Viewer.objects.exists()


def test_the_links_opened_are_known_newest_first_for_a_day(visitor, link, monkeypatch):
    start = now().replace(microsecond=0)

    def after(hours, address):
        moment = start + dt.timedelta(hours=hours)
        monkeypatch.setattr(cookies, "now", lambda: moment)
        return browser_of(visitor.get(address).wsgi_request).opened_links

    tokens = [link.token, *(ShareLinkFactory(video=link.video).token for _ in range(9))]
    for hour, token in enumerate(tokens):
        after(hour, f"/s/{token}")
    known = after(9, "/s/none")
    assert [one.token for one in known] == tokens[:1:-1]
    assert known[-1].opened_at == start + dt.timedelta(hours=2)
    assert len(after(26 - 1 / 3600, "/s/none")) == 8
    assert len(after(26, "/s/none")) == 7
    assert after(33, "/s/none") == ()


@pytest.mark.parametrize(
    "written",
    ["a b", {"a": 1}, [["a"]], [["a", "now"]], [["a", float("nan")]], [[1, 1.0]], [["a", 1e300]]],
)
def test_a_cookie_of_another_form_opens_no_link(visitor, link, written):
    visitor.cookies[cookies.SHARE_LINKS_COOKIE] = signing.dumps(
        written, salt=cookies.SALT + cookies.SHARE_LINKS_COOKIE
    )
    assert browser_of(visitor.get("/s/none").wsgi_request).opened_links == ()


def test_on_https_the_cookies_are_secure(visitor, link, settings):
    settings.SESSION_COOKIE_SECURE = True
    response = visitor.get(f"/s/{link.token}")
    assert {cookie["secure"] for cookie in response.cookies.values() if cookie.value} == {True}


def test_a_second_link_keeps_the_viewer(visitor, link):
    def viewer():
        return cookies.viewer_id(visitor.get("/s/none").wsgi_request)

    visitor.post("/audience/remember", {"remember": "yes"})
    first = viewer()
    visitor.get(f"/s/{link.token}")
    assert first is not None
    assert viewer() == first


@pytest.mark.parametrize("token", ["never-made", "x" * 300, "%00"])
def test_an_unknown_share_link_is_a_friendly_404(visitor, db, token):
    response = visitor.get(f"/s/{token}")
    assert response.status_code == 404
    assert "This link does not work" in response.content.decode()
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
    assert view.viewer is None
    assert not Viewer.objects.exists()


def test_staff_who_open_a_link_get_no_viewer_cookie(signed_in, link):
    response = signed_in(link.rep).get(f"/s/{link.token}")
    assert response.status_code == 302
    assert cookies.VIEWER_COOKIE not in response.cookies


def test_who_said_no_is_not_remembered_by_a_link(visitor, link):
    visitor.post("/audience/remember", {"remember": "no"})
    response = visitor.get(f"/s/{link.token}")
    assert response.status_code == 302
    assert not response.cookies


def test_agreeing_sets_the_viewer_cookie_and_goes_back(visitor, db):
    response = visitor.post("/audience/remember", {"remember": "yes", "next": "/pricing/"})
    assert response["Location"] == "/pricing/#audience-remembered"
    assert response.cookies[cookies.VIEWER_COOKIE]["max-age"] == 400 * 24 * 3600
    assert not Viewer.objects.exists()


def begun(**fields):
    """A view that a tab has just begun with a key."""
    return ViewFactory(**{"viewer": None, "started_at": now(), "key": "a key"} | fields)


def test_a_yes_attaches_the_viewer_to_the_views_begun_in_this_tab(visitor, link):
    mine = [begun() for _ in range(2)]
    other, foreign, keyless = begun(), begun(), begun(key="")
    views = [
        mine[0].public_id + ".a key",
        mine[1].public_id.upper() + ".a key",
        foreign.public_id + ".another",
        foreign.public_id,
        keyless.public_id + ".",
        keyless.public_id,
        f"{uuid.uuid4()}.a key",
        "rubbish",
        ".",
        "",
    ]
    answer = visitor.post(
        "/audience/remember",
        {"remember": "yes", "views": views},
        headers={"Accept": "application/json"},
    )
    assert answer.json() == {"state": "remembered"}
    viewer = Viewer.objects.get()
    assert set(View.objects.filter(viewer=viewer)) == set(mine)
    assert cookies.viewer_id(visitor.get("/s/none").wsgi_request) == viewer.public_id
    assert set(View.objects.filter(viewer=None)) == {other, foreign, keyless}


def test_a_yes_takes_twenty_views_at_most(visitor, link):
    views = [begun() for _ in range(22)]
    named = [f"{view.public_id}.{view.key}" for view in views]
    visitor.post("/audience/remember", {"remember": "yes", "views": named})
    assert set(View.objects.exclude(viewer=None)) == set(views[2:])


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_staff_are_not_asked_and_get_no_viewer(signed_in, link, answer):
    response = signed_in(link.rep).post(
        "/audience/remember", {"remember": answer, "views": [begun().public_id + ".a key"]}
    )
    kept = {name for name, cookie in response.cookies.items() if cookie.value}
    assert cookies.VIEWER_COOKIE not in kept
    assert not Viewer.objects.exists()


def test_after_a_no_no_link_names_anybody_and_a_later_yes_removes_it(visitor, link):
    visitor.get(f"/s/{link.token}")
    before = dict(visitor.cookies.items())[cookies.SHARE_LINKS_COOKIE].value
    visitor.post("/audience/remember", {"remember": "no"})
    assert {name for name, one in visitor.cookies.items() if one.value} == {cookies.OPT_OUT_COOKIE}
    visitor.cookies[cookies.SHARE_LINKS_COOKIE] = before  # say, of a request on its way
    told = browser_of(visitor.get("/s/none").wsgi_request)
    assert (told.opened_links, told.said_no, told.viewer) == ((), True, None)
    visitor.post("/audience/remember", {"remember": "yes"})
    told = browser_of(visitor.get("/s/none").wsgi_request)
    assert (told.said_no, told.viewer is None) == (False, False)


def test_a_browser_that_declined_has_no_viewer_whatever_cookie_it_still_sends(visitor, db):
    visitor.post("/audience/remember", {"remember": "yes"})
    before = visitor.cookies[cookies.VIEWER_COOKIE].value
    remembered = browser_of(visitor.get("/s/none").wsgi_request).viewer
    visitor.post("/audience/remember", {"remember": "no"})
    visitor.cookies[cookies.VIEWER_COOKIE] = before  # set by a request that was on its way
    assert browser_of(visitor.get("/s/none").wsgi_request).viewer is None
    visitor.post("/audience/remember", {"remember": "yes"})
    assert browser_of(visitor.get("/s/none").wsgi_request).viewer not in {None, remembered}


def test_an_answer_leads_nowhere_else(visitor, db):
    response = visitor.post(
        "/audience/remember", {"remember": "yes", "next": "https://elsewhere.example/"}
    )
    assert response["Location"] == "/#audience-remembered"


def test_another_site_cannot_answer_for_the_visitor(visitor, db):
    response = visitor.post(
        "/audience/remember",
        {"remember": "yes"},
        headers={"Origin": "https://elsewhere.example"},
    )
    assert response.status_code == 403
    assert not response.cookies
