"""The public page on the video's page: made, published, replaced and refused from there."""

import datetime as dt

import pytest
from django.contrib.messages import get_messages
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from tests.factories import UserFactory, VideoFactory, ready_cut
from tests.videos.publishing.factories import (
    approve,
    approved_video,
    draft_page,
    live_page,
    panel,
    published,
)
from videos.planning.models import Stage, Video
from videos.planning.urls_for import video_url
from videos.publishing.models import VideoIndexPage, VideoPage
from videos.publishing.public_text import text_from_video
from videos.review.approvals import ask_for_changes

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(signed_in, producer):
    return signed_in(producer)


def test_a_producer_makes_the_page_once_and_lands_in_the_editor(client):
    video = VideoFactory(stage="editing")
    addresses = [
        client.post(reverse("publishing_create_page", args=[video.pk])).url for _twice in range(2)
    ]
    page = VideoPage.objects.get()
    assert addresses == [reverse("wagtailadmin_pages:edit", args=[page.pk])] * 2
    assert (page.title, page.live, page.video) == (video.title, False, video)
    assert client.get(addresses[0]).status_code == 200


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("🎥🎥", "video"),
        ("…", "video"),
        ("Анна о сроках", "анна-о-сроках"),
        ("会社の動画", "会社の動画"),
        ("a" * 255, "a" * 255),
        ("ﷺ" * 255, None),  # each becomes eighteen letters
    ],
)
def test_a_title_in_any_script_gets_a_page_and_a_second_one_too(client, title, slug):
    for _twice in range(2):
        video = VideoFactory(stage="editing", title=title)
        response = client.post(reverse("publishing_create_page", args=[video.pk]))
        assert response.url == reverse("wagtailadmin_pages:edit", args=[video.page.pk])
        assert client.get(response.url).status_code == 200
    first, second = VideoPage.objects.order_by("pk")
    assert (first.title, second.title) == (title, title)
    assert slug in {first.slug, None}
    assert len({first.slug, second.slug}) == 2
    assert max(len(first.slug), len(second.slug)) <= 255
    assert VideoIndexPage.objects.get().numchild == 2


def test_a_page_that_cannot_be_made_leaves_nothing_behind(client, monkeypatch):
    video = VideoFactory(stage="editing")

    def refused(*args, **kwargs):
        raise ValidationError("No.")

    monkeypatch.setattr(VideoPage, "save_revision", refused)
    with pytest.raises(ValidationError):
        client.post(reverse("publishing_create_page", args=[video.pk]))
    assert not VideoPage.objects.exists()
    assert VideoIndexPage.objects.get().numchild == 0


def test_a_refused_publication_leaves_no_revision_behind(client):
    page = draft_page(approved_video(stage="editing"))
    Video.objects.filter(pk=page.video_id).update(summary="New.")  # so that the draft is behind
    before = page.revisions.count()
    url = reverse("publishing_publish", args=[page.pk])
    response = client.post(url, {"cut": page.video.cuts.get().pk})
    assert [
        "Only approved videos can be published" in str(m)
        for m in get_messages(response.wsgi_request)
    ]
    assert (page.revisions.count(), VideoPage.objects.get().live) == (before, False)


def test_publish_now_publishes_also_what_was_scheduled(client, producer):
    page = draft_page(approved_video())
    page.go_live_at = timezone.now() + dt.timedelta(days=1)
    page.save_revision().publish()
    response = client.post(
        reverse("publishing_publish", args=[page.pk]), {"cut": page.video.cuts.get().pk}
    )
    assert response.url == video_url(page.video)
    page.refresh_from_db()
    assert (page.live, page.scheduled_revision) == (True, None)
    assert [transition.by for transition in page.video.transitions.all()] == [producer]


def test_publish_now_says_what_is_missing(client):
    page = draft_page(VideoFactory(stage="editing"))
    cut = ready_cut(video=page.video, number=1)
    response = client.post(
        reverse("publishing_publish", args=[page.pk]), {"cut": cut.pk}, follow=True
    )
    assert "You chose cut 1, but no cut is approved any more." in response.content.decode()
    page.refresh_from_db()
    assert page.live is False


def test_a_newer_approved_cut_is_offered_and_replaces_the_old_one(client):
    page = live_page()
    assert "Replace with cut" not in panel(client, page.video)
    second = approve(ready_cut(video=page.video, number=2))
    html = panel(client, page.video)
    assert "Replace with cut 2" in html
    assert f'name="cut" value="{second.pk}"' in html
    client.post(reverse("publishing_replace_cut", args=[page.pk]), {"cut": second.pk})
    page.refresh_from_db()
    assert (page.cut, page.live) == (second, True)


@pytest.fixture
def sent_back():
    """A live page with cut 2, for which changes were asked; cut 1 is approved."""
    video = approved_video()
    cut = approve(ready_cut(video=video, number=2))
    page = published(video)
    ask_for_changes(cut, by=UserFactory(), note="The end is too loud.")
    return page


def test_changes_asked_for_the_live_cut_are_said_and_an_older_one_is_not_called_newer(
    client, sent_back
):
    html = panel(client, sent_back.video)
    assert "Changes to the published cut were requested." in html
    assert "Cut 1, an older one, is approved." in html
    assert "Replace with cut" not in html
    assert "Go back to cut 1" in html
    first = sent_back.video.cuts.get(number=1)
    client.post(reverse("publishing_replace_cut", args=[sent_back.pk]), {"cut": first.pk})
    sent_back.refresh_from_db()
    assert sent_back.cut == first
    assert "were requested" not in panel(client, sent_back.video)


def test_publishing_the_text_keeps_the_film_and_the_panel_goes_on_offering(client, sent_back):
    third = approve(ready_cut(video=sent_back.video, number=3))
    Video.objects.update(summary="It pays.")
    live, video = sent_back.cut, sent_back.video
    video.refresh_from_db()
    client.post(
        reverse("publishing_text", args=[sent_back.pk]), {"text": text_from_video(video).digest}
    )
    sent_back.refresh_from_db()
    assert (sent_back.summary, sent_back.cut) == ("It pays.", live)
    assert f"Replace with cut {third.number}" in panel(client, video)


@pytest.mark.parametrize("act", ["publishing_publish", "publishing_replace_cut"])
@pytest.mark.parametrize("is_named", [True, False])
def test_a_cut_that_is_not_the_approved_one_by_now_is_refused(client, act, is_named):
    page = live_page()
    live = page.cut
    chosen = approve(ready_cut(video=page.video, number=2))
    approve(ready_cut(video=page.video, number=3))
    form = {"cut": chosen.pk} if is_named else {}
    html = client.post(reverse(act, args=[page.pk]), form, follow=True).content.decode()
    said = "You chose cut 2, but cut 3 is the approved one now." if is_named else "Choose the cut"
    assert said in html
    page.refresh_from_db()
    assert page.cut == live


def test_a_draft_says_which_cut_goes_public_and_takes_no_cut_of_another_video(client):
    page = draft_page(approved_video())
    assert "Cut 1 goes live." in panel(client, page.video)
    other = approved_video().cuts.get()
    html = client.post(
        reverse("publishing_publish", args=[page.pk]), {"cut": other.pk}, follow=True
    ).content.decode()
    assert "Choose the cut on the video’s page." in html
    page.refresh_from_db()
    assert not page.live


def test_the_panel_says_what_keeps_a_page_back(client):
    video = VideoFactory(stage="editing")
    assert "publish it once a cut is approved" in panel(client, video)
    draft_page(video)
    assert "has no approved cut" in panel(client, video)
    assert "Publish now" not in panel(client, video)


@pytest.mark.parametrize("act", ["publishing_publish", "publishing_replace_cut"])
def test_others_may_look_and_not_act(signed_in, sales_manager, act):
    page = draft_page(approved_video())
    client = signed_in(sales_manager)
    assert "Publish now" not in panel(client, page.video)
    # Wagtail answers a missing permission with a message and the way home.
    client.post(reverse(act, args=[page.pk]))
    client.post(reverse("publishing_create_page", args=[VideoFactory().pk]))
    page.refresh_from_db()
    assert (page.live, VideoPage.objects.count()) == (False, 1)


def test_acts_are_posted(client):
    page = draft_page(approved_video())
    for name in ("publishing_publish", "publishing_replace_cut", "publishing_create_page"):
        assert client.get(reverse(name, args=[page.pk])).status_code == 405


def test_the_editor_says_why_and_keeps_what_was_written(client):
    page = draft_page(VideoFactory(stage="review"))
    edit = reverse("wagtailadmin_pages:edit", args=[page.pk])
    form = {
        "title": "Written just now",
        "slug": page.slug,
        "body": "null",
        "action-publish": "yes",
        "comments-TOTAL_FORMS": 0,
        "comments-INITIAL_FORMS": 0,
    }
    response = client.post(edit, form)
    html = response.content.decode()
    assert response.status_code == 200
    assert "has no approved cut" in html
    assert "Written just now" in html
    page.video.refresh_from_db()
    assert page.video.stage == Stage.REVIEW


def test_the_bulk_action_says_why_and_publishes_none(client):
    good, bad = draft_page(approved_video()), draft_page(VideoFactory(stage="review"))
    address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
    response = client.post(
        f"{address}?id={good.pk}&id={bad.pk}&next=/admin/",
        {},
        headers={"referer": "http://testserver/admin/pages/"},
    )
    assert (response.status_code, response.url) == (302, "http://testserver/admin/pages/")
    assert ["has no approved cut" in str(m) for m in get_messages(response.wsgi_request)] == [True]
    assert VideoPage.objects.live().count() == 0


def test_there_is_an_index_to_make_pages_in():
    assert VideoIndexPage.objects.count() == 1
