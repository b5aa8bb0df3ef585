"""Takes sources in: whole and with their checksum, or not at all."""

import hashlib
import logging
import os
import shutil
import tempfile
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.core.files import File
from django.core.files.storage import Storage
from django.db import transaction
from django.db.models import Max, Sum
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _

from studio.people.models import User
from videos.media.errors import SourceRefused, UploadRefused
from videos.media.models import Cut, Job, footage
from videos.media.probe import probe
from videos.media.sets import local, local_copy
from videos.media.tasks import enqueue
from videos.planning.models import Stage, Video

log = logging.getLogger(__name__)

TAKES_CUTS = (Stage.SHOT, Stage.EDITING, Stage.REVIEW, Stage.APPROVED, Stage.PUBLISHED)
CHUNK = 1024**2
SPARE = 256 * 1024**2


def receive(video: Video, file: File, *, by: User) -> Cut:
    """Store a source and have it transcoded; the new cut is *waiting*, or *refused* with a reason.

    Nothing that `file` says of itself is believed but its content. Raises UploadRefused, and then
    nothing of it is kept.
    """
    refuse_stage(video)
    refuse_size(file.size)
    storage = footage()
    reading = Checked(file)
    name = f"sources/{uuid4()}"
    try:
        if not local(storage, name):  # it reads in its own way, and some of it twice
            deque(reading.chunks(), maxlen=0)
        name = storage.save(name, reading)
        refuse_partial(storage, name, reading, file.size)
        return record(video, name, file, reading, by=by)
    except BaseException:  # also when the worker is told to stop
        storage.delete(name)
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
    """Raises UploadRefused where a video takes no cut in its stage."""
    if video.stage not in TAKES_CUTS:
        raise UploadRefused(
            _("“%(title)s” takes no cut while its stage is “%(stage)s”.")
            % {"title": video.title, "stage": video.get_stage_display()},
            code="stage",
        )


def refuse_size(size: int) -> None:
    """Raises UploadRefused where `size` bytes, and the work on them, would not find room."""
    if size > settings.MAX_UPLOAD_BYTES:
        raise UploadRefused(
            _("The file is %(size)s; the studio takes up to %(most)s.")
            % {
                "size": filesizeformat(size),
                "most": filesizeformat(settings.MAX_UPLOAD_BYTES),
            },
            code="too_large",
        )
    free, needed = free_bytes(), needed_bytes(size)
    if needed > free:
        raise UploadRefused(
            _("The file and the work on it need %(needed)s; the studio's disk has %(free)s left.")
            % {"needed": filesizeformat(needed), "free": filesizeformat(max(0, free))},
            code="no_room",
        )


def needed_bytes(size: int) -> int:
    """Room for a source of `size` bytes, for its renditions, and for those of the cuts before."""
    waiting = Job.objects.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING])
    promised = waiting.aggregate(total=Sum("cut__source_bytes"))["total"] or 0
    return 2 * size + int(promised)


def free_bytes() -> int:
    """Room left where sources and sets lie, or where they are made, less a reserve."""
    place = local(footage(), "") or Path(tempfile.gettempdir())
    while not place.exists():
        place = place.parent
    return shutil.disk_usage(place).free - SPARE


def refuse_partial(storage: Storage, name: str, reading: Checked, size: int) -> None:
    """Raises UploadRefused unless all of the file is stored, on the disk itself."""
    if here := local(storage, name):
        with here.open("rb") as written:
            os.fsync(written.fileno())
    if not size == reading.count == storage.size(name):
        log.error("upload of %d bytes: %d read, %d stored", size, reading.count, storage.size(name))
        raise UploadRefused(_("The upload broke off: upload the file again."), code="partial")


def record(video: Video, name: str, file: File, reading: Checked, *, by: User) -> Cut:
    """The rows of a stored source: a cut, and a job unless it is no video."""
    facts, reason = looked_at(name)
    with transaction.atomic():
        video = Video.objects.select_for_update().get(pk=video.pk)
        refuse_stage(video)
        last = video.cuts.aggregate(last=Max("number"))["last"] or 0
        cut = Cut.objects.create(
            video=video,
            number=last + 1,
            state=Cut.State.REFUSED if reason else Cut.State.WAITING,
            reason=reason,
            source=name,
            source_name=shown_name(file.name),
            source_bytes=reading.count,
            sha256=reading.sum.hexdigest(),
            facts=facts,
            uploaded_by=by,
            uploaded_at=timezone.now(),
        )
        if not reason:
            enqueue(Job.objects.create(cut=cut))
    log.info("cut %s of video %s: %s bytes, %s", cut.pk, video.pk, cut.source_bytes, cut.state)
    return cut


def looked_at(name: str) -> tuple[dict[str, object], str]:
    """What is in a stored source, and why it is refused; one of them is empty."""
    try:
        with local_copy(name) as source:
            return probe(source).as_values(), ""
    except SourceRefused as refusal:
        return {}, str(refusal)


def shown_name(name: str | None) -> str:
    """The file's own name, for people: without folders and what cannot be printed."""
    base = (name or "").replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in base if letter.isprintable())[-255:] or _("unnamed")
