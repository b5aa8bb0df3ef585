"""Room for sources and for the work on them: promised before the first byte, under one lock.

Whoever asks for room looks at what is free less what others were promised, and writes their own
promise before the lock is let go: two large files cannot fill the disk together.
"""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Sum
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from videos.media.errors import UploadRefused
from videos.media.models import Cut, Job, RenditionSet, Upload, footage
from videos.media.sets import local

SPARE = 256 * 1024**2
COMING = (Upload.State.RECEIVING, Upload.State.CHECKING, Upload.State.TWIN)
OPEN_JOBS = (Job.State.QUEUED, Job.State.RUNNING)
LOCK = 4_201_018  # any number, so that it is always the same one


@dataclass(frozen=True)
class Room:
    """What there is, in bytes: None where nothing limits it."""

    promised: int  # to others, and not yet taken
    free: int | None  # on the disk
    quota: int | None
    stored: int = 0  # of the quota


def work_bytes(size: int) -> int:
    """Room for the renditions of a source of `size` bytes, and for making them."""
    return size


def needed_bytes(size: int) -> int:
    """Room for a source of `size` bytes and for the work on it."""
    return size + work_bytes(size)


def why_not(size: int, room: Room) -> tuple[str, str] | None:
    """The code and the words of a refusal of `size` bytes; None where they find room."""
    if size > settings.MAX_UPLOAD_BYTES:
        words = _("The file is %(size)s; the studio takes up to %(most)s.")
        return "too_large", words % figures(size=size, most=settings.MAX_UPLOAD_BYTES)
    needed = needed_bytes(size)
    if room.free is not None and needed > room.free - room.promised:
        told = figures(needed=needed, free=max(0, room.free), promised=room.promised)
        return "no_room", no_room(room) % told
    if room.quota is not None and needed > room.quota - room.stored - room.promised:
        told = figures(needed=needed, quota=room.quota, stored=room.stored, promised=room.promised)
        return "quota", over_quota(room) % told
    return None


def no_room(room: Room) -> str:
    """The words for a full disk."""
    if room.promised:
        return _(
            "The file and the work on it need %(needed)s. The studio's disk has %(free)s left, "
            "and %(promised)s of it are kept for other uploads and their work."
        )
    return _("The file and the work on it need %(needed)s; the studio's disk has %(free)s left.")


def over_quota(room: Room) -> str:
    """The words for a quota that is used up."""
    if room.promised:
        return _(
            "The file and the work on it need %(needed)s. The studio may keep %(quota)s: "
            "%(stored)s are taken, and %(promised)s are kept for other uploads and their work."
        )
    return _(
        "The file and the work on it need %(needed)s. The studio may keep %(quota)s, "
        "and %(stored)s are taken."
    )


def figures(**sizes: int) -> dict[str, str]:
    """Sizes as people read them."""
    return {name: filesizeformat(size) for name, size in sizes.items()}


def refuse_size(size: int) -> None:
    """Raises UploadRefused where `size` bytes, and the work on them, would not find room now."""
    if refusal := why_not(size, room_left()):
        raise UploadRefused(refusal[1], code=refusal[0])


def reserve(size: int) -> int:
    """The bytes to write down as promised. Raises UploadRefused.

    Within a transaction: the lock is held to its end, so that the promise is seen by the next.
    """
    lock()
    refuse_size(size)
    return needed_bytes(size)


def lock() -> None:
    """One at a time, to the end of the transaction. SQLite's transactions are that already."""
    assert transaction.get_connection().in_atomic_block
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def room_left() -> Room:
    """What there is at this moment."""
    on_disk = local(footage(), "") is not None
    quota = settings.STORAGE_QUOTA_BYTES or None
    return Room(
        promised=promised_bytes(on_disk=on_disk),
        free=free_bytes() if on_disk or not settings.TRANSCODE_CLUSTER else None,
        quota=quota,
        stored=stored_bytes() if quota else 0,
    )


def promised_bytes(*, on_disk: bool) -> int:
    """What uploads and jobs were promised, less what has arrived: that is taken already.

    On S3 nothing counts as taken before it is a cut.
    """
    left = F("reserved_bytes") - F("received") if on_disk else F("reserved_bytes")
    uploads = Upload.objects.filter(state__in=COMING).aggregate(total=Sum(left))["total"]
    jobs = Job.objects.filter(state__in=OPEN_JOBS).aggregate(total=Sum("reserved_bytes"))["total"]
    return int(uploads or 0) + int(jobs or 0)


def stored_bytes() -> int:
    """What sources and sets of renditions take."""
    sources = Cut.objects.aggregate(total=Sum("source_bytes"))["total"]
    sets = RenditionSet.objects.aggregate(total=Sum("bytes"))["total"]
    arrived = Upload.objects.filter(state__in=COMING, place="disk").aggregate(
        total=Sum("received")
    )["total"]
    return int(sources or 0) + int(sets or 0) + int(arrived or 0)


def free_bytes() -> int:
    """Room left where sources and sets lie, or where they are made, less a reserve."""
    place = local(footage(), "") or Path(tempfile.gettempdir())
    while not place.exists():
        place = place.parent
    return shutil.disk_usage(place).free - SPARE
