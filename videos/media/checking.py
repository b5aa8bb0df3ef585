"""Is what is stored what was sent? Looked at after the last byte, and only then said.

A worker holds an upload by its token, as it does a job; a schedule takes over from workers that
died, and gives up what nobody went on with.
"""

import hashlib
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django_q.tasks import async_task

from videos.media.errors import LeaseLost, UploadRefused
from videos.media.models import Upload
from videos.media.receiving import multipart, place_now
from videos.media.reservations import COMING
from videos.media.sets import local_copy
from videos.media.uploads import CHECK, UNCLAIMED, end, looked_at, record, twin_of

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
HEARTBEAT_SECONDS = 15
AT_ONCE = 64 * 1024**2  # bytes that are read again within a request


def is_quick(upload: Upload) -> bool:
    """Whether a check takes no longer than a page may take."""
    return upload.place == "disk" and (bool(upload.sha256) or upload.bytes <= AT_ONCE)


def check(upload_id: int) -> None:
    """Compare, look for a twin, and make the cut. Coming twice, or late, changes nothing."""
    token = uuid4()
    waiting = Q(state=Upload.State.CHECKING) & (Q(token=None) | Q(lease_until__lt=now()))
    claimed = Upload.objects.filter(waiting, pk=upload_id)
    if not claimed.update(token=token, lease_until=now() + LEASE, attempts=F("attempts") + 1):
        log.info("upload %s is checked, or another worker holds it", upload_id)
        return
    mine = Upload.objects.filter(pk=upload_id, state=Upload.State.CHECKING, token=token)
    upload = Upload.objects.select_related("video", "by").get(pk=upload_id)
    try:
        with held(mine):
            settle(upload, mine)
    except UploadRefused as refusal:
        end(upload, Upload.State.REFUSED, only=mine, reason=refusal.messages[0])
    except LeaseLost:
        log.warning("upload %s: another worker has it now", upload_id)
    except BaseException:
        mine.update(lease_until=now())  # for the schedule to try again soon
        raise


@contextmanager
def held(mine: QuerySet[Upload]) -> Iterator[None]:
    """Keeps the lease while the block runs."""
    over = threading.Event()

    def beat() -> None:
        try:
            while not over.wait(HEARTBEAT_SECONDS):
                if not mine.update(lease_until=now() + LEASE):
                    return
        finally:
            connection.close()

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def settle(upload: Upload, mine: QuerySet[Upload]) -> None:
    """The upload's end, or the question whether the same file twice is meant.

    Raises UploadRefused, LeaseLost.
    """
    facts, reason = compared(upload, mine)
    if upload.twin_id is None and (twin := twin_of(upload)):
        asked = mine.update(
            state=Upload.State.TWIN,
            twin=twin,
            sha256=upload.sha256,
            token=None,
            lease_until=None,
            moved_at=now(),
        )
        log.info("upload %s is the same as cut %s", upload.pk, twin.pk)
        if not asked:
            raise LeaseLost
        return
    record(upload, facts, reason, only=mine)


def compared(upload: Upload, mine: QuerySet[Upload]) -> tuple[dict[str, Any], str]:
    """What is in the stored file, and why it is no video; one of them is empty.

    Both are where nobody came to the end of looking at it: its job will, or fail with the reason.
    Puts the checksum on record. Raises UploadRefused unless size and checksum are those of the
    sender.
    """
    with local_copy(upload.path) as source:
        size = source.stat().st_size
        if size == upload.bytes and not upload.sha256:
            upload.sha256 = sha256(source)
            mine.update(sha256=upload.sha256)  # whoever has to try again need not read it all
        if size != upload.bytes or upload.sha256 != upload.told_sha256:
            log.error(
                "upload %s: %s of %s bytes, checksum %s, told %s",
                *(upload.pk, size, upload.bytes, upload.sha256, upload.told_sha256),
            )
            raise UploadRefused(
                _("What arrived is not what was sent: upload the file again."), code="checksum"
            )
        if upload.attempts > settings.MAX_ATTEMPTS:
            log.error("upload %s: %s checks of it died", upload.pk, upload.attempts - 1)
            return {}, ""
        return looked_at(source)


def sha256(path: Path) -> str:
    """The checksum of a whole file, read in small pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def look_after_uploads() -> None:
    """Every minute: send again what nobody checks, and give up what nobody goes on with."""
    moment = now()
    left = Q(state=Upload.State.CHECKING, lease_until__lt=moment)
    for upload in Upload.objects.filter(left):
        with transaction.atomic():
            ours = Upload.objects.filter(left, pk=upload.pk, lease_until=upload.lease_until)
            if ours.update(token=None, lease_until=moment + UNCLAIMED):
                log.warning("upload %s is sent to be checked again", upload.pk)
                transaction.on_commit(partial(async_task, CHECK, upload.pk))
    unmoved = Upload.objects.filter(state__in=COMING, moved_at__lt=moment - kept_for())
    for upload in unmoved:
        end(upload, Upload.State.EXPIRED, only=unmoved, reason=_("Nobody went on with it."))


def kept_for() -> timedelta:
    """How long an upload that does not move is kept."""
    return timedelta(hours=settings.UPLOAD_KEEP_HOURS)


def remove_abandoned_parts() -> list[str]:
    """Every hour: have S3 remove the parts of uploads without a row; returns their objects."""
    if place_now() != "s3":
        return []
    known = set(Upload.objects.filter(state__in=COMING).values_list("multipart_id", flat=True))
    removed = []
    for key, multipart_id in multipart.begun_before(now() - kept_for()):
        if multipart_id not in known:
            multipart.give_up(key, multipart_id)
            removed.append(key)
    if removed:
        log.warning("parts of uploads that nobody knows removed: %s", ", ".join(removed))
    return removed
