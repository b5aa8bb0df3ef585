"""Uploads of sources, from the first request to the new cut.

`announce` creates an upload and reserves space. Its bytes arrive through a backend (`backends/`).
`finish` records the checksum from the browser and queues the verification (`verification.py`),
which creates the cut.
"""

import hashlib
import logging
import re
from collections import deque
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError
from django.core.files import File
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django_q.tasks import async_task
from wagtail.log_actions import log as log_action

from studio.people.language import in_language_of
from studio.people.models import User
from videos.media.errors import EncodeFailed, LeaseLost, SourceRefused, UploadRefused
from videos.media.jobs.cut_numbers import next_number
from videos.media.jobs.tasks import enqueue
from videos.media.log_actions import UPLOAD_ENDED
from videos.media.models import Cut, Job, Upload, footage
from videos.media.storage.files import local_copy
from videos.media.storage.quota import lock, reserve, work_bytes
from videos.media.transcoding.probing.messages import refusal
from videos.media.transcoding.probing.probe import probe
from videos.media.transcoding.sandbox.sniff import kind_of
from videos.media.uploads.backends import backend_of, current_backend, disk
from videos.planning.models import Stage, Video

log = logging.getLogger(__name__)

TAKES_CUTS = (Stage.SHOT, Stage.EDITING, Stage.REVIEW, Stage.APPROVED, Stage.PUBLISHED)
CHUNK = 1024**2
CHECK = "videos.media.uploads.verification.check"
UNCLAIMED = timedelta(seconds=60)
SHA256 = re.compile(r"[0-9a-f]{64}")
SHOWN_FOR = timedelta(days=3)  # how long failed uploads are shown


def receive(video: Video, file: File, *, by: User, probed: bool = True) -> Cut:
    """Store a source and queue its transcode; the new cut is WAITING, or REFUSED with a reason.

    Input is untrusted: name and type of `file` are ignored. A web server checks only the first
    bytes (`probed=False`) and leaves the probe to the worker. Raises UploadRefused; then nothing is
    kept.
    """
    upload = create_upload(video, name=file.name or "", size=file.size, fingerprint="", by=by)
    arrived(upload, min(file.size, 1))  # its bytes are in the request, so it has started
    reading = HashingFile(file)
    storage = footage()
    try:
        if upload.backend != Upload.Backend.DISK:
            # The S3 client may read a part twice, so the checksum is taken beforehand
            deque(reading.chunks(), maxlen=0)
        upload.path = storage.save(upload.path, reading)
        if not file.size == reading.count == storage.size(upload.path):
            log.error("upload %s of %d bytes: %d read", upload.pk, file.size, reading.count)
            raise UploadRefused(
                _("The upload was interrupted. Upload the file again."), code="partial"
            )
        sync_to_disk(upload)
        with local_copy(upload.path) as source:
            facts, reason = probe_source(source) if probed else ({}, check_first_bytes(source))
        upload.sha256 = reading.sum.hexdigest()
        return create_cut(upload, facts, reason, only=Upload.objects.filter(pk=upload.pk))
    except BaseException:  # also when the worker is shut down
        upload.delete()
        storage.delete(upload.path)
        raise


class HashingFile(File):
    """A file that counts and hashes the bytes that a storage reads from it."""

    def __init__(self, file: File) -> None:
        super().__init__(file.file if isinstance(file, File) else file, "source")
        self.count = 0
        self.sum = hashlib.sha256()

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        assert self.file
        self.file.seek(0)
        while chunk := self.file.read(CHUNK):
            self.count += len(chunk)
            self.sum.update(chunk)
            yield chunk


def refuse_stage(video: Video) -> None:
    """Raise UploadRefused if cuts cannot be uploaded to the video."""
    if video.imported:
        raise UploadRefused(
            _("“%(title)s” was imported with its figures. Cuts cannot be uploaded to it.")
            % {"title": video.title},
            code="imported",
        )
    if video.stage not in TAKES_CUTS:
        raise UploadRefused(
            _("Cuts cannot be uploaded to “%(title)s” while its stage is “%(stage)s”.")
            % {"title": video.title, "stage": video.get_stage_display()},
            code="stage",
        )


def announce(video: Video, *, name: str, size: int, fingerprint: str, by: User) -> Upload:
    """The unfinished upload of the same file, or a new one with space reserved.

    Raises UploadRefused if the upload could not be completed.
    """
    if size <= 0:
        raise UploadRefused(_("The file is empty."), code="empty")
    refuse_stage(video)
    same = unfinished(video, by).filter(bytes=size, fingerprint=fingerprint).exclude(fingerprint="")
    if again := same.first():  # this does not extend its lifetime: only new bytes do
        return again
    upload = create_upload(video, name=name, size=size, fingerprint=fingerprint, by=by)
    try:
        backend_of(upload).begin(upload)
    except BaseException:
        upload.delete()
        raise
    log.info("upload %s to video %s created: %s bytes", upload.pk, video.pk, size)
    return upload


def create_upload(video: Video, *, name: str, size: int, fingerprint: str, by: User) -> Upload:
    """Create an upload and reserve its space. Raises UploadRefused."""
    refuse_stage(video)
    key = uuid4()
    with transaction.atomic():
        return Upload.objects.create(
            reserved_bytes=reserve(size, by=by),
            key=key,
            video=video,
            by=by,
            name=display_name(name),
            bytes=size,
            fingerprint=fingerprint[:200],
            backend=current_backend(),
            path=f"sources/{key}",
            last_activity_at=now(),
        )


def unfinished(video: Video, by: User) -> QuerySet[Upload]:
    """A person's incomplete uploads to a video, newest first."""
    return Upload.objects.filter(video=video, by=by, state=Upload.State.RECEIVING)


def shown_to(user: User, video: Video) -> QuerySet[Upload]:
    """A person's open uploads to a video, and those that failed lately."""
    lately = now() - SHOWN_FOR
    ended = Upload.objects.filter(
        state__in=[Upload.State.REFUSED, Upload.State.EXPIRED], ended_at__gt=lately
    )
    both = Upload.objects.filter(state__in=Upload.OPEN) | ended
    return (
        both.filter(video=video, by=user)
        .select_related("video", "cut", "duplicate_of__video")
        .order_by("started_at", "pk")
    )


def cancellable_uploads() -> QuerySet[Upload]:
    """Everybody's uploads that can still be cancelled, oldest first."""
    uploads = Upload.objects.filter(state__in=Upload.CANCELLABLE).select_related("by", "video")
    return uploads.order_by("started_at", "pk")


def arrived(upload: Upload, received: int) -> None:
    """Record how many bytes are stored."""
    row = Upload.objects.filter(pk=upload.pk, state=Upload.State.RECEIVING)
    row.update(received=received, last_activity_at=now())


def finish(upload: Upload, client_sha256: str) -> Upload:
    """Queue the verification of a complete upload. Safe to call twice. Raises UploadRefused."""
    if not SHA256.fullmatch(client_sha256):
        raise UploadRefused(_("The checksum of the file is missing."), code="checksum")
    with transaction.atomic():
        row = Upload.objects.select_for_update().get(pk=upload.pk)
        if row.state != Upload.State.RECEIVING:
            return row
        if row.received != row.bytes:
            raise UploadRefused(
                _("The upload was interrupted. Upload the file again."), code="partial"
            )
        row.client_sha256 = client_sha256
        queue_verification(row)
    return row


def queue_verification(row: Upload) -> None:
    """Set the upload to CHECKING and queue its verification. Call it in a transaction."""
    row.state = Upload.State.CHECKING
    row.token, row.lease_until = None, now() + UNCLAIMED
    row.last_activity_at, row.attempts = now(), 0
    changed = ["state", "client_sha256", "token", "lease_until", "last_activity_at", "attempts"]
    row.save(update_fields=changed)
    transaction.on_commit(partial(async_task, CHECK, row.pk))


def cancel(upload: Upload) -> bool:
    """Cancel an upload and delete its bytes; returns False if it is too late."""
    waiting = Upload.objects.filter(state__in=Upload.CANCELLABLE)
    return end(upload, Upload.State.CANCELLED, only=waiting)


def cancel_to_free_space(upload: Upload, *, by: User) -> bool:
    """Cancel somebody's upload to free its space, on record; returns False if it is too late.

    The owner sees who cancelled it. The caller checks the permission of `by`.
    """
    waiting = Upload.objects.filter(state__in=Upload.CANCELLABLE)
    with transaction.atomic():
        fresh = waiting.select_for_update(of=("self",)).filter(pk=upload.pk).first()
        if fresh is None:
            return False
        log_action(
            fresh.video,
            UPLOAD_ENDED,
            user=by,
            data={
                "name": fresh.name,
                "by": str(fresh.by),
                "bytes": fresh.bytes,
                "received": fresh.received,
            },
        )
        with in_language_of(fresh.by):  # who reads it
            reason = _(
                "%(who)s cancelled this upload to free space for others. Upload the file again."
            )
        return end(fresh, Upload.State.REFUSED, only=waiting, reason=reason % {"who": by})


def end(upload: Upload, state: Upload.State, *, only: QuerySet[Upload], reason: str = "") -> bool:
    """End an upload without a cut and delete its bytes; returns False if it is not in `only`."""
    ended = only.filter(pk=upload.pk).update(
        state=state, reason=reason, reserved_bytes=0, token=None, lease_until=None, ended_at=now()
    )
    if not ended:
        return False
    log.info("upload %s is %s: %s", upload.pk, state, reason)
    try:
        backend_of(upload).discard(upload)
    except (OSError, BotoCoreError, ClientError):
        log.exception("upload %s: its bytes were not deleted; media_orphans lists them", upload.pk)
    return True


def keep_duplicate(upload: Upload) -> bool:
    """Accept a duplicate as a cut of its own; returns False if the upload is no duplicate."""
    with transaction.atomic():
        rows = Upload.objects.select_for_update().filter(pk=upload.pk, state=Upload.State.DUPLICATE)
        row = rows.first()
        if row:
            queue_verification(row)  # `duplicate_of` stays set: verification does not ask again
    return row is not None


def sync_to_disk(upload: Upload) -> None:
    """Flush the file and its name to disk. S3 guarantees that itself."""
    if upload.backend == Upload.Backend.DISK:
        disk.sync(disk.path_of(upload))


def probe_source(source: Path) -> tuple[dict[str, Any], str]:
    """(source information, reason of a refusal) of a source; one of them is empty.

    Both are empty if the probe timed out; the job probes it again.
    """
    try:
        return probe(source).as_values(), ""
    except SourceRefused as refusal:
        return {}, str(refusal)
    except EncodeFailed as failure:
        log.warning("%s could not be probed (%s)", source, failure.code)
        return {}, ""


def check_first_bytes(source: Path) -> str:
    """The reason to refuse a source by its first bytes; empty if they are those of a video."""
    with source.open("rb") as file:
        return refusal(kind_of(file))


def create_cut(
    upload: Upload, facts: dict[str, Any], reason: str, *, only: QuerySet[Upload]
) -> Cut:
    """Create the cut of a verified upload, and its job unless it is refused.

    `only` is the row of the upload, while our token holds it. Raises LeaseLost if another worker
    holds it, UploadRefused if the video no longer accepts cuts.
    """
    with transaction.atomic():
        video = Video.objects.select_for_update().get(pk=upload.video_id)
        refuse_stage(video)
        cut = Cut.objects.create(
            video=video,
            number=next_number(video)
            if facts
            else None,  # without, the job assigns it or refuses the file
            state=Cut.State.REFUSED if reason else Cut.State.WAITING,
            reason=reason,
            source=upload.path,
            source_name=upload.name,
            source_bytes=upload.bytes,
            sha256=upload.sha256,
            source_info=facts,
            uploaded_by=upload.by,
            uploaded_at=now(),
        )
        lock()  # the reservation moves from the upload to its job
        stored = only.update(
            state=Upload.State.STORED,
            sha256=upload.sha256,
            received=upload.bytes,
            cut=cut,
            reserved_bytes=0,
            token=None,
            lease_until=None,
            ended_at=now(),
        )
        if not stored:
            raise LeaseLost
        if not reason:
            enqueue(Job.objects.create(cut=cut, reserved_bytes=work_bytes(upload.bytes)))
    log.info("cut %s of video %s: %s bytes, %s", cut.pk, video.pk, cut.source_bytes, cut.state)
    return cut


def find_duplicate(upload: Upload) -> Cut | None:
    """A cut with the same content: of this video if there is one, else of another."""
    same = Cut.objects.filter(sha256=upload.sha256).select_related("video")
    newest = F("number").desc(nulls_last=True)
    here = same.filter(video=upload.video_id).order_by(newest, "-pk").first()
    return here or same.order_by("-uploaded_at").first()


def display_name(name: str | None) -> str:
    """The name of the file without folders and unprintable characters."""
    base = (name or "").replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in base if letter.isprintable())[-255:] or _("unnamed")
