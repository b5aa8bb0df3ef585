"""What protects a page protects its film: Wagtail's page privacy, set by any of its doors."""

from io import BytesIO

import pytest
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from PIL import Image
from wagtail.models import Page, PageViewRestriction

from studio.people.models import User
from tests.factories import UserFactory, ready_cut
from tests.videos.publishing.factories import approve, draft_page, live_page
from videos.media.access import is_for_anyone
from videos.media.cuts.published import publish
from videos.media.models import Caption, RenditionSet, footage
from videos.publishing.models import VideoIndexPage, VideoPage
from videos.publishing.privacy import sync_all
from videos.publishing.readiness import publishing_cut

pytestmark = pytest.mark.django_db

CAPTIONS = "WEBVTT\n\n00:00:00.000 --> 00:00:02.000\nHello.\n"
PASSWORD = "open sesame"


@pytest.fixture
def page():
    page = live_page()
    Caption.objects.create(cut=page.cut, webvtt=CAPTIONS)
    publish(page.cut)
    return page


def restrict(page, kind="password", **fields):
    password = PASSWORD if kind == "password" else ""
    return PageViewRestriction.objects.create(
        page=page.page_ptr, restriction_type=kind, password=password, **fields
    )


def on_the_page(page):
    return restrict(page)


def on_the_index(page):
    return restrict(page.get_parent().specific)


def for_staff(page):
    return restrict(page, "login")


def for_a_group(page):
    restriction = restrict(page, "groups")
    restriction.groups.add(Group.objects.create(name="Customers"))
    return restriction


WAYS = [on_the_page, on_the_index, for_staff, for_a_group]


def plays(client, page) -> bool:
    """Whether a browser may have the film: its captions stand for every file of the set."""
    shown = RenditionSet.objects.get(cut=page.cut)
    answer = client.get(f"/media/{shown.key}/captions/en.vtt")
    if answer.status_code == 200 and not shown.is_public:
        assert answer["Cache-Control"] == "private, no-store"
    return answer.status_code == 200


def anyone() -> bool:
    return any(is_for_anyone(one) for one in RenditionSet.objects.all())


@pytest.mark.parametrize("way", WAYS)
def test_what_protects_a_page_protects_its_film(page, way):
    assert plays(Client(), page)
    way(page)
    assert not plays(Client(), page)
    assert not anyone()
    shown = page.cut.current_set
    assert Client().get(f"/posters/{shown.key}/480.webp").status_code == 404
    for address in ("/", "/sitemap.xml", live_page().url):
        html = Client().get(address).content.decode()
        assert f"{page.slug}/" not in html
        assert str(shown.key) not in html


@pytest.mark.parametrize("way", WAYS)
def test_a_small_poster_that_was_made_is_refused_once_its_page_is_restricted(page, way):
    shown = page.cut.current_set
    image = BytesIO()
    Image.new("RGB", (64, 36)).save(image, "JPEG")
    footage().save(f"{shown.folder}/{shown.poster}", ContentFile(image.getvalue()))
    assert Client().get(f"/posters/{shown.key}/960.webp").status_code == 200
    way(page)
    for address in (
        f"/posters/{shown.key}/960.webp",
        f"/files/posters/{shown.key}-960.webp",
        f"/files/images/../posters/{shown.key}-960.webp",
        f"/files/images/%2e%2e/posters/{shown.key}-960.webp",
    ):
        assert Client().get(address).status_code == 404


@pytest.mark.parametrize("way", WAYS)
def test_a_film_is_public_again_when_its_page_is(page, way):
    way(page).delete()
    assert plays(Client(), page)
    assert RenditionSet.objects.get().is_public


def test_who_knows_the_password_sees_the_page_and_plays_the_film(page):
    restriction = restrict(page)
    client = Client()
    asked = client.get(page.url)
    assert "no-store" in asked["Cache-Control"]
    assert str(page.cut.current_set.key) not in asked.content.decode()
    address = reverse("wagtailcore_authenticate_with_password", args=[restriction.pk, page.pk])
    client.post(address, {"password": "guess", "return_url": page.url})
    assert not plays(client, page)
    client.post(address, {"password": PASSWORD, "return_url": page.url})
    answer = client.get(page.url)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert "ETag" not in answer
    assert page.cut.current_set.master_url in answer.content.decode()
    assert plays(client, page)


def test_a_new_password_shuts_out_who_knew_the_old_one(page, signed_in):
    image = BytesIO()
    Image.new("RGB", (64, 36)).save(image, "JPEG")
    shown = page.cut.current_set
    footage().save(f"{shown.folder}/{shown.poster}", ContentFile(image.getvalue()))
    admin = signed_in(UserFactory(is_superuser=True))
    privacy = reverse("wagtailadmin_pages:set_privacy", args=[page.pk])

    def say(client, password):
        form = client.get(page.url).context["action_url"]
        client.post(form, {"password": password, "return_url": page.url})

    def has(client) -> set[bool]:
        """Whether a browser has the page, the film, its captions and its poster."""
        return {
            "data-video=" in client.get(page.url).content.decode(),
            plays(client, page),
            client.get(f"/media/{shown.key}/{shown.poster}").status_code in (200, 302),  # 302: S3
        }

    knew, knows = Client(), Client()
    admin.post(privacy, {"restriction_type": "password", "password": "the old one"})
    say(knew, "the old one")
    assert has(knew) == {True}
    admin.post(privacy, {"restriction_type": "password", "password": "the old one"})
    assert has(knew) == {True}  # saved again as it was
    admin.post(privacy, {"restriction_type": "password", "password": "the new one"})
    assert PageViewRestriction.objects.count() == 1
    assert has(knew) == {False}
    say(knows, "the old one")
    assert has(knows) == {False}
    say(knows, "the new one")
    assert has(knows) == {True}
    admin.post(privacy, {"restriction_type": "login"})
    admin.post(privacy, {"restriction_type": "password", "password": "the third one"})
    assert has(knows) == {False}


@pytest.mark.parametrize("way", [for_staff, for_a_group])
def test_no_form_for_a_password_tells_of_a_page_that_none_opens(page, way):
    address = reverse("wagtailcore_authenticate_with_password", args=[way(page).pk, page.pk])
    for answer in (Client().get(address), Client().post(address, {"password": ""})):
        assert answer.status_code == 404
        assert page.title not in answer.content.decode()


def test_groups_and_sign_in_open_the_film_as_they_open_the_page(page):
    inside, outside = UserFactory(), UserFactory()
    restriction = for_a_group(page)
    inside.groups.add(restriction.groups.get())

    def may(user: User):
        client = Client()
        client.force_login(user)
        return (client.get(page.url).status_code == 200, plays(client, page))

    assert (may(inside), may(outside)) == ((True, True), (False, False))
    restriction.restriction_type = "login"
    restriction.save()
    assert may(outside) == (True, True)


def test_every_restriction_on_the_way_has_to_be_passed(page):
    on_the_index(page)
    restrict(page, "login")
    client = Client()
    client.force_login(UserFactory())
    assert not plays(client, page)


def test_a_restriction_opens_no_other_cut(page):
    restrict(page, "login")
    other = ready_cut(video=page.video, number=2)
    Caption.objects.create(cut=other, webvtt=CAPTIONS)
    client = Client()
    client.force_login(UserFactory())
    assert client.get(f"/media/{other.current_set.key}/captions/en.vtt").status_code == 404


def test_what_is_published_on_a_restricted_page_is_not_public(page):
    on_the_index(page)
    second = approve(ready_cut(video=page.video, number=2))
    Caption.objects.create(cut=second, webvtt=CAPTIONS)
    with publishing_cut(second):
        page.get_latest_revision().publish()
    page.refresh_from_db()
    assert (page.live, page.cut) == (True, second)
    fresh = draft_page(live_page().video.__class__.objects.create(title="Next", stage="approved"))
    approve(ready_cut(video=fresh.video, number=1))
    fresh.get_latest_revision().publish()
    assert VideoPage.objects.get(pk=fresh.pk).live
    assert not anyone()


def test_the_privacy_dialog_of_wagtail_protects_the_film(page, signed_in, producer):
    producer.is_superuser = True
    producer.save()
    client = signed_in(producer)
    address = reverse("wagtailadmin_pages:set_privacy", args=[page.pk])
    client.post(address, {"restriction_type": "login"})
    assert not anyone()
    client.post(address, {"restriction_type": "none"})
    assert anyone()


def test_a_page_moved_below_a_restriction_takes_its_film_along(page):
    root = Page.get_first_root_node()
    parent = root.add_child(instance=Page(title="Customers", slug="customers"))
    PageViewRestriction.objects.create(page=parent, restriction_type="login")
    VideoIndexPage.objects.get().move(parent, pos="last-child")
    assert not anyone()
    VideoIndexPage.objects.get().move(Page.get_first_root_node(), pos="last-child")
    assert anyone()


def test_what_no_signal_told_is_followed_within_the_minute(page):
    restriction = PageViewRestriction(page=page.page_ptr, restriction_type="login")
    PageViewRestriction.objects.bulk_create([restriction])
    sync_all()
    assert not anyone()
    PageViewRestriction.objects.all()._raw_delete("default")
    sync_all()
    assert anyone()


@pytest.mark.parametrize("end", ["page", "index", "unpublish"])
def test_the_end_of_a_restricted_page_makes_nothing_public(page, end):
    on_the_index(page)
    restrict(page)
    if end == "page":
        page.delete()
    elif end == "index":
        VideoIndexPage.objects.get().delete()
    else:
        page.unpublish()
        PageViewRestriction.objects.all().delete()
    sync_all()
    assert not anyone()


def test_taking_down_a_film_that_was_restricted_ends_it_for_who_passed(page):
    restrict(page, "login")
    client = Client()
    client.force_login(UserFactory())
    assert plays(client, page)
    page.unpublish()
    assert not plays(client, page)


def test_a_restricted_page_says_nothing_about_where_its_film_lies_to_others(page):
    restrict(page, "login")
    client = Client()
    client.force_login(UserFactory())
    html = client.get(page.url).content.decode()
    assert "og:image" not in html
    assert "contentUrl" not in html
