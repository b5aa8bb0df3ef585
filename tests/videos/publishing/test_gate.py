"""However a page is published, only an approved cut goes live; however it ends, it is retired."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.utils import timezone
from wagtail.actions.publish_page_revision import PublishPageRevisionAction
from wagtail.admin.views.pages.bulk_actions.publish import PublishBulkAction
from wagtail.models import Page

from tests.factories import VideoFactory, ready_cut
from tests.videos.publishing.factories import approve, approved_video, draft_page, live_page
from videos.media.models import RenditionSet
from videos.planning.models import Stage, Video
from videos.publishing.gate import PublishRefused
from videos.publishing.models import VideoIndexPage, VideoPage

pytestmark = pytest.mark.django_db


def state(video):
    """What publishing may change: stage, live pages, sets that anyone may play, length."""
    return (
        Video.objects.get(pk=video.pk).stage,
        VideoPage.objects.live().filter(video=video).count(),
        RenditionSet.objects.filter(cut__video=video, is_public=True).count(),
        Video.objects.get(pk=video.pk).duration_seconds,
    )


def unapproved_page():
    video = VideoFactory(stage="review")
    ready_cut(video=video)
    return draft_page(video)


def by_revision(page):
    page.get_latest_revision().publish()


def by_action(page):
    PublishPageRevisionAction(page.get_latest_revision()).execute()


def by_bulk_action(page):
    PublishBulkAction.execute_action([Page.objects.get(pk=page.pk)])


def by_bulk_action_on_the_index(page):
    PublishBulkAction.execute_action([page.get_parent()], include_descendants=True)


def by_saving_the_page(page):
    page.live = True
    page.save()


def by_saving_without_validation(page):
    page.live = True
    page.save(clean=False)


def by_saving_the_bare_page(page):
    bare = Page.objects.get(pk=page.pk)
    bare.live = True
    bare.save()


def by_saving_one_field(page):
    page.live = True
    page.save(update_fields=["live"])


WAYS = [
    by_revision,
    by_action,
    by_bulk_action,
    by_bulk_action_on_the_index,
    by_saving_the_page,
    by_saving_without_validation,
    by_saving_the_bare_page,
    by_saving_one_field,
]


@pytest.mark.parametrize("publish", WAYS)
def test_a_page_without_an_approved_cut_is_refused_however_it_is_published(publish):
    page = unapproved_page()
    with pytest.raises(PublishRefused) as refusal:
        publish(page)
    assert refusal.value.messages == [
        f"“{page.title}” has no approved cut. Let the newest cut be reviewed first."
    ]
    assert state(page.video) == (Stage.REVIEW, 0, 0, None)


@pytest.mark.parametrize("publish", WAYS)
def test_a_page_with_an_approved_cut_goes_live_with_it(publish):
    page = draft_page(approved_video())
    publish(page)
    assert state(page.video) == (Stage.PUBLISHED, 1, 1, Decimal("12.5"))
    assert VideoPage.objects.get(pk=page.pk).cut == page.video.cuts.get()


def test_a_new_page_that_is_live_at_once_is_asked_too():
    video = VideoFactory(stage="review")
    with pytest.raises(PublishRefused):
        VideoIndexPage.objects.get().add_child(instance=VideoPage(title="At once", video=video))
    assert state(video) == (Stage.REVIEW, 0, 0, None)

    approved = approved_video()
    VideoIndexPage.objects.get().add_child(instance=VideoPage(title="At once", video=approved))
    assert state(approved) == (Stage.PUBLISHED, 1, 1, Decimal("12.5"))


def test_an_approval_of_another_file_does_not_open_the_gate():
    video = approved_video()
    video.cuts.update(sha256="f" * 64)
    page = draft_page(video)
    with pytest.raises(PublishRefused):
        by_revision(page)
    assert state(video) == (Stage.APPROVED, 0, 0, None)


def test_an_approved_cut_that_is_no_longer_ready_does_not_open_the_gate():
    video = approved_video()
    video.cuts.update(state="failed", reason="It broke.")
    page = draft_page(video)
    with pytest.raises(PublishRefused):
        by_revision(page)
    assert state(video) == (Stage.APPROVED, 0, 0, None)


def test_a_cancelled_video_is_refused_although_its_cut_is_approved():
    page = draft_page(approved_video(stage="cancelled"))
    with pytest.raises(PublishRefused, match="in the stage “Cancelled”"):
        by_revision(page)
    assert state(page.video) == (Stage.CANCELLED, 0, 0, None)


@pytest.mark.parametrize("keep_live", [True, False])
def test_a_copy_is_refused(keep_live):
    page = live_page()
    with pytest.raises(ValidationError):
        page.copy(update_attrs={"slug": "copy"}, keep_live=keep_live)
    assert VideoPage.objects.count() == 1


def test_an_alias_is_refused():
    page = live_page()
    with pytest.raises(ValidationError):
        page.create_alias(update_slug="alias")
    assert VideoPage.objects.count() == 1


def test_the_producer_cannot_copy_in_the_admin(producer):
    page = live_page()
    assert page.permissions_for_user(producer).can_copy() is False


@pytest.mark.parametrize(
    "end",
    [
        lambda page: page.unpublish(),
        lambda page: Page.objects.get(pk=page.pk).unpublish(),
        lambda page: Page.objects.filter(pk=page.pk).unpublish(),
        lambda page: page.delete(),
        lambda page: Page.objects.get(pk=page.pk).delete(),
        lambda page: page.get_parent().delete(),
    ],
    ids=["unpublish", "unpublish bare", "unpublish query", "delete", "delete bare", "delete index"],
)
def test_a_page_that_ends_retires_its_video_and_withdraws_its_set(end):
    page = live_page()
    end(page)
    assert state(page.video) == (Stage.RETIRED, 0, 0, Decimal("12.5"))


def test_an_expired_page_retires_its_video():
    page = live_page()
    VideoPage.objects.filter(pk=page.pk).update(expire_at=timezone.now() - dt.timedelta(hours=1))
    call_command("publish_scheduled")
    assert state(page.video) == (Stage.RETIRED, 0, 0, Decimal("12.5"))


def test_a_retired_video_is_published_again():
    page = live_page()
    page.unpublish()
    page.refresh_from_db()
    by_revision(page)
    assert state(page.video) == (Stage.PUBLISHED, 1, 1, Decimal("12.5"))


def test_a_newer_approved_cut_waits_until_the_page_is_published_again():
    page = live_page()
    first, second = page.cut, approve(ready_cut(video=page.video, number=2))
    page.save()
    assert VideoPage.objects.get().cut == first
    assert (first.sets.get().is_public, second.sets.get().is_public) == (True, False)

    by_revision(page)
    assert VideoPage.objects.get().cut == second
    assert (first.sets.get().is_public, second.sets.get().is_public) == (False, True)


def test_a_live_page_keeps_its_video():
    page, other = live_page(), approved_video()
    page.video = other
    with pytest.raises(PublishRefused):
        page.save()
    assert VideoPage.objects.get().video != other
    assert state(other) == (Stage.APPROVED, 0, 0, None)


def test_the_move_is_by_the_user_who_publishes(producer):
    page = draft_page(approved_video())
    page.get_latest_revision().publish(user=producer)
    page.refresh_from_db()
    page.unpublish(user=producer)
    assert list(page.video.moves.values_list("now", "by", "room")) == [
        ("published", producer.pk, "publishing"),
        ("retired", producer.pk, "publishing"),
    ]


def test_a_page_whose_save_fails_moves_nothing(monkeypatch):
    page = draft_page(approved_video())
    monkeypatch.setattr(Page, "_update_descendant_url_paths", None)
    revision = page.get_latest_revision()
    revision.content["slug"] = "elsewhere"
    revision.save()
    with pytest.raises(TypeError):  # after the row is written
        by_revision(page)
    assert state(page.video) == (Stage.APPROVED, 0, 0, None)
