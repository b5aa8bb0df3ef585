"""What a worker does for a job that it holds, by the job's kind."""

import logging
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

from django.conf import settings

from videos.media import av1, chunks, early, pipeline, together
from videos.media.chunks import DoesNotFit
from videos.media.encode import Tell
from videos.media.ending import Held, finish
from videos.media.facts import Facts
from videos.media.hearing import make_words
from videos.media.inner_captions import make_texts
from videos.media.mending import make_ends
from videos.media.models import RenditionSet
from videos.media.numbering import accept
from videos.media.pipeline import Made
from videos.media.sets import local_copy, new_folder

log = logging.getLogger(__name__)


def make_full(held: Held) -> None:
    """Every rendition of a cut, shown when all of them are there; of a long one a small one first.

    An attempt that died after the first set was shown has left it: the next one goes on from there.
    """
    with local_copy(str(held.cut.source.name)) as source:
        facts = pipeline.probe(source, held.cut.sound_track)
        accept(held, facts)
        if early.is_due(held.cut, facts) or (
            held.cut.current_set is None and together.are_due(facts, source)
        ):
            early.show_first(held, source, facts)
        key = held.key(RenditionSet.Kind.FULL)
        with new_folder(key) as folder:
            made = full_set(held, source, facts, folder.path)
            folder.store()
            finish(held, key, made, kind=RenditionSet.Kind.FULL)


def full_set(held: Held, source: Path, facts: Facts, folder: Path) -> Made:
    """Every rendition in `folder`: by whoever helps, if the source is long, else in one run."""
    if not early.has_first(held.cut):
        return pipeline.make(source, folder, facts, tell=held.lease.tell)
    if together.are_due(facts, source):
        tell = early.part_of(held.lease.tell, early.SHARE, 1)
        held.lease.go_on()  # with the first set, and with pieces of a holder before us
        try:
            return in_pieces(held, source, facts, folder, tell)
        except DoesNotFit as why:
            log.warning("job %s is done in one run instead: %s", held.job.pk, why)
            empty(folder)
    held.lease.begin_anew()  # after the first set, or after what did not fit
    return pipeline.make(source, folder, facts, tell=held.lease.tell)


def in_pieces(held: Held, source: Path, facts: Facts, folder: Path, tell: Tell) -> Made:
    """Pictures in pieces; sound and storyboard from the first set. Raises DoesNotFit."""
    first = held.cut.current_set
    assert first
    plan = chunks.plan(facts, pipeline.full_ladder(facts), settings.CHUNK_SECONDS)
    together.make_pictures(held, source, plan, folder, tell)
    early.take_over(first, facts, folder)
    given = pipeline.treatment_of(source, facts, folder)
    settle = partial(pipeline.settle_sound, source, folder, facts, given)
    return pipeline.finish(folder, facts, list(plan.rungs), settle)


def empty(folder: Path) -> None:
    """Take away what lies in a folder."""
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


WORKS: dict[str, Callable[[Held], None]] = {
    "full": make_full,
    "av1": av1.make_av1,
    "words": make_words,
    "texts": make_texts,
    "ends": make_ends,
}
