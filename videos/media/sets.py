"""Sets of renditions where they are kept: made aside, shown at once, taken away whole."""

import contextlib
import logging
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid5

from django.conf import settings
from django.core.files import File
from django.core.files.storage import Storage
from django.db.models import Q, QuerySet
from django.db.utils import DatabaseError, InterfaceError
from django.utils.timezone import now

from videos.media import bucket
from videos.media.errors import EncodeFailed, LeaseLost
from videos.media.models import Cut, Job, Rendition, RenditionSet, footage
from videos.media.pipeline import Made
from videos.media.sound_guards import why_sound_stays
from videos.media.workplaces import workplace

log = logging.getLogger(__name__)

FOLDER = "sets"
# More folders without an owner than this, and than owned ones, are no accident of a worker
MANY = 40
AT_ONCE = 8  # files on their way to a storage elsewhere
LARGE = 32 * 1024**2  # bytes of one that takes a while


def key_of(token: UUID, kind: str) -> UUID:
    """The key of the set of a kind that the holder of `token` makes."""
    return uuid5(token, kind)


def local(storage: Storage, name: str) -> Path | None:
    """Where a file lies on this machine's disk; None in a storage elsewhere."""
    try:
        return Path(storage.path(name))
    except NotImplementedError:
        return None


@contextmanager
def local_copy(name: str) -> Iterator[Path]:
    """A file of the footage storage on this machine's disk: itself, or a copy for a while."""
    storage = footage()
    if here := local(storage, name):
        yield here
        return
    with workplace("source") as folder:
        fetch(storage, name, folder / "source")
        yield folder / "source"


def fetch(storage: Storage, name: str, path: Path) -> None:
    """Copy a file of a storage elsewhere to this machine's disk."""
    if bucket.is_bucket(storage):
        bucket.download(storage, name, path)
        return
    with storage.open(name) as original, path.open("wb") as copy:
        shutil.copyfileobj(original, copy, 1024**2)


@dataclass(frozen=True)
class Folder:
    """The folder of a set to be. `path` is on this machine's disk: its own place, or beside it."""

    key: UUID
    path: Path

    def store(self) -> None:
        """Everything is where the set will be served from, and survives a loss of power."""
        storage, name = footage(), f"{FOLDER}/{self.key}"
        if local(storage, name):
            settle(self.path)
        else:
            send(self.path, storage, name)


@contextmanager
def new_folder(key: UUID) -> Iterator[Folder]:
    """The empty folder of a set to be. If the block ends badly, nothing of it is left."""
    here = local(footage(), f"{FOLDER}/{key}")
    try:
        if here:
            here.mkdir(parents=True)
            yield Folder(key, here)
        else:
            with workplace("set") as work:
                yield Folder(key, work)
    except BaseException:  # also when the worker is told to stop
        discard(key)
        raise


def discard(key: UUID) -> None:
    """Take away what was made for a set, unless it is shown: the answer may have been lost.

    What cannot be looked up or reached now is left to the sweep.
    """
    try:
        if not RenditionSet.objects.filter(key=key).exists():
            remove(key)
    except (DatabaseError, InterfaceError):
        log.warning("the database is away: the folder of set %s is left to the sweep", key)
    except Exception:  # any error of any storage, while another error is on its way up
        log.warning("the folder of set %s is left to the sweep", key, exc_info=True)


def settle(folder: Path) -> None:
    """Have the disk keep all files of a folder, and their names."""
    for path in [*folder.rglob("*"), folder, folder.parent]:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def send(work: Path, storage: Storage, name: str) -> None:
    """Copy a finished folder into a storage elsewhere, several files at once: most are small.

    An hour of video is some thousand segments, and each costs a round trip or two. What is large
    goes by itself, so that nobody waits for it who is told to stop.
    """

    def send_one(path: Path) -> None:
        with path.open("rb") as file:
            storage.save(f"{name}/{path.relative_to(work).as_posix()}", File(file))

    files = sorted(path for path in work.rglob("*") if path.is_file())
    large = [path for path in files if path.stat().st_size > LARGE]
    senders = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="send")
    try:
        for _sent in senders.map(send_one, [path for path in files if path not in large]):
            pass
    finally:
        senders.shutdown(cancel_futures=True)
    for path in large:
        send_one(path)


def has_files(storage: Storage, folder: str) -> bool:
    """Whether a folder that is listed is really there; on a disk it is."""
    return not bucket.is_bucket(storage) or bucket.has_files(storage, folder)


def remove(key: UUID | str) -> None:
    """Take a set's files away, as many as are there."""
    remove_within(footage(), f"{FOLDER}/{key}")


def remove_within(storage: Storage, name: str) -> None:
    """Take away everything below a folder of a storage."""
    if here := local(storage, name):
        shutil.rmtree(here, ignore_errors=True)
        return
    if bucket.is_bucket(storage):
        bucket.remove_folder(storage, name)
        return
    folders, files = storage.listdir(name)
    for file in files:
        storage.delete(f"{name}/{file}")
    for folder in folders:
        remove_within(storage, f"{name}/{folder}")


def record(cut: Cut, key: UUID, made: Made, kind: str) -> RenditionSet:
    """The rows of a finished set whose files lie in its folder; `cut` as its maker knew it."""
    best = made.renditions[0]
    renditions = RenditionSet.objects.create(
        key=key,
        cut=cut,
        kind=kind,
        master=made.master,
        poster=made.poster,
        storyboard=made.storyboard,
        preview=made.preview,
        download=made.download,
        sound_track=sound_of(cut, kind),
        width=best.width,
        height=best.height,
        seconds=f"{made.seconds:.3f}",
        bytes=made.bytes,
        ends_well=True,  # `pipeline.listed` saw to it
    )
    Rendition.objects.bulk_create(
        Rendition(
            set=renditions,
            width=rendition.width,
            height=rendition.height,
            bitrate=rendition.average,
            codecs=rendition.codecs,
            path=rendition.path,
        )
        for rendition in made.renditions
    )
    return renditions


def sound_of(cut: Cut, kind: str) -> int | None:
    """Which track is heard in a set that is made: the cut's, or what it is copied from."""
    if kind == RenditionSet.Kind.AV1 and cut.current_set:
        return cut.current_set.sound_track
    return cut.sound_track


def replace(cut_id: int, renditions: RenditionSet) -> None:
    """Point the cut to a new set. Those before stay for those who are playing them.

    If anyone could play what was current, anyone can play the new one with the same content, of
    either kind; what sounds otherwise is open by publishing alone. A second set goes with the one
    it was made beside. Call it in a transaction that holds the video. Raises EncodeFailed where
    what people have, or approved, would sound otherwise, and LeaseLost for a second set beside one
    that is gone.
    """
    cut = Cut.objects.select_for_update().get(pk=cut_id)
    current = cut.current_set
    is_same = current is None or current.sound_track == renditions.sound_track
    old = [cut.second_set_id]
    if not is_same and renditions.kind == RenditionSet.Kind.AV1:
        raise LeaseLost
    if not is_same and (reason := why_sound_stays(cut)):
        raise EncodeFailed(reason, "settled")
    if renditions.kind == RenditionSet.Kind.AV1:
        cut.second_set = renditions
    else:
        old.append(cut.current_set_id)
        cut.current_set, cut.second_set = renditions, None
    cut.save(update_fields=["current_set", "second_set"])
    if current and current.is_public and is_same:
        renditions.is_public = True
        renditions.save(update_fields=["is_public"])
    let_play_on(RenditionSet.objects.filter(pk__in=[pk for pk in old if pk]))
    RenditionSet.objects.filter(pk__in=[pk for pk in old if pk]).update(replaced_at=now())


def kept() -> timedelta:
    """How long a set stays that another one took the place of."""
    return timedelta(hours=settings.SET_KEEP_HOURS)


def let_play_on(sets: QuerySet[RenditionSet]) -> None:
    """Make sets private, but for those who may be in the middle of playing them."""
    sets.filter(is_public=True).update(is_public=False, public_until=now() + kept())


def is_for_anyone(renditions: RenditionSet) -> bool:
    """Whether anyone may play a set: it is public, or was a short while ago."""
    until = renditions.public_until
    return renditions.is_public or (until is not None and until > now())


def is_shown(renditions: RenditionSet) -> bool:
    """Whether a set is what its cut shows (any of them), or was a short while ago."""
    cut, replaced = renditions.cut, renditions.replaced_at
    if renditions.pk in (cut.current_set_id, cut.second_set_id):
        return True
    return replaced is not None and replaced > now() - kept()


def publish_set(cut: Cut) -> RenditionSet | None:
    """Let anyone play the cut's current set, and no other set of its video. None: it has none.

    Its set in AV1, where there is one, is part of what is current.
    """
    current = cut.current_set
    shown = [pk for pk in (cut.current_set_id, cut.second_set_id) if pk]
    let_play_on(RenditionSet.objects.filter(cut__video=cut.video_id).exclude(pk__in=shown))
    RenditionSet.objects.filter(pk__in=shown).update(is_public=True)
    if current:
        current.is_public = True
    return current


def withdraw_set(cut: Cut) -> None:
    """Let nobody but staff play the cut's sets any more, from this moment."""
    RenditionSet.objects.filter(cut=cut).update(is_public=False, public_until=None)


def remove_replaced() -> list[str]:
    """Take away the sets that nobody can be playing any more; returns their keys.

    The row goes first: a folder without a row is found by the sweep, a row without a folder
    would be a broken video.
    """
    over = RenditionSet.objects.filter(
        Q(public_until__isnull=True) | Q(public_until__lt=now()),
        replaced_at__lt=now() - kept(),
        is_public=False,
    )
    removed = []
    for pk, key in list(over.values_list("pk", "key")):
        if Cut.objects.filter(Q(current_set=pk) | Q(second_set=pk)).exists():
            continue
        if over.filter(pk=pk).delete()[0]:
            with contextlib.suppress(OSError):
                remove(key)
            removed.append(str(key))
    return removed


def remove_leftovers() -> list[str]:
    """Take away the folders that neither a set nor a running job owns; returns their names.

    The folders are listed first: what was made meanwhile is not among them. Where most of what is
    there has no owner, the database is likely another one than the storage's, and nothing goes.
    """
    try:
        there, _files = footage().listdir(FOLDER)
    except FileNotFoundError:
        return []
    owned = owned_folders()
    unowned = sorted(set(there) - owned)
    leftovers = [name for name in unowned if has_files(footage(), f"{FOLDER}/{name}")]
    if len(leftovers) > max(MANY, len(owned)):
        log.error("%d of %d sets have no row: none is removed", len(leftovers), len(there))
        return []
    for name in leftovers:
        remove(name)
    return leftovers


def owned_folders() -> set[str]:
    """The names of the folders of all sets, and of those that running jobs may be making.

    The jobs are asked for first: one that ends between the two questions has its set by the second.
    """
    running = list(Job.objects.filter(state=Job.State.RUNNING).values_list("token", flat=True))
    owned = {str(key) for key in RenditionSet.objects.values_list("key", flat=True)}
    kinds = RenditionSet.Kind.values
    return owned | {str(key_of(token, kind)) for token in running if token for kind in kinds}
