"""The rules for publishing and retiring a video's page.

Every way to publish or unpublish in Wagtail ends in saving the page, as a `VideoPage` or as a bare
`Page`. So the rules are applied before the save, in its transaction: the page, the stage of the
video and what viewers can play change together or not at all.
"""

import datetime as dt
from typing import Any, NamedTuple

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import get_active_log_context
from wagtail.models import Page

from studio.people.models import User
from videos.media.cuts import published
from videos.media.cuts.carry_over import losses
from videos.media.models import Cut
from videos.media.renditions.sets import withdraw_set
from videos.planning import stages
from videos.planning.models import Stage, Video
from videos.publishing.cut_visibility import set_visibility
from videos.publishing.models import VideoPage, is_restricted
from videos.publishing.readiness import (
    CHOSEN_CUT,
    PublishRefused,
    chosen_cut_blocker,
    loss_blocker,
    publish_blocker,
)
from videos.review.approvals import approved_cut


class StoredPage(NamedTuple):
    """A page as it is in the database."""

    live: bool = False
    last_published_at: dt.datetime | None = None
    video_id: int | None = None
    cut_id: int | None = None


def go_live(video_id: int, *, page: Page, by: User | None) -> Cut:
    """Publish a cut of the video in place of any other, as visible as its page.

    A live page keeps its cut, and that cut's captions and poster, whatever reviewers said since,
    unless somebody chose another cut (`readiness.publishing_cut`). Moves the video to published.
    Raises PublishRefused.
    """
    with transaction.atomic():
        video = Video.objects.select_for_update().get(pk=video_id)
        before = stored_page(page.pk)  # again, under the lock
        kept = Cut.objects.get(pk=before.cut_id) if before.cut_id else None
        if (
            kept
            and before.live
            and video.stage == Stage.PUBLISHED
            and CHOSEN_CUT.get() in {None, kept}
        ):
            cut = kept
        else:
            cut = cut_to_go_live(video, kept)
            published.publish(cut)  # its captions and its poster, as they are now
        set_visibility(cut, to_anyone=not is_restricted(page))
        if video.stage != Stage.PUBLISHED:
            stages.change_stage(video_id, Stage.PUBLISHED, room="publishing", by=by)
    return cut


def cut_to_go_live(video: Video, kept: Cut | None) -> Cut:
    """The approved cut, to replace the current or last public one. Raises PublishRefused."""
    cut, chosen = approved_cut(video), CHOSEN_CUT.get()
    if (reason := publish_blocker(video, cut)) or cut is None:
        raise PublishRefused(reason or "")
    reason = chosen_cut_blocker(chosen, cut) if chosen else loss_blocker(losses(kept, cut), cut)
    if reason:
        raise PublishRefused(reason)
    return cut


def retire(video_id: int, *, cut_id: int | None, by: User | None) -> None:
    """Withdraw the cut with the primary key `cut_id`, so that nobody can play it.

    Moves the video from published to retired.
    """
    with transaction.atomic():
        video = Video.objects.select_for_update().get(pk=video_id)
        if video.stage == Stage.PUBLISHED:
            stages.change_stage(video_id, Stage.RETIRED, room="publishing", by=by)
        if cut_id:
            withdraw_set(Cut.objects.get(pk=cut_id))


def before_save(
    sender: type[Any], instance: Any, raw: bool = False, update_fields: Any = None, **kwargs: Any
) -> None:
    """Before a page is saved: publish, retire, or refuse."""
    if raw or not is_video_page(instance):
        return
    if update_fields is not None and not {"live", "last_published_at"} & set(update_fields):
        return
    before = stored_page(instance.pk)
    video_id = instance.video_id if isinstance(instance, VideoPage) else before.video_id
    if not instance.pk:
        reject_second_page(video_id)
        if video_id is not None:
            instance.copy_text()
    elif before.live and video_id != before.video_id:
        raise PublishRefused(
            _("You cannot change the video of a live page. Retire the page first.")
        )
    if instance.live and not before.live and is_scheduled_for_later(instance):
        instance.live = False  # `publish_scheduled` publishes it
    if video_id is None:
        return  # the database rejects a page without video
    cut_id = apply_status_change(instance, before, video_id)
    if isinstance(instance, VideoPage):
        instance.cut_id = cut_id
    if instance.pk and cut_id != before.cut_id:  # also if `update_fields` leaves it out
        VideoPage.objects.filter(pk=instance.pk).update(cut=cut_id)


def apply_status_change(page: Page, before: StoredPage, video_id: int) -> int | None:
    """Publish or retire as the save requires. Returns the page's cut from then on."""
    by = current_user()
    if page.live and (not before.live or page.last_published_at != before.last_published_at):
        return go_live(video_id, page=page, by=by).pk
    if before.live and not page.live:
        retire(video_id, cut_id=before.cut_id, by=by)
    return before.cut_id


def before_delete(sender: type[Any], instance: VideoPage, **kwargs: Any) -> None:
    """Retire the video of a live page that is deleted, alone or with its parent."""
    before = stored_page(instance.pk)
    if before.live:
        retire(instance.video_id, cut_id=before.cut_id, by=current_user())


def current_user() -> User | None:
    """The user of the admin's request or of `VideoPage.publish`, if there is one."""
    return get_active_log_context().user  # type: ignore[no-any-return]


def is_video_page(instance: Any) -> bool:
    """Whether this is a video's page, also when loaded as a bare `Page`."""
    if isinstance(instance, VideoPage):
        return True
    return (
        isinstance(instance, Page)
        and instance.pk is not None
        and instance.content_type_id == ContentType.objects.get_for_model(VideoPage).pk
    )


def stored_page(pk: int | None) -> StoredPage:
    """The page as it is in the database; the defaults for a new one."""
    if pk is None:
        return StoredPage()
    row = VideoPage.objects.filter(pk=pk).values_list(*StoredPage._fields).first()
    return StoredPage(*row) if row else StoredPage()


def is_scheduled_for_later(page: Page) -> bool:
    """Whether the page has a go-live time in the future."""
    return bool(page.go_live_at and page.go_live_at > timezone.now())


def reject_second_page(video_id: int | None) -> None:
    """Refuse a copy or an alias: a video has only one page."""
    first = VideoPage.objects.filter(video=video_id).first()
    if first:
        raise PublishRefused(
            _("“%(title)s” already has a public page. A video can only have one.")
            % {"title": first.title}
        )
