"""Rendition sets in the storage: created aside, shown atomically, deleted as a whole."""

import contextlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid5

from django.db.models import Q, QuerySet
from django.db.utils import DatabaseError, InterfaceError
from django.utils.timezone import now

from videos.media.access import kept
from videos.media.errors import EncodeFailed, LeaseLost
from videos.media.models import Cut, Job, Rendition, RenditionSet, footage
from videos.media.renditions.sound_guards import why_sound_stays
from videos.media.storage.files import has_files, local, remove_within, send, settle
from videos.media.storage.workdir import work_folder
from videos.media.transcoding.pipeline import TranscodeResult

log = logging.getLogger(__name__)

FOLDER = "sets"
# More folders without a row than this, and than with one, hint at a wrong database
MANY = 40


def key_of(token: UUID, kind: str) -> UUID:
    """The key of the set that the worker with `token` makes."""
    return uuid5(token, kind)


@dataclass(frozen=True)
class Folder:
    """The folder of a new set. `path` is on the local disk, also if the storage is remote."""

    key: UUID
    path: Path

    def store(self) -> None:
        """Copy the files to the storage, or flush them to disk."""
        storage, name = footage(), f"{FOLDER}/{self.key}"
        if local(storage, name):
            settle(self.path)
        else:
            send(self.path, storage, name)


@contextmanager
def new_folder(key: UUID) -> Iterator[Folder]:
    """An empty folder for a new set. It is deleted if the block raises."""
    here = local(footage(), f"{FOLDER}/{key}")
    try:
        if here:
            here.mkdir(parents=True)
            yield Folder(key, here)
        else:
            with work_folder("set") as work:
                yield Folder(key, work)
    except BaseException:  # also when the worker is shut down
        discard(key)
        raise


def discard(key: UUID) -> None:
    """Delete the files of a new set, unless it was saved before the connection was lost.

    What fails is left to `remove_leftovers`.
    """
    try:
        if not RenditionSet.objects.filter(key=key).exists():
            remove(key)
    except (DatabaseError, InterfaceError):
        log.warning("database not reachable: the folder of set %s is deleted later", key)
    except Exception:  # any storage error, while another exception is raised
        log.warning("the folder of set %s is deleted later", key, exc_info=True)


def remove(key: UUID | str) -> None:
    """Delete the files of a set."""
    remove_within(footage(), f"{FOLDER}/{key}")


def record(cut: Cut, key: UUID, made: TranscodeResult, kind: str) -> RenditionSet:
    """Create the rows of a finished set whose files are stored."""
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
        audio_track=sound_of(cut, kind),
        width=best.width,
        height=best.height,
        seconds=f"{made.seconds:.3f}",
        bytes=made.bytes,
        ends_well=True,  # ensured by `pipeline.listed`
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
    """The audio track of a new set: the cut's, or that of the set it is copied from."""
    if kind == RenditionSet.Kind.AV1 and cut.current_set:
        return cut.current_set.audio_track
    return cut.audio_track


def replace(cut_id: int, renditions: RenditionSet) -> None:
    """Make a new set the cut's current one, or its AV1 set. Old sets stay for current viewers.

    A set that replaces a public one with the same audio track becomes public; one with another
    track only by publishing. An AV1 set is dropped with the set it belongs to. Call it in a
    transaction that locks the video. Raises EncodeFailed if the audio of an approved or public cut
    would change, LeaseLost for an AV1 set whose current set was replaced.
    """
    cut = Cut.objects.select_for_update().get(pk=cut_id)
    current = cut.current_set
    is_same = current is None or current.audio_track == renditions.audio_track
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
    start_grace_period(RenditionSet.objects.filter(pk__in=[pk for pk in old if pk]))
    RenditionSet.objects.filter(pk__in=[pk for pk in old if pk]).update(replaced_at=now())


def start_grace_period(sets: QuerySet[RenditionSet]) -> None:
    """Make sets private after a grace period for current viewers."""
    sets.filter(is_public=True).update(is_public=False, public_until=now() + kept())


def publish_set(cut: Cut) -> RenditionSet | None:
    """Make the cut's current set and AV1 set public, and other sets of its video private.

    Returns the current set, or None if there is none.
    """
    current = cut.current_set
    shown = [pk for pk in (cut.current_set_id, cut.second_set_id) if pk]
    start_grace_period(RenditionSet.objects.filter(cut__video=cut.video_id).exclude(pk__in=shown))
    RenditionSet.objects.filter(pk__in=shown).update(is_public=True)
    if current:
        current.is_public = True
    return current


def withdraw_set(cut: Cut) -> None:
    """Make all sets of a cut private immediately."""
    RenditionSet.objects.filter(cut=cut).update(is_public=False, public_until=None)


def remove_replaced() -> list[str]:
    """Delete replaced sets after their grace period; returns their keys.

    The row goes first: a folder without a row is cleaned up later, a row without a folder would be
    a broken video.
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
    """Delete folders that belong to no set and no running job; returns their names.

    The folders are listed before the rows are read, so that new ones have their rows. If most
    folders have no row, the database probably belongs to another storage, and nothing is deleted.
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
    """The folder names of all sets, and of those that running jobs may be making.

    Jobs are read first: the set of a job that ends in between is found by the second query.
    """
    running = list(Job.objects.filter(state=Job.State.RUNNING).values_list("token", flat=True))
    owned = {str(key) for key in RenditionSet.objects.values_list("key", flat=True)}
    kinds = RenditionSet.Kind.values
    return owned | {str(key_of(token, kind)) for token in running if token for kind in kinds}
