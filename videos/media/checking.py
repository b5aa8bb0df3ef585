"""Is what is stored what was sent? Looked at after the last byte, and only then said.

A worker holds an upload by its token, as it does a job; a schedule takes over from workers that
died, and gives up what nobody went on with.
"""

import hashlib
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_q.tasks import async_task

from videos.media.errors import LeaseLost, UploadRefused
from videos.media.models import Cut, Upload
from videos.media.receiving import multipart, place_now, place_of
from videos.media.reservations import COMING
from videos.media.sets import local_copy
from videos.media.uploads import CHECK, UNCLAIMED, arrived, end, looked_at, record, twin_of

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
HEARTBEAT_SECONDS = 15


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
    if upload.twin_id is None and asked_about_twin(upload, mine):
        return
    record(upload, facts, reason, only=mine)


def asked_about_twin(upload: Upload, mine: QuerySet[Upload]) -> bool:
    """Ask whether the same file twice is meant; False if it is here once. Raises LeaseLost."""
    while twin := twin_of(upload):
        with transaction.atomic():
            # Who removes a cut lets go of those who were asked about it, and waits for us here.
            if not Cut.objects.select_for_update().filter(pk=twin.pk).exists():
                continue
            asked = mine.update(
                state=Upload.State.TWIN,
                twin=twin,
                sha256=upload.sha256,
                token=None,
                lease_until=None,
                moved_at=now(),
            )
            if not asked:
                raise LeaseLost
        log.info("upload %s is the same as cut %s", upload.pk, twin.pk)
        return True
    return False


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
    end_unbegun(moment)
    unmoved = Upload.objects.filter(state__in=COMING, moved_at__lt=moment - kept_for())
    for upload in unmoved:
        if not has_moved(upload):
            end(upload, Upload.State.EXPIRED, only=unmoved)


def end_unbegun(moment: datetime) -> None:
    """Give up what was announced some minutes ago and of which nothing arrived.

    Several files are announced together and sent one after the other: as long as bytes of one
    arrive, the others of the same person wait for their turn.
    """
    late = moment - first_byte_within()
    waiting = Upload.objects.filter(state=Upload.State.RECEIVING)
    unbegun = waiting.filter(received=0, started_at__lt=late)
    for person in set(unbegun.order_by().values_list("by", flat=True)):
        moved = [has_moved(upload) for upload in waiting.filter(by=person, place="s3")]
        sent = Upload.objects.filter(by=person, received__gt=0, moved_at__gte=late)
        if any(moved) or sent.exists():
            continue
        for upload in unbegun.filter(by=person):
            end(upload, Upload.State.EXPIRED, only=unbegun, reason=never_begun())


def never_begun() -> str:
    """Why an upload ended of which no byte arrived."""
    minutes = settings.UPLOAD_FIRST_BYTE_MINUTES
    text = ngettext(
        "Given up: nothing of it arrived within %(n)d minute. Upload the file again.",
        "Given up: nothing of it arrived within %(n)d minutes. Upload the file again.",
        minutes,
    )
    return text % {"n": minutes}


def has_moved(upload: Upload) -> bool:
    """Whether more of an upload to S3 has arrived than is on record, which then has it.

    To the disk, the record is the truth. A storage that does not answer is no reason to give up.
    """
    if upload.place != "s3" or upload.state != Upload.State.RECEIVING:
        return False
    try:
        # The last byte is on record when the object is completed.
        there = min(place_of(upload).arrived(upload), upload.bytes - 1)
    except (BotoCoreError, ClientError):
        log.exception("upload %s: the storage does not tell its parts", upload.pk)
        return True
    if there > upload.received:
        arrived(upload, there)
        return True
    return False


def kept_for() -> timedelta:
    """How long an upload that does not move is kept."""
    return timedelta(hours=settings.UPLOAD_KEEP_HOURS)


def first_byte_within() -> timedelta:
    """How long an upload is kept of which nothing has arrived."""
    return timedelta(minutes=settings.UPLOAD_FIRST_BYTE_MINUTES)


def ends_at(upload: Upload) -> datetime:
    """When an upload is given up if it stays as it is."""
    if upload.state == Upload.State.RECEIVING and not upload.received:
        return upload.started_at + first_byte_within()
    return upload.moved_at + kept_for()


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
