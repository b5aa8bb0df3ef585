"""What a worker does for a job that it holds, by the job's kind."""

from collections.abc import Callable

from videos.media import pipeline
from videos.media.ending import Held, finish
from videos.media.hearing import make_words
from videos.media.models import RenditionSet
from videos.media.sets import local_copy, new_folder


def make_full(held: Held) -> None:
    """Every rendition of a cut, shown when all of them are there."""
    key = held.key(RenditionSet.Kind.FULL)
    with new_folder(key) as folder, local_copy(str(held.cut.source.name)) as source:
        made = pipeline.transcode(source, folder.path, tell=held.lease.tell)
        folder.store()
        finish(held, key, made, kind=RenditionSet.Kind.FULL)


WORKS: dict[str, Callable[[Held], None]] = {
    "full": make_full,
    "words": make_words,
}
