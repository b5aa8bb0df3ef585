"""Imports videos and views of other players, or of years past: all of it, or nothing."""

from collections.abc import Sequence
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from videos.audience.models import Contact, View, Viewer
from videos.deals.crm_import import Counts, stop_at_bad_rows
from videos.deals.csv_rows import Read, read
from videos.deals.sheets import VIDEOS, VIEWS, VideoRow, ViewRow, refuse_unknown
from videos.deals.upsert import Written, chunks, keys_of, upsert
from videos.planning.imported import imported_video
from videos.planning.models import Video


def import_views(folder: Path) -> Counts:
    """Imports what `folder` holds, and tells by file what that changed. Raises BadRows.

    Known ids are updated, and what a file does not name stays. A video that the studio made
    itself may be named, and stays as it is.
    """
    videos = read(folder, VIDEOS)
    views = read(folder, VIEWS, {"video_id": videos.named})
    with transaction.atomic():
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
    written = upsert(
        Video,
        [
            imported_video(row.id, row.title, row.duration, row.published_at)
            for row in rows
            if row.id not in own
        ],
        ["title", "duration_seconds", "published_at"],
    )
    return Written(written.created, written.updated, written.unchanged + len(own))


def write_views(rows: Sequence[ViewRow]) -> Written:
    """Saves imported views, and the viewers that are new."""
    viewer_ids = {row.viewer for row in rows} - {""}
    new = sorted(viewer_ids - keys_of(Viewer, viewer_ids).keys())
    Viewer.objects.bulk_create((Viewer(public_id=viewer) for viewer in new), ignore_conflicts=True)
    viewers = keys_of(Viewer, viewer_ids)
    videos = keys_of(Video, {row.video for row in rows})
    contacts = keys_of(Contact, {row.contact for row in rows} - {""})
    return upsert(
        View,
        [
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
            )
            for row in rows
        ],
        [
            "video_id",
            "viewer_id",
            "contact_id",
            "started_at",
            "seconds_watched",
            "is_bot",
            "is_internal",
        ],
    )
