"""How public a page is, told wherever somebody of the studio or outside asks."""

import re

import pytest
from django.contrib.auth.models import Group
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from wagtail.models import PageViewRestriction, Site

from tests.videos.publishing.factories import approved_video, draft_page, live_page, panel
from videos.planning.urls_for import video_url
from videos.publishing.models import Appearance, VideoIndexPage
from videos.publishing.visibility import Visibility, visibility_of

EVERYBODY = "Anyone with the link can watch it."
PASSWORD = "Only people who know its password can watch it."
STAFF = "Only people who are signed in to the studio can watch it."
GROUP = "Only members of “Customers” can watch it."


@pytest.mark.parametrize(
    ("visibility", "words"),
    [
        (Visibility(), EVERYBODY),
        (Visibility(password=True), PASSWORD),
        (Visibility(sign_in=True), STAFF),
        (Visibility(groups=(("Customers",),)), GROUP),
        (
            Visibility(password=True, groups=(("A", "B", "C"), ("D",))),
            f"{PASSWORD} They must also be members of “A”, “B” or “C”."
            " They must also be members of “D”.",
        ),
        (
            Visibility(password=True, sign_in=True),
            f"{PASSWORD} They must also be signed in to the studio.",
        ),
        (Visibility(groups=((),)), "Only administrators can watch it."),
        (
            Visibility(sign_in=True, groups=((),)),
            f"{STAFF} They must also be administrators.",
        ),
    ],
)
def test_who_can_watch_is_told_in_whole_sentences(visibility, words):
    assert visibility.description == words
    assert bool(visibility.warning) == visibility.is_restricted == (visibility != Visibility())


@pytest.mark.parametrize(
    ("visibility", "is_for_staff"),
    [
        (Visibility(password=True), False),
        (Visibility(sign_in=True), True),
        (Visibility(groups=(("A",),)), True),
        (Visibility(password=True, sign_in=True), True),
    ],
)
def test_who_sends_a_link_learns_what_a_prospect_needs(visibility, is_for_staff):
    assert visibility.warning.startswith(visibility.description)
    advice = "Prospects have no account, so they cannot watch it."
    assert (advice in visibility.warning) == is_for_staff
    assert ("Send the password" in visibility.warning) != is_for_staff


pytestmark = pytest.mark.django_db


@pytest.fixture
def client(signed_in, producer):
    return signed_in(producer)


def one_space(response: HttpResponse) -> str:
    """The text of a response with single spaces, however its template is laid out."""
    return " ".join(response.content.decode().split())


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
    assert visibility_of(page) == Visibility()
    restrict(VideoIndexPage.objects.get(), "password")
    restrict(page, "groups")
    assert visibility_of(page) == Visibility(password=True, groups=(("Customers",),))


@pytest.mark.parametrize(
    ("kind", "words"),
    [("", EVERYBODY), ("password", PASSWORD), ("login", STAFF), ("groups", GROUP)],
)
def test_the_videos_page_says_at_its_head_and_in_its_panel_who_can_watch(client, kind, words):
    page = live_page()
    if kind:
        restrict(page, kind)
    html = client.get(video_url(page.video)).content.decode()
    assert "It is published." in html
    for part in (html, panel(client, page.video)):
        assert words in part
        assert (EVERYBODY in part) == (not kind)
    assert "It is public" not in html


def test_the_head_says_nothing_of_watching_while_nobody_can(client):
    page = live_page()
    page.unpublish()
    html = client.get(video_url(page.video)).content.decode()
    assert "It was retired and is no longer public." in html
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
        html = one_space(self.say(restrict(page, "password"), page, "guess"))
        assert 'aria-invalid="true" aria-describedby="password-error"' in html
        assert re.search(r'id="password-error" role="alert">The password .* not correct', html)
        assert f'name="return_url" value="{page.url}"' in html

    def test_the_form_leads_to_the_video_also_when_it_was_opened_by_its_own_address(self, page):
        restriction = restrict(page, "password")
        address = reverse("wagtailcore_authenticate_with_password", args=[restriction.pk, page.pk])
        assert f'name="return_url" value="{page.url}"' in one_space(Client().get(address))

    def test_a_password_tells_no_title_of_a_page_that_it_does_not_protect(self, page):
        restriction = restrict(page, "password")
        draft = draft_page(approved_video(title="Secret"))
        others = [live_page(title="Secret too"), draft]
        restrict(draft, "password")
        assert {self.say(restriction, other, "guess").status_code for other in others} == {404}
        own = PageViewRestriction.objects.get(page=draft.page_ptr)
        assert self.say(own, draft, "guess").status_code == 404
