"""Reservation of disk space for sources and their processing, before the first byte arrives.

A reservation is made under a lock, against the free space less all other reservations, so that two
large files cannot fill the disk together.
"""

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Min, Sum
from django.template.defaultfilters import filesizeformat
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from studio.people.models import User
from videos.media.access import may_end_any_upload
from videos.media.errors import UploadRefused
from videos.media.models import Cut, Job, RenditionSet, Upload, footage
from videos.media.storage.files import local

SPARE = 256 * 1024**2
LOCK = 4_201_018  # arbitrary, but always the same
# The share of the free space that one person may reserve for bytes not sent yet
SHARE = Fraction(1, 2)
ALL = Fraction(1)
SHOWN_HOLDERS = 5  # names in a refusal
MOST_UNBEGUN = 20  # uploads of one person that have not started


@dataclass(frozen=True)
class Holder:
    """A reservation: for whom (empty for processing), how many bytes, and since when."""

    who: str
    bytes: int
    since: datetime


@dataclass(frozen=True)
class Space:
    """Free, used and reserved space, in bytes. None means unlimited."""

    promised: int  # reserved, and not used yet
    free: int | None  # on disk
    quota: int | None
    stored: int = 0  # used of the quota
    own: int = 0  # reserved for the person who asks, for bytes not sent yet
    holders: tuple[Holder, ...] = ()  # the reservations, largest first

    @property
    def left(self) -> int | None:
        """What can be reserved now; None if unlimited."""
        disk = [] if self.free is None else [self.free]
        quota = [] if self.quota is None else [self.quota - self.stored]
        return min(disk + quota) - self.promised if disk + quota else None


def work_bytes(size: int) -> int:
    """The space in bytes for processing a source of `size` bytes."""
    return size


def needed_bytes(size: int) -> int:
    """The space in bytes for a source of `size` bytes and its processing."""
    return size + work_bytes(size)


def refusal_for(size: int, space: Space, share: Fraction = ALL) -> tuple[str, str] | None:
    """(code, message) of the refusal of a file of `size` bytes; None if it fits.

    `share` is the part of the free space that the person may reserve for bytes not sent yet.
    """
    if size > settings.MAX_UPLOAD_BYTES:
        words = _("The file is %(size)s. The studio accepts up to %(most)s.")
        return "too_large", words % figures(size=size, most=settings.MAX_UPLOAD_BYTES)
    needed = needed_bytes(size)
    if space.free is not None and needed > space.free - space.promised:
        told = figures(needed=needed, free=max(0, space.free), promised=space.promised)
        return "no_room", " ".join([no_room(space) % told, *for_whom(space.holders)])
    if space.quota is not None and needed > space.quota - space.stored - space.promised:
        told = figures(
            needed=needed, quota=space.quota, stored=space.stored, promised=space.promised
        )
        return "quota", " ".join([over_quota(space) % told, *for_whom(space.holders)])
    if share < ALL and space.left is not None:
        most = int((space.left + space.own) * share)
        if space.own + needed > most:
            told = figures(needed=needed, most=max(0, most), own=space.own)
            return "share", over_share(space) % told
    return None


def no_room(space: Space) -> str:
    """The message for a full disk."""
    if space.promised:
        return _(
            "The file and its processing need %(needed)s. The studio's disk has %(free)s left, "
            "of which %(promised)s are reserved for other uploads and their processing."
        )
    return _("The file and its processing need %(needed)s. The studio's disk has %(free)s left.")


def over_quota(space: Space) -> str:
    """The message for a full quota."""
    if space.promised:
        return _(
            "The file and its processing need %(needed)s. The studio may store %(quota)s: "
            "%(stored)s are used, and %(promised)s are reserved for other uploads and their "
            "processing."
        )
    return _(
        "The file and its processing need %(needed)s. The studio may store %(quota)s, "
        "and %(stored)s are used."
    )


def over_share(space: Space) -> str:
    """The message for a person who would reserve too much."""
    if space.own:
        return _(
            "The file and its processing need %(needed)s. One person can reserve up to half of "
            "the free space: %(most)s, of which %(own)s are reserved for you already. Finish or "
            "cancel your other uploads, or ask a producer to upload the file."
        )
    return _(
        "The file and its processing need %(needed)s. One person can reserve up to half of the "
        "free space: %(most)s. Ask a producer to upload the file."
    )


def for_whom(holders: Sequence[Holder]) -> list[str]:
    """Sentences about who has reserved space, and what to do; empty if nobody has."""
    if not holders:
        return []
    told = [in_words(holder) for holder in holders[:SHOWN_HOLDERS]]
    if more := sum(holder.bytes for holder in holders[SHOWN_HOLDERS:]):
        told.append(_("%(size)s for others") % figures(size=more))
    sentences = [_("Reserved: %(list)s.") % {"list": "; ".join(told)}]
    if any(holder.who for holder in holders):
        sentences.append(_("Producers can cancel uploads on the page “Cuts”."))
    return sentences


def in_words(holder: Holder) -> str:
    """The description of a reservation."""
    told = figures(size=holder.bytes) | {
        "who": holder.who,
        "when": date_format(localtime(holder.since), _("j M, H:i")),
    }
    if holder.who:
        return _("%(size)s for %(who)s since %(when)s") % told
    return _("%(size)s for processing since %(when)s") % told


def figures(**sizes: int) -> dict[str, str]:
    """Formatted sizes."""
    return {name: filesizeformat(size) for name, size in sizes.items()}


def refuse_more_unbegun(by: User) -> None:
    """Raise UploadRefused if a person has too many uploads that have not started."""
    waiting = Upload.objects.filter(by=by, state=Upload.State.RECEIVING, received=0).count()
    if waiting >= MOST_UNBEGUN:
        text = _(
            "You have %(n)d uploads that have not started yet. Finish or cancel some of them "
            "first, then add this one."
        )
        raise UploadRefused(text % {"n": waiting}, code="too_many")


def refuse_size(size: int, *, by: User) -> None:
    """Raise UploadRefused if a file of `size` bytes does not fit now."""
    if refusal := refusal_for(size, available_space(by), ALL if may_end_any_upload(by) else SHARE):
        raise UploadRefused(refusal[1], code=refusal[0])


def reserve(size: int, *, by: User) -> int:
    """The number of bytes to save as reserved. Raises UploadRefused.

    Call it in a transaction and save the reservation there: the lock is held to its end.
    """
    lock()
    refuse_more_unbegun(by)
    refuse_size(size, by=by)
    return needed_bytes(size)


def lock() -> None:
    """Lock reservations to the end of the transaction. SQLite's transactions do that already."""
    assert transaction.get_connection().in_atomic_block
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def available_space(by: User) -> Space:
    """The current space, for a person who asks."""
    on_disk = local(footage(), "") is not None
    quota = settings.STORAGE_QUOTA_BYTES or None
    holders = reserved_by(on_disk=on_disk)
    return Space(
        promised=sum(holder.bytes for holder in holders),
        free=free_bytes() if on_disk or not settings.TRANSCODE_CLUSTER else None,
        quota=quota,
        stored=stored_bytes() if quota else 0,
        own=unsent_bytes(by),
        holders=holders,
    )


def reserved_by(*, on_disk: bool) -> tuple[Holder, ...]:
    """The reservations of uploads and jobs, less bytes that have arrived on disk.

    On S3, bytes count as used only once they are a cut.
    """
    left = F("reserved_bytes") - F("received") if on_disk else F("reserved_bytes")
    coming = Upload.objects.filter(state__in=Upload.OPEN).order_by().values("by")
    rows = {row["by"]: row for row in coming.annotate(left=Sum(left), since=Min("started_at"))}
    holders = [
        Holder(str(user), rows[user.pk]["left"], rows[user.pk]["since"])
        for user in User.objects.filter(pk__in=rows)
    ]
    work = Job.objects.filter(state__in=Job.OPEN, reserved_bytes__gt=0).aggregate(
        left=Sum("reserved_bytes"), since=Min("queued_at")
    )
    if work["left"]:
        holders.append(Holder("", work["left"], work["since"]))
    return tuple(sorted(holders, key=lambda holder: -holder.bytes))


def unsent_bytes(by: User) -> int:
    """What is reserved for bytes that a person has not sent yet, and for their processing."""
    waiting = Upload.objects.filter(by=by, state=Upload.State.RECEIVING)
    return needed_bytes(waiting.aggregate(left=Sum(F("bytes") - F("received")))["left"] or 0)


def stored_bytes() -> int:
    """The space that sources, rendition sets and open uploads use."""
    sources = Cut.objects.aggregate(total=Sum("source_bytes"))["total"]
    sets = RenditionSet.objects.aggregate(total=Sum("bytes"))["total"]
    arrived = Upload.objects.filter(state__in=Upload.OPEN, backend=Upload.Backend.DISK).aggregate(
        total=Sum("received")
    )["total"]
    return int(sources or 0) + int(sets or 0) + int(arrived or 0)


def free_bytes() -> int:
    """The free disk space for footage or temporary files, less a spare amount."""
    folder = local(footage(), "") or Path(tempfile.gettempdir())
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free - SPARE
