"""The public pages: what they show, to whom, and what they never say."""

import json
import re
from html.parser import HTMLParser

import pytest
from django.test import Client

from tests.factories import ExpertFactory, QuestionFactory, UserFactory
from tests.videos.publishing.factories import approved_video, draft_page, live_page, published
from videos.media.cuts.published import publish
from videos.media.models import Caption, RenditionSet
from videos.publishing.models import Appearance, VideoIndexPage, VideoPage

pytestmark = pytest.mark.django_db

CAPTIONS = """WEBVTT

00:00:00.000 --> 00:00:02.000
It pays after ten weeks.

00:00:02.000 --> 00:00:04.000
For most <b>teams</b>.

00:00:09.000 --> 00:00:11.000
Ask us.
"""


class Tags(HTMLParser):
    """Every tag of a page with its attributes, and the meta properties."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def meta(self) -> dict[str, str]:
        named = (
            (a.get("property") or a.get("name"), a.get("content"))
            for t, a in self.tags
            if t == "meta"
        )
        return {name: content for name, content in named if name}


@pytest.fixture
def page():
    user = UserFactory(first_name="Amara", last_name="Okafor")
    video = approved_video(
        title="When does it pay?",
        summary="After ten weeks, for a team of thirty.",
        experts=[ExpertFactory(user=user)],
    )
    QuestionFactory(
        video=video,
        text="When do we get our money back?",
        heard_at="Second call with Acme",
        heard_by=UserFactory(first_name="Silent", last_name="Listener"),
    )
    page = published(video)
    Caption.objects.create(cut=page.cut, webvtt=CAPTIONS)
    publish(page.cut)
    return page


def html_of(page, client=None) -> str:
    response = (client or Client()).get(page.url)
    assert response.status_code == 200
    return response.content.decode()


def test_a_page_says_what_the_video_answers_and_not_who_asked_or_heard(page):
    html = html_of(page)
    for said in ("When does it pay?", "Amara Okafor", "After ten weeks", "our money back?"):
        assert said in html
    for kept in ("Acme", "Silent", "Listener", page.video.experts.get().user.email):
        assert kept not in html


def test_the_transcript_is_text_in_paragraphs(page):
    html = re.sub(r">\s+<", "><", html_of(page))
    assert "<p>It pays after ten weeks. For most teams.</p><p>Ask us.</p>" in html


def test_the_video_element_stands_in_the_page_with_its_captions(page):
    tags = Tags(re.sub(r"<noscript>.*?</noscript>", "", html_of(page), flags=re.DOTALL)).tags
    shown = page.cut.current_set
    video = [attributes for tag, attributes in tags if tag == "video"]
    assert [(v["data-video"], v["preload"], "autoplay" in v) for v in video] == [
        (page.video.public_id, "none", False)
    ]
    assert [(a["srclang"], a["src"]) for tag, a in tags if tag == "track"] == [
        ("en", f"/media/{shown.key}/captions/en.vtt")
    ]
    assert [
        a["aria-label"] for tag, a in tags if tag == "button" and a.get("class") == "player-start"
    ] == ["Play “When does it pay?”"]


def test_no_script_and_no_style_is_inline(page):
    for address in ("/", page.url):
        tags = Tags(Client().get(address).content.decode()).tags
        assert [a for tag, a in tags if tag == "style"] == []
        assert [a for _tag, a in tags if "style" in a or any(n.startswith("on") for n in a)] == []
        inline = [a.get("type") for tag, a in tags if tag == "script" and "src" not in a]
        assert set(inline) <= {"application/ld+json", "application/json"}


def test_the_policy_allows_the_player_and_nothing_else(page):
    policy = Client().get(page.url)["Content-Security-Policy"]
    directives = {name: sources for name, *sources in (p.split() for p in policy.split(";"))}
    assert directives["script-src"] == ["'self'"]
    assert "unsafe" not in policy
    assert all(re.fullmatch(r"'self'|'sha256-[\w+/=]+'", one) for one in directives["style-src"])


def test_open_graph_carries_title_summary_and_poster(page, settings):
    meta = Tags(html_of(page)).meta()
    assert {name: meta[name] for name in meta if name.startswith("og:")} == {
        "og:type": "video.other",
        "og:title": "When does it pay?",
        "og:description": "After ten weeks, for a team of thirty.",
        "og:url": f"{settings.BASE_URL}{page.url}",
        "og:image": f"{settings.BASE_URL}/posters/{page.cut.current_set.key}/960.webp",
        "og:image:width": "960",
        "og:image:height": "540",
        "og:image:alt": "When does it pay?",
    }


def test_structured_data_cannot_end_its_script():
    page = live_page(title="</script><b>x", summary="</script>")
    body = re.search(r'ld\+json">(.*?)</script>', html_of(page), re.DOTALL)
    assert body
    data = json.loads(body[1])
    assert (data["name"], data["description"]) == ("</script><b>x", "</script>")


def test_anyone_plays_the_public_set_and_no_other(page):
    draft = draft_page(live_page().video.__class__.objects.create(title="Secret"))
    hidden = RenditionSet.objects.get(pk=page.cut.current_set.pk)
    page.unpublish()
    client = Client()
    assert client.get(draft.url).status_code == 404
    assert client.get(page.url).status_code == 404
    assert client.get(hidden.master_url).status_code == 404
    assert client.get(f"/posters/{hidden.key}/480.webp").status_code == 404


def test_a_page_that_went_live_behind_the_gate_shows_nothing(page):
    RenditionSet.objects.update(is_public=False)
    assert Client().get(page.url).status_code == 404
    assert page.url not in Client().get("/").content.decode()


def test_the_index_lists_what_is_on_show_newest_first():
    old, new = live_page(title="Old"), live_page(title="New")
    gone = live_page(title="Gone")
    gone.unpublish()
    cards = re.findall(r'class="card-title">(.*?)<', Client().get("/").content.decode())
    assert cards == [new.title, old.title]


def test_an_empty_index_teaches_visitors_and_staff(db):
    UserFactory()  # without users, it leads to the first run
    html = Client().get("/").content.decode()
    assert "No video published yet" in html
    assert "Go to the studio" in html


def test_the_index_is_cut_into_pages():
    for _ in range(13):
        live_page()
    first, second = Client().get("/").content.decode(), Client().get("/?page=2").content.decode()
    assert (first.count('class="card"'), second.count('class="card"')) == (12, 1)
    assert Client().get("/?page=nonsense").status_code == 200


def test_no_public_page_needs_more_than_forty_queries(page, django_assert_max_num_queries):
    for _ in range(12):
        live_page(experts=[ExpertFactory()])
    with django_assert_max_num_queries(40):
        Client().get("/")
    with django_assert_max_num_queries(40):
        Client().get(page.url)


def test_the_sitemap_names_the_live_pages(page, settings):
    assert (
        f"<loc>{settings.BASE_URL}{page.url}</loc>" in Client().get("/sitemap.xml").content.decode()
    )
    assert "Disallow: /s/" in Client().get("/robots.txt").content.decode()


def test_the_accent_is_a_style_sheet_of_its_own():
    look = Appearance.for_site(VideoIndexPage.objects.get().get_site())
    look.accent = "#7a1f5c"
    look.save()
    css = Client().get("/site.css").content.decode()
    assert css.startswith(":root{--accent:#7a1f5c;--accent-text:#ffffff}")


def test_an_unknown_address_is_a_friendly_404():
    response = Client().get("/nowhere/")
    assert response.status_code == 404
    assert "This page is not here" in response.content.decode()


def test_only_the_two_page_types_can_be_made(rf):
    assert VideoPage.allowed_subpage_models() == []
    assert VideoIndexPage.allowed_subpage_models() == [VideoPage]
    assert VideoIndexPage.can_create_at(VideoIndexPage.objects.get().get_parent()) is False
