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

from tests.factories import UserFactory, VideoFactory, ready_cut
from tests.videos.publishing.factories import approve, approved_video, draft_page, live_page
from videos.media.models import RenditionSet
from videos.planning.models import Stage, Video
from videos.publishing.admin.retiring import retire_page
from videos.publishing.models import VideoIndexPage, VideoPage
from videos.publishing.publishing_rules import PublishRefused
from videos.publishing.readiness import publishing_cut
from videos.review.approvals import ask_for_changes

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


def on_time(page):
    past = timezone.now() - dt.timedelta(minutes=1)
    revision = page.save_revision(approved_go_live_at=past)
    revision.as_object().publish(revision, log_action="wagtail.publish.scheduled")


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
def test_only_an_approved_cut_is_published_however_that_is_tried(publish):
    page = unapproved_page()
    with pytest.raises(PublishRefused) as refusal:
        publish(page)
    assert refusal.value.messages == [
        f"“{page.title}” has no approved cut. Have the newest cut reviewed first."
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


@pytest.mark.parametrize("publish", [*WAYS, lambda page: page.save(), on_time])
def test_a_live_page_keeps_its_cut_however_it_is_published_again(publish):
    page = live_page()
    first, second = page.cut, approve(ready_cut(video=page.video, number=2))
    publish(page)
    assert VideoPage.objects.get().cut == first
    assert (first.sets.get().is_public, second.sets.get().is_public) == (True, False)


@pytest.mark.parametrize("publish", [*WAYS, on_time])
@pytest.mark.parametrize("is_older_approved", [True, False])
def test_changes_asked_for_the_live_cut_bring_no_other_one_back(publish, is_older_approved):
    video = approved_video()
    older, live = video.cuts.get(), approve(ready_cut(video=video, number=2))
    page = draft_page(video)
    by_revision(page)
    if not is_older_approved:
        older.verdicts.all().delete()
    ask_for_changes(live, by=UserFactory(), note="The end is too loud.")
    page.refresh_from_db()
    publish(page)
    page.refresh_from_db()
    assert (page.live, page.cut) == (True, live)
    assert (older.sets.get().is_public, live.sets.get().is_public) == (False, True)


def test_the_cut_of_a_live_page_is_replaced_by_who_chooses_the_approved_one():
    page = live_page()
    first, second = page.cut, approve(ready_cut(video=page.video, number=2))
    with publishing_cut(second):
        by_revision(page)
    assert VideoPage.objects.get().cut == second
    assert (first.sets.get().is_public, second.sets.get().is_public) == (False, True)


@pytest.mark.parametrize("is_live", [True, False])
def test_another_cut_than_the_approved_one_is_refused_by_both_numbers(is_live):
    video = approved_video()
    page = draft_page(video)
    if is_live:
        by_revision(page)
    before = state(video)
    chosen = ready_cut(video=video, number=2)
    approve(ready_cut(video=video, number=3))
    with publishing_cut(chosen), pytest.raises(PublishRefused) as refusal:
        by_revision(page)
    assert refusal.value.messages == [
        "You chose cut 2, but cut 3 is the approved one now. Watch it, then choose again."
    ]
    assert state(video) == before


def test_a_page_that_was_taken_down_comes_back_with_the_newest_approved_cut():
    page = live_page()
    second = approve(ready_cut(video=page.video, number=2))
    page.unpublish()
    page.refresh_from_db()
    by_revision(page)
    assert VideoPage.objects.get().cut == second


def test_a_page_that_is_taken_down_meanwhile_does_not_keep_its_cut():
    page = live_page()
    stale = VideoPage.objects.get()
    second = approve(ready_cut(video=page.video, number=2))
    page.unpublish()
    by_revision(stale)
    assert VideoPage.objects.get().cut == second


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
    retire_page(page, by=producer)
    assert list(page.video.transitions.values_list("to_stage", "by", "room")) == [
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
