"""Room for sources and for the work on them: promised before the first byte, under one lock.

Whoever asks for room looks at what is free less what others were promised, and writes their own
promise before the lock is let go: two large files cannot fill the disk together.
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
from videos.media.sets import local

SPARE = 256 * 1024**2
COMING = (Upload.State.RECEIVING, Upload.State.CHECKING, Upload.State.TWIN)
OPEN_JOBS = (Job.State.QUEUED, Job.State.RUNNING)
LOCK = 4_201_018  # any number, so that it is always the same one
# Of the room that is left, what one person may keep for bytes that they have not sent
SHARE = Fraction(1, 2)
ALL = Fraction(1)
TOLD = 5  # of who keeps room, the names in a refusal


@dataclass(frozen=True)
class Holder:
    """Who keeps how many bytes of room, and since when; nobody (`who` is empty) for work."""

    who: str
    bytes: int
    since: datetime


@dataclass(frozen=True)
class Room:
    """What there is, in bytes: None where nothing limits it."""

    promised: int  # and not yet taken
    free: int | None  # on the disk
    quota: int | None
    stored: int = 0  # of the quota
    own: int = 0  # of what is promised: to who asks now, for what they have not sent
    holders: tuple[Holder, ...] = ()  # of what is promised, the largest first

    @property
    def left(self) -> int | None:
        """What can be promised now; None where nothing limits it."""
        disk = [] if self.free is None else [self.free]
        quota = [] if self.quota is None else [self.quota - self.stored]
        return min(disk + quota) - self.promised if disk + quota else None


def work_bytes(size: int) -> int:
    """Room for the renditions of a source of `size` bytes, and for making them."""
    return size


def needed_bytes(size: int) -> int:
    """Room for a source of `size` bytes and for the work on it."""
    return size + work_bytes(size)


def why_not(size: int, room: Room, share: Fraction = ALL) -> tuple[str, str] | None:
    """The code and the words of a refusal of `size` bytes; None where they find room.

    Who asks may keep `share` of the room that is left for what they have not sent.
    """
    if size > settings.MAX_UPLOAD_BYTES:
        words = _("The file is %(size)s; the studio takes up to %(most)s.")
        return "too_large", words % figures(size=size, most=settings.MAX_UPLOAD_BYTES)
    needed = needed_bytes(size)
    if room.free is not None and needed > room.free - room.promised:
        told = figures(needed=needed, free=max(0, room.free), promised=room.promised)
        return "no_room", " ".join([no_room(room) % told, *for_whom(room.holders)])
    if room.quota is not None and needed > room.quota - room.stored - room.promised:
        told = figures(needed=needed, quota=room.quota, stored=room.stored, promised=room.promised)
        return "quota", " ".join([over_quota(room) % told, *for_whom(room.holders)])
    if share < ALL and room.left is not None:
        most = int((room.left + room.own) * share)
        if room.own + needed > most:
            told = figures(needed=needed, most=max(0, most), own=room.own)
            return "share", over_share(room) % told
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


def over_share(room: Room) -> str:
    """The words for one person who would keep too much of the room."""
    if room.own:
        return _(
            "The file and the work on it need %(needed)s. Of the room that is left, the studio "
            "keeps up to half for what one person has not sent yet: %(most)s, and %(own)s of it "
            "are kept for you already. Send or give up what you announced, or let a producer "
            "upload the file."
        )
    return _(
        "The file and the work on it need %(needed)s. Of the room that is left, the studio "
        "keeps up to half for what one person has not sent yet: %(most)s. Let a producer upload "
        "the file."
    )


def for_whom(holders: Sequence[Holder]) -> list[str]:
    """Sentences about who keeps room, and what can be done about it; none where nobody does."""
    if not holders:
        return []
    told = [in_words(holder) for holder in holders[:TOLD]]
    if more := sum(holder.bytes for holder in holders[TOLD:]):
        told.append(_("%(size)s for others") % figures(size=more))
    sentences = [_("Kept are %(list)s.") % {"list": "; ".join(told)}]
    if any(holder.who for holder in holders):
        sentences.append(_("Producers can end uploads on the page “Cuts”."))
    return sentences


def in_words(holder: Holder) -> str:
    """How much is kept for whom, and since when."""
    told = figures(size=holder.bytes) | {
        "who": holder.who,
        "when": date_format(localtime(holder.since), "j M, H:i"),
    }
    if holder.who:
        return _("%(size)s for %(who)s since %(when)s") % told
    return _("%(size)s for the work on cuts since %(when)s") % told


def figures(**sizes: int) -> dict[str, str]:
    """Sizes as people read them."""
    return {name: filesizeformat(size) for name, size in sizes.items()}


def refuse_size(size: int, *, by: User) -> None:
    """Raises UploadRefused where `size` bytes of `by`, and their work, would not find room now."""
    if refusal := why_not(size, room_left(by), ALL if may_end_any_upload(by) else SHARE):
        raise UploadRefused(refusal[1], code=refusal[0])


def reserve(size: int, *, by: User) -> int:
    """The bytes to write down as promised. Raises UploadRefused.

    Within a transaction: the lock is held to its end, so that the promise is seen by the next.
    """
    lock()
    refuse_size(size, by=by)
    return needed_bytes(size)


def lock() -> None:
    """One at a time, to the end of the transaction. SQLite's transactions are that already."""
    assert transaction.get_connection().in_atomic_block
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def room_left(by: User) -> Room:
    """What there is at this moment, for who asks."""
    on_disk = local(footage(), "") is not None
    quota = settings.STORAGE_QUOTA_BYTES or None
    holders = held(on_disk=on_disk)
    return Room(
        promised=sum(holder.bytes for holder in holders),
        free=free_bytes() if on_disk or not settings.TRANSCODE_CLUSTER else None,
        quota=quota,
        stored=stored_bytes() if quota else 0,
        own=unsent_bytes(by),
        holders=holders,
    )


def held(*, on_disk: bool) -> tuple[Holder, ...]:
    """What uploads and jobs were promised, less what has arrived: that is taken already.

    On S3 nothing counts as taken before it is a cut.
    """
    left = F("reserved_bytes") - F("received") if on_disk else F("reserved_bytes")
    coming = Upload.objects.filter(state__in=COMING).order_by().values("by")
    rows = {row["by"]: row for row in coming.annotate(left=Sum(left), since=Min("started_at"))}
    holders = [
        Holder(str(user), rows[user.pk]["left"], rows[user.pk]["since"])
        for user in User.objects.filter(pk__in=rows)
    ]
    work = Job.objects.filter(state__in=OPEN_JOBS, reserved_bytes__gt=0).aggregate(
        left=Sum("reserved_bytes"), since=Min("queued_at")
    )
    if work["left"]:
        holders.append(Holder("", work["left"], work["since"]))
    return tuple(sorted(holders, key=lambda holder: -holder.bytes))


def unsent_bytes(by: User) -> int:
    """What is kept for what a person announced and has not sent, and for the work on it."""
    waiting = Upload.objects.filter(by=by, state=Upload.State.RECEIVING)
    return needed_bytes(waiting.aggregate(left=Sum(F("bytes") - F("received")))["left"] or 0)


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
