"""The gate: the one place where a video's page goes live, and where it goes offline.

Every way of Wagtail to publish or unpublish ends in saving the page, as a `VideoPage` or as its
bare `Page`. So the gate stands before the save, within its transaction: the page, the stage of
its video and what viewers may play change together or not at all.
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
from videos.media import published
from videos.media.carrying import losses
from videos.media.models import Cut
from videos.media.sets import withdraw_set
from videos.planning import stages
from videos.planning.models import Stage, Video
from videos.publishing.models import VideoPage, is_restricted
from videos.publishing.readiness import (
    CHOSEN,
    PublishRefused,
    why_not,
    why_not_chosen,
    why_not_without,
)
from videos.publishing.showing import show
from videos.review.approvals import approved_cut


class Before(NamedTuple):
    """How the database has a page."""

    live: bool = False
    last_published_at: dt.datetime | None = None
    video_id: int | None = None
    cut_id: int | None = None


def go_live(video_id: int, *, page: Page, by: User | None) -> Cut:
    """Make a cut of a video public, in place of any other: as public as its page is.

    A page that is live keeps its cut, whatever was said of it since, unless somebody chose another
    (`readiness.choosing`), and of that cut the captions and the poster that viewers have.
    Moves the video to published. Raises PublishRefused.
    """
    with transaction.atomic():
        video = Video.objects.select_for_update().get(pk=video_id)
        before = stored(page.pk)  # again, now that nobody else changes it
        kept = Cut.objects.get(pk=before.cut_id) if before.cut_id else None
        if kept and before.live and video.stage == Stage.PUBLISHED and CHOSEN.get() in {None, kept}:
            cut = kept
        else:
            cut = cut_to_go_live(video, kept)
            published.publish(cut)  # its captions and its poster, as they are now
        show(cut, to_anyone=not is_restricted(page))
        if video.stage != Stage.PUBLISHED:
            stages.move(video_id, Stage.PUBLISHED, room="publishing", by=by)
    return cut


def cut_to_go_live(video: Video, kept: Cut | None) -> Cut:
    """The approved cut, in place of what viewers have or had last. Raises PublishRefused."""
    cut, chosen = approved_cut(video), CHOSEN.get()
    if (reason := why_not(video, cut)) or cut is None:
        raise PublishRefused(reason or "")
    reason = why_not_chosen(chosen, cut) if chosen else why_not_without(losses(kept, cut), cut)
    if reason:
        raise PublishRefused(reason)
    return cut


def retire(video_id: int, *, shown: int | None, by: User | None) -> None:
    """Nobody can play the cut `shown` (its primary key) any more.

    The video moves from published to retired.
    """
    with transaction.atomic():
        video = Video.objects.select_for_update().get(pk=video_id)
        if video.stage == Stage.PUBLISHED:
            stages.move(video_id, Stage.RETIRED, room="publishing", by=by)
        if shown:
            withdraw_set(Cut.objects.get(pk=shown))


def before_save(
    sender: type[Any], instance: Any, raw: bool = False, update_fields: Any = None, **kwargs: Any
) -> None:
    """Stand before the save of any page: see what it changes, and do it or refuse it."""
    if raw or not is_video_page(instance):
        return
    if update_fields is not None and not {"live", "last_published_at"} & set(update_fields):
        return
    before = stored(instance.pk)
    video_id = instance.video_id if isinstance(instance, VideoPage) else before.video_id
    if not instance.pk:
        refuse_a_second_page(video_id)
        if video_id is not None:
            instance.take_text()
    elif before.live and video_id != before.video_id:
        raise PublishRefused(_("A page that is live keeps its video. Unpublish it first."))
    if instance.live and not before.live and is_due_later(instance):
        instance.live = False  # not before its time
    if video_id is None:
        return  # no video yet: the database refuses it
    cut_id = pass_through(instance, before, video_id)
    if isinstance(instance, VideoPage):
        instance.cut_id = cut_id
    if instance.pk and cut_id != before.cut_id:  # also where the save leaves this field alone
        VideoPage.objects.filter(pk=instance.pk).update(cut=cut_id)


def pass_through(page: Page, before: Before, video_id: int) -> int | None:
    """Let a page go live or offline as its save wants; returns the cut that it then shows."""
    by = acting()
    if page.live and (not before.live or page.last_published_at != before.last_published_at):
        return go_live(video_id, page=page, by=by).pk
    if before.live and not page.live:
        retire(video_id, shown=before.cut_id, by=by)
    return before.cut_id


def before_delete(sender: type[Any], instance: VideoPage, **kwargs: Any) -> None:
    """Retire the video of a live page that is deleted, alone or with its parent."""
    before = stored(instance.pk)
    if before.live:
        retire(instance.video_id, shown=before.cut_id, by=acting())


def acting() -> User | None:
    """Who is at it: the user of the admin's request, or of `VideoPage.publish`; else nobody."""
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


def stored(pk: int | None) -> Before:
    """How the database has the page; as of a new one where it has none."""
    if pk is None:
        return Before()
    row = VideoPage.objects.filter(pk=pk).values_list(*Before._fields).first()
    return Before(*row) if row else Before()


def is_due_later(page: Page) -> bool:
    """Whether the page is to go live at a time that has not come."""
    return bool(page.go_live_at and page.go_live_at > timezone.now())


def refuse_a_second_page(video_id: int | None) -> None:
    """A copy or an alias would be a second page of the same video."""
    first = VideoPage.objects.filter(video=video_id).first()
    if first:
        raise PublishRefused(
            _("“%(title)s” has a public page already, and a video has only one.")
            % {"title": first.title}
        )
