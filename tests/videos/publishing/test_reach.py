"""How public a page is, told wherever somebody of the studio or outside asks."""

import re

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from wagtail.models import PageViewRestriction, Site

from tests.videos.publishing.factories import approved_video, draft_page, live_page
from videos.planning.addresses import video_url
from videos.publishing.models import Appearance, VideoIndexPage
from videos.publishing.reach import Reach, reach_of

EVERYBODY = "Everybody with the address can watch it."
PASSWORD = "Only who knows its password can watch it."
STAFF = "Only who is signed in to the studio can watch it."
GROUP = "Only who belongs to “Customers” can watch it."


@pytest.mark.parametrize(
    ("reach", "words"),
    [
        (Reach(), EVERYBODY),
        (Reach(password=True), PASSWORD),
        (Reach(sign_in=True), STAFF),
        (Reach(groups=(("Customers",),)), GROUP),
        (
            Reach(password=True, groups=(("A", "B", "C"), ("D",))),
            "Only who knows its password, belongs to “A”, “B” or “C” and belongs to “D” can"
            " watch it.",
        ),
        (Reach(groups=((),)), "Only who administers the studio can watch it."),
    ],
)
def test_who_can_watch_is_one_sentence(reach, words):
    assert reach.in_words == words
    assert bool(reach.warning) == reach.is_restricted == (reach != Reach())


@pytest.mark.parametrize(
    ("reach", "is_for_staff"),
    [
        (Reach(password=True), False),
        (Reach(sign_in=True), True),
        (Reach(groups=(("A",),)), True),
        (Reach(password=True, sign_in=True), True),
    ],
)
def test_who_sends_a_link_learns_what_a_prospect_needs(reach, is_for_staff):
    assert reach.warning.startswith(reach.in_words)
    assert ("A prospect without an account here cannot." in reach.warning) == is_for_staff
    assert ("Send the password" in reach.warning) != is_for_staff


pytestmark = pytest.mark.django_db


@pytest.fixture
def client(signed_in, producer):
    return signed_in(producer)


def restrict(page, kind: str) -> PageViewRestriction:
    password = "open sesame" if kind == "password" else ""
    restriction = PageViewRestriction.objects.create(
        page=page.page_ptr, restriction_type=kind, password=password
    )
    if kind == "groups":
        restriction.groups.add(Group.objects.create(name="Customers"))
    return restriction


def test_what_protects_a_page_from_above_protects_it_as_well():
    page = live_page()
    assert reach_of(page) == Reach()
    restrict(VideoIndexPage.objects.get(), "password")
    restrict(page, "groups")
    assert reach_of(page) == Reach(password=True, groups=(("Customers",),))


@pytest.mark.parametrize(
    ("kind", "words"),
    [("", EVERYBODY), ("password", PASSWORD), ("login", STAFF), ("groups", GROUP)],
)
def test_the_videos_page_says_at_its_head_and_in_its_panel_who_can_watch(client, kind, words):
    page = live_page()
    if kind:
        restrict(page, kind)
    html = client.get(video_url(page.video)).content.decode()
    head, panel = html.split('id="public-page"')
    assert "It is published." in head
    for part in (head, panel):
        assert words in part
        assert (EVERYBODY in part) == (not kind)
    assert "It is public" not in html


def test_the_head_says_nothing_of_watching_while_nobody_can(client):
    page = live_page()
    page.unpublish()
    html = client.get(video_url(page.video)).content.decode()
    assert "It was published, and is no longer." in html
    assert "can watch it" not in html


def test_publishing_says_who_can_watch_now(client):
    page = draft_page(approved_video())
    restrict(page, "password")
    form = {"cut": page.video.cuts.get().pk}
    html = client.post(
        reverse("publishing_publish", args=[page.pk]), form, follow=True
    ).content.decode()
    assert re.search(rf"“{re.escape(page.title)}” is live\. {PASSWORD}", html)


class TestPasswordPage:
    @pytest.fixture
    def page(self):
        Appearance.objects.create(
            site=Site.objects.get(is_default_site=True), company_name="Fernhill Heat"
        )
        return live_page(title="What does it cost?")

    def say(self, restriction, page, password):
        address = reverse("wagtailcore_authenticate_with_password", args=[restriction.pk, page.pk])
        return Client().post(address, {"password": password, "return_url": page.url})

    def test_it_names_the_company_and_the_video_and_nothing_else_of_it(self, page):
        restrict(page, "password")
        answer = Client().get(page.url)
        html = answer.content.decode()
        assert "no-store" in answer["Cache-Control"]
        for said in ("Fernhill Heat", "<h1>What does it cost?</h1>", '<label for="password">'):
            assert said in html
        assert "data-video" not in html
        assert str(page.cut.current_set.key) not in html
        assert 'role="alert"' not in html

    def test_a_wrong_password_is_announced_at_its_field(self, page):
        html = self.say(restrict(page, "password"), page, "guess").content.decode()
        assert 'aria-invalid="true" aria-describedby="password-error"' in html
        assert re.search(r'id="password-error" role="alert">The password .* not correct', html)
        assert f'name="return_url" value="{page.url}"' in html

    def test_the_form_leads_to_the_video_also_when_it_was_opened_by_its_own_address(self, page):
        restriction = restrict(page, "password")
        address = reverse("wagtailcore_authenticate_with_password", args=[restriction.pk, page.pk])
        assert f'name="return_url" value="{page.url}"' in Client().get(address).content.decode()

    def test_a_password_tells_no_title_of_a_page_that_it_does_not_protect(self, page):
        restriction = restrict(page, "password")
        draft = draft_page(approved_video(title="Secret"))
        others = [live_page(title="Secret too"), draft]
        restrict(draft, "password")
        assert {self.say(restriction, other, "guess").status_code for other in others} == {404}
        own = PageViewRestriction.objects.get(page=draft.page_ptr)
        assert self.say(own, draft, "guess").status_code == 404
