"""Sets of renditions where they are kept: made aside, shown at once, taken away whole."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from django.core.files import File
from django.core.files.storage import Storage

from videos.media.models import Cut, Job, Rendition, RenditionSet, footage
from videos.media.pipeline import Made

FOLDER = "sets"


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
    with tempfile.NamedTemporaryFile() as copy, storage.open(name) as original:
        shutil.copyfileobj(original, copy, 1024**2)
        copy.flush()
        yield Path(copy.name)


@contextmanager
def new_folder(key: UUID) -> Iterator[Path]:
    """The empty folder of a set to be; kept if the block ends well, else nothing of it is left."""
    storage, name = footage(), f"{FOLDER}/{key}"
    here = local(storage, name)
    if here:
        here.mkdir(parents=True)
    work = here or Path(tempfile.mkdtemp(prefix="set-"))
    try:
        yield work
        if not here:
            send(work, storage, name)
    except BaseException:  # also when the worker is told to stop
        remove(key)
        raise
    finally:
        if not here:
            shutil.rmtree(work, ignore_errors=True)


def send(work: Path, storage: Storage, name: str) -> None:
    """Copy a finished folder into a storage elsewhere."""
    for path in sorted(work.rglob("*")):
        if path.is_file():
            with path.open("rb") as file:
                storage.save(f"{name}/{path.relative_to(work).as_posix()}", File(file))


def remove(key: UUID | str) -> None:
    """Take a set's files away, as many as are there."""
    storage, name = footage(), f"{FOLDER}/{key}"
    if here := local(storage, name):
        shutil.rmtree(here, ignore_errors=True)
    else:
        remove_within(storage, name)


def remove_within(storage: Storage, name: str) -> None:
    """Take away everything below a folder of a storage."""
    folders, files = storage.listdir(name)
    for file in files:
        storage.delete(f"{name}/{file}")
    for folder in folders:
        remove_within(storage, f"{name}/{folder}")


def remove_leftovers() -> list[str]:
    """Take away the folders that neither a set nor a running job owns; returns their names.

    A job's token is the key of the set it makes. The folders are listed first: what was made
    meanwhile is not among them.
    """
    try:
        there, _files = footage().listdir(FOLDER)
    except FileNotFoundError:
        return []
    owned = {str(key) for key in RenditionSet.objects.values_list("key", flat=True)}
    running = Job.objects.filter(state=Job.State.RUNNING)
    owned |= {str(token) for token in running.values_list("token", flat=True)}
    leftovers = sorted(set(there) - owned)
    for name in leftovers:
        remove(name)
    return leftovers


def record(cut: Cut, key: UUID, made: Made) -> RenditionSet:
    """The rows of a finished set whose files lie in its folder."""
    best = made.renditions[0]
    renditions = RenditionSet.objects.create(
        key=key,
        cut=cut,
        master=made.master,
        poster=made.poster,
        storyboard=made.storyboard,
        preview=made.preview,
        download=made.download,
        width=best.width,
        height=best.height,
        seconds=f"{made.seconds:.3f}",
        bytes=made.bytes,
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


def publish_set(cut: Cut) -> RenditionSet | None:
    """Let anyone play the cut's current set, and no other set of its video. None: it has none."""
    current = cut.current_set
    others = RenditionSet.objects.filter(cut__video=cut.video_id, is_public=True)
    if current is None:
        others.update(is_public=False)
    else:
        others.exclude(pk=current.pk).update(is_public=False)
        RenditionSet.objects.filter(pk=current.pk).update(is_public=True)
        current.is_public = True
    return current


def withdraw_set(cut: Cut) -> None:
    """Let nobody but staff play the cut's sets any more."""
    RenditionSet.objects.filter(cut=cut).update(is_public=False)
