"""The state of a video's files, from which planning derives its next step."""

from collections import defaultdict
from collections.abc import Collection
from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.timezone import now

from videos.media.admin.list_pictures import pictures_of
from videos.media.models import Cut, Upload
from videos.planning.models import Video
from videos.planning.next_step.loading import (
    person_of,
    register_pending_condition,
    register_state_loader,
)
from videos.planning.next_step.progress import PUBLIC_STAGES
from videos.planning.next_step.states import FileState
from videos.planning.pictures import register_pictures
from videos.planning.urls_for import video_url

STILL = timedelta(minutes=2)  # without activity, after which an upload counts as stopped
SENDING = (Upload.State.RECEIVING, Upload.State.CHECKING)
STATES = {
    Cut.State.WAITING: "making",
    Cut.State.WORKING: "making",
    Cut.State.FAILED: "failed",
    Cut.State.REFUSED: "refused",
    Cut.State.CANCELLED: "cancelled",
}
ORDER = ("uploading", "making", "stopped", "failed", "refused", "cancelled")


def register() -> None:
    """Register the files and posters of videos with planning."""
    register_state_loader("files", files_of)
    register_pictures(pictures_of)
    register_pending_condition(awaited)


def awaited() -> Q:
    """Public videos with an open upload or a cut that is not ready."""
    cuts = unready().filter(video__stage__in=PUBLIC_STAGES).exclude(state=Cut.State.CANCELLED)
    uploads = sent().filter(video__stage__in=PUBLIC_STAGES)
    return Q(pk__in=cuts.values("video")) | Q(pk__in=uploads.values("video"))


def unready() -> QuerySet[Cut]:
    """The newest cut of each video if it is not ready, and files refused since.

    A refused file counts until it is removed or a newer cut is uploaded, and hides no older cut.
    """
    later = Cut.objects.filter(video=OuterRef("video"), pk__gt=OuterRef("pk"))
    newer = later.exclude(state=Cut.State.REFUSED)
    return Cut.objects.filter(~Exists(newer)).exclude(state=Cut.State.READY)


def sent() -> QuerySet[Upload]:
    """Open uploads that have started, or were created just now."""
    begun = Q(received__gt=0) | Q(last_activity_at__gt=now() - STILL)
    return Upload.objects.filter(begun, state__in=SENDING)


def files_of(videos: Collection[Video]) -> dict[int, tuple[FileState, ...]]:
    """The files of each video that are not ready, those in progress first."""
    keys = [video.pk for video in videos if not video.imported]
    urls = {video.pk: video_url(video) for video in videos}
    found: dict[int, list[FileState]] = defaultdict(list)
    for upload in sent().filter(video__in=keys).select_related("by").order_by("started_at", "pk"):
        has_stopped = (
            upload.state == Upload.State.RECEIVING and upload.last_activity_at < now() - STILL
        )
        found[upload.video_id].append(
            FileState(
                state="stopped" if has_stopped else "uploading",
                name=upload.name,
                by=person_of(upload.by),
                url=f"{urls[upload.video_id]}#cuts",
                since=upload.last_activity_at,
            )
        )
    cuts = unready().filter(video__in=keys).select_related("uploaded_by").order_by("-pk")
    for cut in cuts:
        found[cut.video_id].append(
            FileState(
                state=STATES[Cut.State(cut.state)],
                name=cut.called,
                by=person_of(cut.uploaded_by),
                url=f"{urls[cut.video_id]}#cut-{cut.pk}",
                reason=cut.reason,
                since=cut.uploaded_at,
            )
        )
    return {video: told(files) for video, files in found.items()}


def told(files: list[FileState]) -> tuple[FileState, ...]:
    """The newest file of each state. Failures are left out while another file is in progress."""
    kinds: dict[str, FileState] = {}
    for file in files:
        kinds.setdefault(file.state, file)
    if {"uploading", "making"} & kinds.keys():
        kinds = {state: file for state, file in kinds.items() if state in ORDER[:2]}
    return tuple(kinds[state] for state in ORDER if state in kinds)
