"""Takes sources in: whole and with their checksum, or not at all.

An upload is announced, which reserves its room; its bytes arrive (`receiving/`); it is finished
with the browser's checksum, looked at (`checking.py`), and only then a cut.
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

from studio.people.models import User
from videos.media.errors import EncodeFailed, LeaseLost, SourceRefused, UploadRefused
from videos.media.log_actions import UPLOAD_ENDED
from videos.media.models import Cut, Job, Upload, footage
from videos.media.numbering import next_number
from videos.media.probe import probe
from videos.media.receiving import disk, place_now, place_of
from videos.media.refusals import refusal
from videos.media.reservations import COMING, lock, reserve, work_bytes
from videos.media.sets import local_copy
from videos.media.sniff import kind_of
from videos.media.tasks import enqueue
from videos.planning.models import Stage, Video

log = logging.getLogger(__name__)

TAKES_CUTS = (Stage.SHOT, Stage.EDITING, Stage.REVIEW, Stage.APPROVED, Stage.PUBLISHED)
CHUNK = 1024**2
CHECK = "videos.media.checking.check"
UNCLAIMED = timedelta(seconds=60)
SHA256 = re.compile(r"[0-9a-f]{64}")
TOLD_FOR = timedelta(days=3)  # how long an upload that came to nothing is shown


def receive(video: Video, file: File, *, by: User, probed: bool = True) -> Cut:
    """Store a source and have it transcoded; the new cut is *waiting*, or *refused* with a reason.

    A web server leaves it to the worker to see what is in the file (`probed=False`), but for its
    first bytes: it is a stranger's. Nothing that `file` says of itself is believed but its content.
    Raises UploadRefused, and then nothing of it is kept.
    """
    upload = admit(video, name=file.name or "", size=file.size, fingerprint="", by=by)
    arrived(upload, min(file.size, 1))  # its bytes are here, in the request: it has begun
    reading = Checked(file)
    storage = footage()
    try:
        if upload.place != "disk":  # S3's client reads in its own way, and some of it twice
            deque(reading.chunks(), maxlen=0)
        upload.path = storage.save(upload.path, reading)
        if not file.size == reading.count == storage.size(upload.path):
            log.error("upload %s of %d bytes: %d read", upload.pk, file.size, reading.count)
            raise UploadRefused(_("The upload broke off: upload the file again."), code="partial")
        fully_written(upload)
        with local_copy(upload.path) as source:
            facts, reason = looked_at(source) if probed else ({}, first_look(source))
        upload.sha256 = reading.sum.hexdigest()
        return record(upload, facts, reason, only=Upload.objects.filter(pk=upload.pk))
    except BaseException:  # also when the worker is told to stop
        upload.delete()
        storage.delete(upload.path)
        raise


class Checked(File):
    """A file that counts and sums up what is read of it, for storages that read it in chunks."""

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
    """Raises UploadRefused where a video takes no cut in its stage, or ever."""
    if video.imported:
        raise UploadRefused(
            _("“%(title)s” came with imported figures: it takes no cuts.") % {"title": video.title},
            code="imported",
        )
    if video.stage not in TAKES_CUTS:
        raise UploadRefused(
            _("“%(title)s” takes no cut while its stage is “%(stage)s”.")
            % {"title": video.title, "stage": video.get_stage_display()},
            code="stage",
        )


def announce(video: Video, *, name: str, size: int, fingerprint: str, by: User) -> Upload:
    """An upload to go on with: the same file's unfinished one, else a new one with its room.

    Raises UploadRefused before the first byte of what could not be finished.
    """
    if size <= 0:
        raise UploadRefused(_("The file is empty."), code="empty")
    refuse_stage(video)
    same = unfinished(video, by).filter(bytes=size, fingerprint=fingerprint).exclude(fingerprint="")
    if again := same.first():  # not kept for longer by asking: bytes do that
        return again
    upload = admit(video, name=name, size=size, fingerprint=fingerprint, by=by)
    try:
        place_of(upload).begin(upload)
    except BaseException:
        upload.delete()
        raise
    log.info("upload %s of video %s: %s bytes announced", upload.pk, video.pk, size)
    return upload


def admit(video: Video, *, name: str, size: int, fingerprint: str, by: User) -> Upload:
    """The row of a new upload, with its room reserved. Raises UploadRefused."""
    refuse_stage(video)
    key = uuid4()
    with transaction.atomic():
        return Upload.objects.create(
            reserved_bytes=reserve(size, by=by),
            key=key,
            video=video,
            by=by,
            name=shown_name(name),
            bytes=size,
            fingerprint=fingerprint[:200],
            place=place_now(),
            path=f"sources/{key}",
            moved_at=now(),
        )


def unfinished(video: Video, by: User) -> QuerySet[Upload]:
    """A person's uploads to a video that wait for more bytes, the newest first."""
    return Upload.objects.filter(video=video, by=by, state=Upload.State.RECEIVING)


def shown_to(user: User, video: Video) -> QuerySet[Upload]:
    """A person's uploads to a video that are under way, wait for an answer, or came to nothing."""
    lately = now() - TOLD_FOR
    ended = Upload.objects.filter(
        state__in=[Upload.State.REFUSED, Upload.State.EXPIRED], ended_at__gt=lately
    )
    both = Upload.objects.filter(state__in=COMING) | ended
    return (
        both.filter(video=video, by=user)
        .select_related("video", "cut", "twin__video")
        .order_by("started_at", "pk")
    )


def coming() -> QuerySet[Upload]:
    """Everybody's uploads that keep room and can still be ended, the longest waiting first."""
    waiting = [Upload.State.RECEIVING, Upload.State.TWIN]
    uploads = Upload.objects.filter(state__in=waiting).select_related("by", "video")
    return uploads.order_by("started_at", "pk")


def arrived(upload: Upload, received: int) -> None:
    """Put on record that so many bytes are there for good."""
    row = Upload.objects.filter(pk=upload.pk, state=Upload.State.RECEIVING)
    row.update(received=received, moved_at=now())


def finish(upload: Upload, told_sha256: str) -> Upload:
    """Have an upload checked whose bytes are all here. Twice is harmless. Raises UploadRefused."""
    if not SHA256.fullmatch(told_sha256):
        raise UploadRefused(_("The checksum of the file is missing."), code="checksum")
    with transaction.atomic():
        row = Upload.objects.select_for_update().get(pk=upload.pk)
        if row.state != Upload.State.RECEIVING:
            return row
        if row.received != row.bytes:
            raise UploadRefused(_("The upload broke off: upload the file again."), code="partial")
        row.told_sha256 = told_sha256
        send_to_check(row)
    return row


def send_to_check(row: Upload) -> None:
    """Within a transaction: *checking*, from its commit on in the queue."""
    row.state = Upload.State.CHECKING
    row.token, row.lease_until = None, now() + UNCLAIMED
    row.moved_at, row.attempts = now(), 0
    changed = ["state", "told_sha256", "token", "lease_until", "moved_at", "attempts"]
    row.save(update_fields=changed)
    transaction.on_commit(partial(async_task, CHECK, row.pk))


def cancel(upload: Upload) -> bool:
    """Give up an upload that is not stored yet; what came of it is removed. False: too late."""
    waiting = [Upload.State.RECEIVING, Upload.State.TWIN]
    return end(upload, Upload.State.CANCELLED, only=Upload.objects.filter(state__in=waiting))


def end_for_room(upload: Upload, *, by: User) -> bool:
    """Have somebody's upload end for the room that it keeps, on record; they are told by whom.

    False: too late. Whether `by` may is asked before.
    """
    reason = _("%(who)s ended this upload, so that others have its room. Upload the file again.")
    waiting = Upload.objects.filter(state__in=[Upload.State.RECEIVING, Upload.State.TWIN])
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
        return end(fresh, Upload.State.REFUSED, only=waiting, reason=reason % {"who": by})


def end(upload: Upload, state: Upload.State, *, only: QuerySet[Upload], reason: str = "") -> bool:
    """An end without a cut, if the upload is among `only`; its bytes go. False: it is not."""
    ended = only.filter(pk=upload.pk).update(
        state=state, reason=reason, reserved_bytes=0, token=None, lease_until=None, ended_at=now()
    )
    if not ended:
        return False
    log.info("upload %s is %s: %s", upload.pk, state, reason)
    try:
        place_of(upload).discard(upload)
    except (OSError, BotoCoreError, ClientError):
        log.exception("upload %s: its bytes are left for who looks for orphans", upload.pk)
    return True


def keep(upload: Upload) -> bool:
    """The file is here already, and is to be a cut of its own. False: nobody asked."""
    with transaction.atomic():
        rows = Upload.objects.select_for_update().filter(pk=upload.pk, state=Upload.State.TWIN)
        row = rows.first()
        if row:
            send_to_check(row)  # its twin stays on record: that is the answer
    return row is not None


def fully_written(upload: Upload) -> None:
    """Have the disk itself hold the bytes and the name; S3 has its own word for that."""
    if upload.place == "disk":
        disk.sync(disk.path_of(upload))


def looked_at(source: Path) -> tuple[dict[str, Any], str]:
    """What is in a source, and why it is refused; one of them is empty.

    Both are where time ran out: its job looks again.
    """
    try:
        return probe(source).as_values(), ""
    except SourceRefused as refusal:
        return {}, str(refusal)
    except EncodeFailed as failure:
        log.warning("%s: nobody came to the end of looking at it (%s)", source, failure.code)
        return {}, ""


def first_look(source: Path) -> str:
    """Why a source is refused by its first bytes alone; empty where they are a video's."""
    with source.open("rb") as file:
        return refusal(kind_of(file))


def record(upload: Upload, facts: dict[str, Any], reason: str, *, only: QuerySet[Upload]) -> Cut:
    """The rows of a stored source: a cut, and a job unless it is no video.

    `only` is the upload as its holder knows it. Raises LeaseLost where another one has it now, and
    UploadRefused where the video takes no cut any more.
    """
    with transaction.atomic():
        video = Video.objects.select_for_update().get(pk=upload.video_id)
        refuse_stage(video)
        cut = Cut.objects.create(
            video=video,
            number=next_number(video) if facts else None,  # its job gives it, or refuses the file
            state=Cut.State.REFUSED if reason else Cut.State.WAITING,
            reason=reason,
            source=upload.path,
            source_name=upload.name,
            source_bytes=upload.bytes,
            sha256=upload.sha256,
            facts=facts,
            uploaded_by=upload.by,
            uploaded_at=now(),
        )
        lock()  # the promise passes from the upload to its job
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


def twin_of(upload: Upload) -> Cut | None:
    """A cut of the same bytes: of this video if there is one, else of another."""
    same = Cut.objects.filter(sha256=upload.sha256).select_related("video")
    newest = F("number").desc(nulls_last=True)
    here = same.filter(video=upload.video_id).order_by(newest, "-pk").first()
    return here or same.order_by("-uploaded_at").first()


def shown_name(name: str | None) -> str:
    """The file's own name, for people: without folders and what cannot be printed."""
    base = (name or "").replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in base if letter.isprintable())[-255:] or _("unnamed")
