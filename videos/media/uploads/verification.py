"""Verification of complete uploads: checksum, duplicates, probe; then the cut is created.

A worker leases an upload as it does a job. A schedule requeues the uploads of dead workers, and
expires those that nobody continues.
"""

import hashlib
import logging
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_q.tasks import async_task

from videos.media.errors import LeaseLost, UploadRefused
from videos.media.jobs.leases import Lease, heartbeat, lease_duration
from videos.media.models import Cut, Upload
from videos.media.storage.files import local_copy
from videos.media.uploads.backends import backend_of, current_backend, s3_multipart
from videos.media.uploads.intake import (
    CHECK,
    UNCLAIMED,
    arrived,
    create_cut,
    end,
    find_duplicate,
    probe_source,
)

log = logging.getLogger(__name__)

LONGEST_UNBEGUN = timedelta(hours=1)  # even while the same person sends other files


def check(upload_id: int) -> None:
    """The task that verifies an upload. Safe to run twice, or too late."""
    token = uuid4()
    waiting = Q(state=Upload.State.CHECKING) & (Q(token=None) | Q(lease_until__lt=now()))
    claimed = Upload.objects.filter(waiting, pk=upload_id)
    if not claimed.update(
        token=token, lease_until=now() + lease_duration(), attempts=F("attempts") + 1
    ):
        log.info("upload %s is verified, or another worker holds it", upload_id)
        return
    mine = Upload.objects.filter(pk=upload_id, state=Upload.State.CHECKING, token=token)
    upload = Upload.objects.select_related("video", "by").get(pk=upload_id)
    try:
        with heartbeat(Lease(mine)):
            settle(upload, mine)
    except UploadRefused as refusal:
        end(upload, Upload.State.REFUSED, only=mine, reason=refusal.messages[0])
    except LeaseLost:
        log.warning("upload %s: another worker holds it now", upload_id)
    except BaseException:
        mine.update(lease_until=now())  # so that the schedule retries it soon
        raise


def settle(upload: Upload, mine: QuerySet[Upload]) -> None:
    """Create the cut, or mark the upload as a duplicate. Raises UploadRefused, LeaseLost."""
    facts, reason = compared(upload, mine)
    if upload.duplicate_of_id is None and ask_about_duplicate(upload, mine):
        return
    create_cut(upload, facts, reason, only=mine)


def ask_about_duplicate(upload: Upload, mine: QuerySet[Upload]) -> bool:
    """Mark the upload as a duplicate; returns False if there is none. Raises LeaseLost."""
    while duplicate := find_duplicate(upload):
        with transaction.atomic():
            # Removing a cut releases its duplicates, and waits for this lock
            if not Cut.objects.select_for_update().filter(pk=duplicate.pk).exists():
                continue
            asked = mine.update(
                state=Upload.State.DUPLICATE,
                duplicate_of=duplicate,
                sha256=upload.sha256,
                token=None,
                lease_until=None,
                last_activity_at=now(),
            )
            if not asked:
                raise LeaseLost
        log.info("upload %s is the same as cut %s", upload.pk, duplicate.pk)
        return True
    return False


def compared(upload: Upload, mine: QuerySet[Upload]) -> tuple[dict[str, Any], str]:
    """(source information, reason of a refusal) of the stored file, after comparing checksums.

    One of them is empty; both are if the probe timed out, and the job probes it again. Raises
    UploadRefused if size or checksum differ from what the browser sent.
    """
    with local_copy(upload.path) as source:
        size = source.stat().st_size
        if size == upload.bytes and not upload.sha256:
            upload.sha256 = sha256(source)
            mine.update(sha256=upload.sha256)  # so that a retry need not read the file again
        if size != upload.bytes or upload.sha256 != upload.client_sha256:
            log.error(
                "upload %s: %s of %s bytes, checksum %s, expected %s",
                *(upload.pk, size, upload.bytes, upload.sha256, upload.client_sha256),
            )
            raise UploadRefused(
                _("The file was damaged on the way. Upload it again."), code="checksum"
            )
        if upload.attempts > settings.MAX_ATTEMPTS:
            log.error(
                "upload %s: %s verifications were interrupted", upload.pk, upload.attempts - 1
            )
            return {}, ""
        return probe_source(source)


def sha256(path: Path) -> str:
    """The SHA-256 checksum of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def look_after_uploads() -> None:
    """Every minute: requeue abandoned verifications, and expire uploads without activity."""
    moment = now()
    left = Q(state=Upload.State.CHECKING, lease_until__lt=moment)
    for upload in Upload.objects.filter(left):
        with transaction.atomic():
            ours = Upload.objects.filter(left, pk=upload.pk, lease_until=upload.lease_until)
            if ours.update(token=None, lease_until=moment + UNCLAIMED):
                log.warning("upload %s is queued for verification again", upload.pk)
                transaction.on_commit(partial(async_task, CHECK, upload.pk))
    expire_unstarted(moment)
    unmoved = Upload.objects.filter(
        state__in=Upload.OPEN, last_activity_at__lt=moment - upload_lifetime()
    )
    for upload in unmoved:
        if not has_new_bytes(upload):
            end(upload, Upload.State.EXPIRED, only=unmoved)


def expire_unstarted(moment: datetime) -> None:
    """Expire uploads of which nothing arrived within some minutes.

    Browsers create several uploads at once and send them one after the other, so uploads of a
    person who is sending another file are kept, for an hour at most. A browser creates an expired
    upload again.
    """
    late = moment - first_byte_within()
    too_late = moment - LONGEST_UNBEGUN
    waiting = Upload.objects.filter(state=Upload.State.RECEIVING)
    unbegun = waiting.filter(received=0, started_at__lt=late)
    for person in set(unbegun.order_by().values_list("by", flat=True)):
        moved = [
            has_new_bytes(upload) for upload in waiting.filter(by=person, backend=Upload.Backend.S3)
        ]
        sent = Upload.objects.filter(by=person, received__gt=0, last_activity_at__gte=late)
        is_sending = any(moved) or sent.exists()
        ended = unbegun.filter(started_at__lt=too_late) if is_sending else unbegun
        for upload in ended.filter(by=person):
            end(upload, Upload.State.EXPIRED, only=unbegun, reason=unstarted_reason())


def unstarted_reason() -> str:
    """The message for an upload that never started."""
    minutes = settings.UPLOAD_FIRST_BYTE_MINUTES
    text = ngettext(
        "The upload expired because nothing arrived within %(n)d minute. Upload the file again.",
        "The upload expired because nothing arrived within %(n)d minutes. Upload the file again.",
        minutes,
    )
    return text % {"n": minutes}


def has_new_bytes(upload: Upload) -> bool:
    """Whether new parts of an upload to S3 have arrived. Records them.

    On disk, the row is always up to date. If S3 does not respond, the upload is kept.
    """
    if upload.backend != Upload.Backend.S3 or upload.state != Upload.State.RECEIVING:
        return False
    try:
        # The upload counts as fully received only when the object is completed
        there = min(backend_of(upload).arrived(upload), upload.bytes - 1)
    except (BotoCoreError, ClientError):
        log.exception("upload %s: its parts cannot be listed", upload.pk)
        return True
    if there > upload.received:
        arrived(upload, there)
        return True
    return False


def upload_lifetime() -> timedelta:
    """How long an upload without activity is kept."""
    return timedelta(hours=settings.UPLOAD_KEEP_HOURS)


def first_byte_within() -> timedelta:
    """How long an upload is kept before its first byte."""
    return timedelta(minutes=settings.UPLOAD_FIRST_BYTE_MINUTES)


def expires_at(upload: Upload) -> datetime:
    """When an upload expires without further activity."""
    if upload.state == Upload.State.RECEIVING and not upload.received:
        return upload.started_at + first_byte_within()
    return upload.last_activity_at + upload_lifetime()


def remove_abandoned_parts() -> list[str]:
    """Every hour: abort multipart uploads on S3 that have no row; returns their keys."""
    if current_backend() != Upload.Backend.S3:
        return []
    known = set(Upload.objects.filter(state__in=Upload.OPEN).values_list("multipart_id", flat=True))
    removed = []
    for key, multipart_id in s3_multipart.begun_before(now() - upload_lifetime()):
        if multipart_id not in known:
            s3_multipart.give_up(key, multipart_id)
            removed.append(key)
    if removed:
        log.warning("multipart uploads without a row aborted: %s", ", ".join(removed))
    return removed
