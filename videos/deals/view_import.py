"""Imports videos and views of other players, or of years past: all of it, or nothing."""

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from videos.audience.counting import is_long_enough
from videos.audience.models import Contact, View, Viewer
from videos.deals.crm_import import Counts, stop_at_bad_rows
from videos.deals.csv_rows import Read, read
from videos.deals.sheets import (
    OF_VIEWS,
    VIDEOS,
    VIEWS,
    VideoRow,
    ViewRow,
    refuse_unknown,
    refuse_without_any,
)
from videos.deals.taking_turns import one_import
from videos.deals.upsert import CHUNK, Written, chunks, keys_of, upsert
from videos.planning.imported import imported_video
from videos.planning.models import Video


def import_views(folder: Path) -> Counts:
    """Imports what `folder` holds, and tells by file what that changed.

    Raises BadRows, NothingToImport and ImportRunning.

    Known ids are updated, and what a file does not name stays. A video that the studio made
    itself may be named, and stays as it is. A view is judged, whether it is long enough to count,
    when it is written and when its video's duration is: by the settings of that moment, and then
    no more.
    """
    refuse_without_any(folder, OF_VIEWS)
    videos = read(folder, VIDEOS)
    views = read(folder, VIEWS, {"video_id": videos.named})
    with one_import():
        refuse_unknown(views, "video", lambda row: row.video, videos, Video)
        refuse_unknown(views, "contact", lambda row: row.contact, None, Contact)
        refuse_own(views)
        stop_at_bad_rows([videos, views])
        return {
            VIDEOS.file: write_videos(videos.values),
            VIEWS.file: write_views(views.values),
        }


def refuse_own(views: Read[ViewRow]) -> None:
    """Notes the rows with the id of a view that the studio recorded."""
    own = {
        view_id
        for chunk in chunks(row.id for row in views.values)
        for view_id in View.objects.order_by()
        .filter(public_id__in=chunk, imported=False)
        .values_list("public_id", flat=True)
    }
    for line, row in views.found.values():
        if row.id in own:
            views.refuse(line, _("the studio recorded a view with this id itself."))


def write_videos(rows: Sequence[VideoRow]) -> Written:
    """Saves imported videos; the studio's own stay as they are."""
    own = {
        video_id
        for chunk in chunks(row.id for row in rows)
        for video_id in Video.objects.order_by()
        .filter(public_id__in=chunk, imported=False)
        .values_list("public_id", flat=True)
    }
    imported = [row for row in rows if row.id not in own]
    before = durations_of(row.id for row in imported)
    written = upsert(
        Video,
        [imported_video(row.id, row.title, row.duration, row.published_at) for row in imported],
        ["title", "duration_seconds", "published_at"],
        recorded=["duration_seconds", "published_at"],
    )
    judge_views_of(
        row.id for row in imported if row.id in before and row.duration != before[row.id]
    )
    return Written(written.created, written.updated, written.unchanged + len(own))


def durations_of(video_ids: Iterable[str]) -> dict[str, Decimal | None]:
    """Seconds by public id, None where unknown, of the videos that exist."""
    return {
        public_id: seconds
        for chunk in chunks(video_ids)
        for public_id, seconds in Video.objects.order_by()
        .filter(public_id__in=chunk)
        .values_list("public_id", "duration_seconds")
    }


def counted_at(
    started_at: dt.datetime, seconds: Decimal | None, duration: Decimal | None
) -> dt.datetime | None:
    """When an imported view was counted: at its start, if it is long enough by today's settings."""
    return started_at if is_long_enough(seconds, duration, settings.VIEW_MIN_SECONDS) else None


def judge_views_of(video_ids: Iterable[str]) -> None:
    """Judges the imported views of some videos anew. Those recorded here are final."""
    for chunk in chunks(video_ids):
        views = View.objects.filter(video__public_id__in=chunk, imported=True)
        for some in chunks(views.order_by().select_related("video").iterator(chunk_size=CHUNK)):
            changed = []
            for view in some:
                told = counted_at(
                    view.started_at, view.seconds_watched, view.video.duration_seconds
                )
                if told != view.counted_at:
                    view.counted_at = told
                    changed.append(view)
            View.objects.bulk_update(changed, ["counted_at"])


def write_views(rows: Sequence[ViewRow]) -> Written:
    """Saves imported views, and the viewers that are new."""
    viewer_ids = {row.viewer for row in rows} - {""}
    new = sorted(viewer_ids - keys_of(Viewer, viewer_ids).keys())
    Viewer.objects.bulk_create((Viewer(public_id=viewer) for viewer in new), ignore_conflicts=True)
    viewers = keys_of(Viewer, viewer_ids)
    videos = keys_of(Video, {row.video for row in rows})
    durations = durations_of(videos)
    contacts = keys_of(Contact, {row.contact for row in rows} - {""})
    return upsert(
        View,
        (
            View(
                public_id=row.id,
                video_id=videos[row.video],
                viewer_id=viewers.get(row.viewer),
                contact_id=contacts.get(row.contact),
                started_at=row.started_at,
                seconds_watched=row.seconds,
                is_bot=row.is_bot,
                is_internal=row.is_internal,
                imported=True,
                counted_at=counted_at(row.started_at, row.seconds, durations[row.video]),
            )
            for row in rows
        ),
        [
            "video_id",
            "viewer_id",
            "contact_id",
            "started_at",
            "seconds_watched",
            "is_bot",
            "is_internal",
        ],
        derived=["counted_at"],
    )
