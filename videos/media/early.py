"""The first set of a job: made before the full one, shown at once, and taken from later."""

from collections.abc import Collection
from pathlib import Path

from django.conf import settings
from django.core.files.storage import Storage

from videos.media import first, graph, pipeline
from videos.media.encode import Tell
from videos.media.ending import Held, finish
from videos.media.facts import Facts
from videos.media.models import Cut, RenditionSet, footage
from videos.media.sets import fetch, new_folder

# The part of a job's progress that the first set takes
SHARE = 0.2


def has_first(cut: Cut) -> bool:
    """Whether the cut shows a first set, made by this attempt or one before it.

    One with another sound than is wanted now is none to go on from.
    """
    current = cut.current_set
    if current is None or current.kind != RenditionSet.Kind.FIRST:
        return False
    return current.sound_track == cut.sound_track


def is_due(cut: Cut, facts: Facts) -> bool:
    """Whether a first set is to be made: of a long source, of which nothing is shown yet."""
    threshold = settings.FIRST_SET_SECONDS
    return cut.current_set is None and first.is_wanted(facts, threshold)


def show_first(held: Held, source: Path, facts: Facts) -> None:
    """Make the first set and show it. The job goes on. Raises EncodeFailed, LeaseLost."""
    kind = RenditionSet.Kind.FIRST
    key = held.key(kind)
    with new_folder(key) as folder:
        tell = part_of(held.lease.tell, 0, SHARE)
        made = pipeline.make(source, folder.path, facts, tell=tell, quick=True)
        folder.store()
        finish(held, key, made, kind=kind)


def part_of(tell: Tell, begin: float, end: float) -> Tell:
    """A `tell` for a part of the work: all of the part is from `begin` to `end` of the whole."""

    def part(done: float, speed: float | None) -> None:
        tell(begin + (end - begin) * done, speed)

    return part


def take_over(renditions: RenditionSet, facts: Facts, folder: Path) -> None:
    """Copy into `folder` what a first set shares with the full one: sound and storyboard."""
    own = {graph.name(rung) for rung in first.rungs(facts)} | {
        *(renditions.master, renditions.poster, renditions.preview, renditions.download)
    }
    copy(footage(), renditions.folder, folder, leave_out=own)


def copy(storage: Storage, name: str, folder: Path, leave_out: Collection[str] = ()) -> None:
    """Copy a folder of a storage, but for what `leave_out` names directly in it."""
    folders, files = storage.listdir(name)
    for file in sorted(set(files).difference(leave_out)):
        fetch(storage, f"{name}/{file}", folder / file)
    for inner in sorted(set(folders).difference(leave_out)):
        (folder / inner).mkdir(exist_ok=True)
        copy(storage, f"{name}/{inner}", folder / inner)
