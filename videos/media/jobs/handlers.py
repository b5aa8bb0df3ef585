"""The handler of each kind of job."""

import logging
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

from django.conf import settings

from videos.media.jobs import av1, first_set, parallel
from videos.media.jobs.cut_numbers import accept
from videos.media.jobs.embedded_captions import extract_captions
from videos.media.jobs.end_repair import repair_ends
from videos.media.jobs.outcome import ClaimedJob, finish
from videos.media.jobs.transcription import transcribe
from videos.media.models import Job, RenditionSet
from videos.media.renditions.sets import new_folder
from videos.media.storage.files import local_copy
from videos.media.transcoding import chunks, pipeline
from videos.media.transcoding.chunks import ChunkMismatch
from videos.media.transcoding.encode import ProgressCallback
from videos.media.transcoding.pipeline import TranscodeResult
from videos.media.transcoding.sound.encode import encode_to_target
from videos.media.transcoding.sound.measure import measure_source
from videos.media.transcoding.source_info import SourceInfo

log = logging.getLogger(__name__)


def make_full(claimed: ClaimedJob) -> None:
    """Make the full set of renditions. A long source gets a small first set before.

    If an attempt died after the first set was shown, the next one continues from there.
    """
    with local_copy(str(claimed.cut.source.name)) as source:
        facts = pipeline.probe(source, claimed.cut.audio_track)
        accept(claimed, facts)
        if first_set.is_due(claimed.cut, facts) or (
            claimed.cut.current_set is None and parallel.should_split(facts, source)
        ):
            first_set.show_first(claimed, source, facts)
        key = claimed.key(RenditionSet.Kind.FULL)
        with new_folder(key) as folder:
            made = full_set(claimed, source, facts, folder.path)
            folder.store()
            finish(claimed, key, made, kind=RenditionSet.Kind.FULL)


def full_set(claimed: ClaimedJob, source: Path, facts: SourceInfo, folder: Path) -> TranscodeResult:
    """Make the full set in `folder`: in chunks if the source is long, else in one run."""
    if not first_set.has_first(claimed.cut):
        return pipeline.create_set(source, folder, facts, on_progress=claimed.lease.report_progress)
    if parallel.should_split(facts, source):
        tell = first_set.part_of(claimed.lease.report_progress, first_set.SHARE, 1)
        claimed.lease.resume_progress()  # with the first set, and with chunks of an earlier attempt
        try:
            return in_chunks(claimed, source, facts, folder, tell)
        except ChunkMismatch as why:
            log.warning("job %s is encoded in one run instead: %s", claimed.job.pk, why)
            empty(folder)
    claimed.lease.restart_progress()  # after the first set, or after chunks that failed
    return pipeline.create_set(source, folder, facts, on_progress=claimed.lease.report_progress)


def in_chunks(
    claimed: ClaimedJob, source: Path, facts: SourceInfo, folder: Path, tell: ProgressCallback
) -> TranscodeResult:
    """Encode the video in chunks; audio and storyboard come from the first set.

    Raises ChunkMismatch.
    """
    first = claimed.cut.current_set
    assert first
    plan = chunks.make_plan(facts, pipeline.full_ladder(facts), settings.CHUNK_SECONDS)
    parallel.encode_in_chunks(claimed, source, plan, folder, tell)
    first_set.take_over(first, facts, folder)
    given = measure_source(source, folder, facts)
    settle = partial(encode_to_target, source, folder, facts, given)
    return pipeline.complete_set(folder, facts, list(plan.rungs), settle)


def empty(folder: Path) -> None:
    """Delete everything in a folder."""
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


HANDLERS: dict[str, Callable[[ClaimedJob], None]] = {
    Job.Kind.FULL: make_full,
    Job.Kind.AV1: av1.make_av1,
    Job.Kind.CAPTIONS: transcribe,
    Job.Kind.EMBEDDED_CAPTIONS: extract_captions,
    Job.Kind.END_REPAIR: repair_ends,
    # The previous release creates captions jobs of this kind as long as it runs beside us
    "words": transcribe,
}
