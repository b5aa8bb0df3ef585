"""The first set of a job: small, shown early, and partly reused in the full set."""

from collections.abc import Collection
from pathlib import Path

from django.conf import settings
from django.core.files.storage import Storage

from videos.media.jobs.outcome import ClaimedJob, finish
from videos.media.models import Cut, RenditionSet, footage
from videos.media.renditions.sets import new_folder
from videos.media.storage.files import fetch
from videos.media.transcoding import first_ladder, pipeline
from videos.media.transcoding.encode import ProgressCallback
from videos.media.transcoding.source_info import SourceInfo

# The share of a job's progress for the first set
SHARE = 0.2


def has_first(cut: Cut) -> bool:
    """Whether the cut shows a first set that can be reused: one with the chosen audio track."""
    current = cut.current_set
    if current is None or current.kind != RenditionSet.Kind.FIRST:
        return False
    return current.audio_track == cut.audio_track


def is_due(cut: Cut, facts: SourceInfo) -> bool:
    """Whether to make a first set: the source is long, and nothing is shown yet."""
    threshold = settings.FIRST_SET_SECONDS
    return cut.current_set is None and first_ladder.is_wanted(facts, threshold)


def show_first(claimed: ClaimedJob, source: Path, facts: SourceInfo) -> None:
    """Make the first set and show it. The job stays open. Raises EncodeFailed, LeaseLost."""
    kind = RenditionSet.Kind.FIRST
    key = claimed.key(kind)
    with new_folder(key) as folder:
        tell = part_of(claimed.lease.report_progress, 0, SHARE)
        made = pipeline.create_set(source, folder.path, facts, on_progress=tell, quick=True)
        folder.store()
        finish(claimed, key, made, kind=kind)


def part_of(tell: ProgressCallback, begin: float, end: float) -> ProgressCallback:
    """A `tell` that maps the progress of a step to the range from `begin` to `end`."""

    def part(done: float, speed: float | None) -> None:
        tell(begin + (end - begin) * done, speed)

    return part


def take_over(renditions: RenditionSet, facts: SourceInfo, folder: Path) -> None:
    """Copy audio and storyboard of a first set into `folder`."""
    own = {rung.folder for rung in first_ladder.first_rungs(facts)} | {
        *(renditions.master, renditions.poster, renditions.preview, renditions.download)
    }
    copy(footage(), renditions.folder, folder, leave_out=own)


def copy(storage: Storage, name: str, folder: Path, leave_out: Collection[str] = ()) -> None:
    """Copy a folder of a storage, without its entries named in `leave_out`."""
    folders, files = storage.listdir(name)
    for file in sorted(set(files).difference(leave_out)):
        fetch(storage, f"{name}/{file}", folder / file)
    for inner in sorted(set(folders).difference(leave_out)):
        (folder / inner).mkdir(exist_ok=True)
        copy(storage, f"{name}/{inner}", folder / inner)
