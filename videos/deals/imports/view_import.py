"""Imports videos and views from other players or earlier years, all or nothing."""

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from studio.chunks import CHUNK, chunks
from videos.audience.models import Contact, View, Viewer
from videos.audience.tracking.counting import is_long_enough
from videos.deals.imports.crm_import import ImportResult, stop_at_bad_rows
from videos.deals.imports.csv_rows import CsvData, read
from videos.deals.imports.import_lock import import_lock
from videos.deals.imports.schemas import (
    VIDEOS,
    VIEW_SCHEMAS,
    VIEWS,
    VideoRow,
    ViewRow,
    check_any_schema,
    check_references,
)
from videos.deals.imports.upsert import RowCounts, keys_of, upsert
from videos.planning.imported import imported_video
from videos.planning.models import Video


def import_views(folder: Path) -> ImportResult:
    """Imports the CSV files in `folder`.

    Existing ids are updated; rows that the files do not name stay. The studio's own videos may be
    referred to but do not change. Whether a view is long enough to count is decided when the view
    or its video's duration is imported, by the settings in force then.

    Raises BadRows, NothingToImport and ImportRunning.
    """
    check_any_schema(folder, VIEW_SCHEMAS)
    videos = read(folder, VIDEOS)
    views = read(folder, VIEWS, {"video_id": videos.ids})
    with import_lock():
        check_references(
            views, _("there is no video %(id)s."), lambda row: row.video, videos, Video
        )
        check_references(
            views, _("there is no contact %(id)s."), lambda row: row.contact, None, Contact
        )
        check_not_own(views)
        stop_at_bad_rows([videos, views])
        return ImportResult(
            {
                VIDEOS.file: write_videos(videos.values),
                VIEWS.file: write_views(views.values),
            }
        )


def check_not_own(views: CsvData[ViewRow]) -> None:
    """Marks rows with the id of a view that this studio recorded itself."""
    own = {
        view_id
        for chunk in chunks(row.id for row in views.values)
        for view_id in View.objects.order_by()
        .filter(public_id__in=chunk, imported=False)
        .values_list("public_id", flat=True)
    }
    for line, row in views.found.values():
        if row.id in own:
            views.add_bad_row(line, _("this id belongs to a view that the studio recorded itself."))


def write_videos(rows: Sequence[VideoRow]) -> RowCounts:
    """Saves imported videos; the studio's own do not change."""
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
    recount_views_of(
        row.id for row in imported if row.id in before and row.duration != before[row.id]
    )
    return RowCounts(written.created, written.updated, written.unchanged + len(own))


def durations_of(video_ids: Iterable[str]) -> dict[str, Decimal | None]:
    """Returns the durations of existing videos in seconds (None if unknown), by public id."""
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
    """Returns the start if the view is long enough by the current settings, else None."""
    return started_at if is_long_enough(seconds, duration, settings.VIEW_MIN_SECONDS) else None


def recount_views_of(video_ids: Iterable[str]) -> None:
    """Decides again whether imported views of some videos count. Recorded views are final."""
    for chunk in chunks(video_ids):
        views = View.objects.filter(video__public_id__in=chunk, imported=True)
        for some in chunks(views.order_by().select_related("video").iterator(chunk_size=CHUNK)):
            changed = []
            for view in some:
                new = counted_at(view.started_at, view.seconds_watched, view.video.duration_seconds)
                if new != view.counted_at:
                    view.counted_at = new
                    changed.append(view)
            View.objects.bulk_update(changed, ["counted_at"])


def write_views(rows: Sequence[ViewRow]) -> RowCounts:
    """Saves imported views, and new viewers."""
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
