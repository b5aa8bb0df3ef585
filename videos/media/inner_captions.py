"""Captions that a source brings inside: offered, and taken by a job of the kind *texts*."""

import logging
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from videos.media import binaries
from videos.media.allowed import guarded
from videos.media.caption_tracks import NOTHING, Track, labels_of, left, taken_as, tracks_of
from videos.media.captions import MOST_BYTES, cues_by_machine, written
from videos.media.carrying import shifted
from videos.media.confine import GIB, MIB, Limits, run
from videos.media.ending import Held
from videos.media.errors import CaptionRefused, EncodeFailed, LeaseLost
from videos.media.models import Caption, Cut, Job
from videos.media.noticed import captions_in_words, remarks_in_words
from videos.media.sets import local_copy
from videos.media.workplaces import workplace

log = logging.getLogger(__name__)

KIND = "texts"
LONGEST_SECONDS = 1800  # for all tracks of a source together
MOST_AT_ONCE = 16  # each takes threads, and so of the memory that is allowed
LIMITS = Limits(cpu_seconds=LONGEST_SECONDS, memory_bytes=2 * GIB, file_bytes=64 * MIB)


def offered(cut: Cut) -> list[Track]:
    """The captions inside the source that are not among the cut's yet."""
    return left(cut.facts, [(c.pk, c.language) for c in cut.captions.all()]) if cut.source else []


def offered_in_words(cut: Cut) -> str:
    """Which they are, by title or language; empty where there are none."""
    return captions_in_words(cut.facts, [track.number for track in offered(cut)])


def remarks_on(cut: Cut) -> list[str]:
    """What was decided about its source, in words, and which captions inside were left."""
    return remarks_in_words(cut.facts, [track.number for track in offered(cut)])


def make_texts(held: Held) -> None:
    """The work of such a job. Raises EncodeFailed with a sentence for a producer."""
    with local_copy(str(held.cut.source.name)) as source, workplace("texts") as folder:
        found = texts_of(source, offered(held.cut), folder, held.cut.facts)
    if not any(text for _track, text in found):
        raise EncodeFailed(_("The captions inside cannot be read."), "no_words")
    held.lease.patiently(partial(keep, held, found))


def unread_in_words(cut: Cut, found: Sequence[tuple[Track, str | None]]) -> str:
    """Which tracks could not be read, for a producer; empty where all were."""
    unread = [track.number for track, text in found if text is None]
    if not unread:
        return ""
    return _("Not read, and offered again: %(captions)s.") % {
        "captions": captions_in_words(cut.facts, unread)
    }


def texts_of(
    source: Path, tracks: Sequence[Track], folder: Path, facts: dict[str, Any]
) -> list[tuple[Track, str | None]]:
    """Caption tracks of a source as WebVTT, on the presentation's clock; empty where there is not
    one cue in it, None where it could not be read.

    The source is read once for some tracks together; track by track only where one of them cannot
    be read, for it ends the others. What is not read when the time is up counts as what could not
    be.
    """
    until = time.monotonic() + LONGEST_SECONDS
    for first in range(0, len(tracks), MOST_AT_ONCE):
        numbers = [track.number for track in tracks[first : first + MOST_AT_ONCE]]
        if not write_down(source, numbers, folder, until):
            for number in numbers:
                (folder / named(number)).unlink(missing_ok=True)
                if len(numbers) > 1 and not write_down(source, [number], folder, until):
                    (folder / named(number)).unlink(missing_ok=True)
    return [(track, text_of(folder / named(track.number), facts)) for track in tracks]


def named(number: int) -> str:
    """The file of a track."""
    return f"{number}.vtt"


def write_down(source: Path, numbers: Sequence[int], folder: Path, until: float) -> bool:
    """Have ffmpeg write tracks in files of their own. False if it cannot, or has no time."""
    left = until - time.monotonic()
    if left <= 0:
        return False
    command = [
        *(binaries.ffmpeg(), "-v", "error", "-nostdin", "-threads", "1", "-y", *guarded(source)),
        *(
            part
            for number in numbers
            for part in (
                *("-map", f"0:s:{number - 1}", "-c:s", "webvtt", "-f", "webvtt"),
                named(number),
            )
        ),
    ]
    ended = run(command, LIMITS, timeout=left, folder=folder)
    if ended.code != 0:
        log.warning("no captions of tracks %s, ended with %s: %s", numbers, ended.code, ended.err)
    return ended.code == 0


def text_of(written_down: Path, facts: dict[str, Any]) -> str | None:
    """A file of ffmpeg's as captions of ours; empty where there is not one cue in it, None where
    there is no file, or more than we keep."""
    if not written_down.is_file():
        return None
    try:
        cues = cues_by_machine(written_down.read_text(errors="replace"))
    except CaptionRefused as refusal:
        log.warning("captions of %s are refused: %s", written_down, refusal)
        return None
    kept, _lost = shifted(cues, -float(facts.get("shift") or 0), float(facts["seconds"]))
    text = written(kept) if kept else ""
    if len(text) > MOST_BYTES:  # its times are longer than ffmpeg's
        log.warning("captions of %s are more than is kept", written_down)
        return None
    return text


def keep(held: Held, found: Sequence[tuple[Track, str | None]]) -> None:
    """The captions (WebVTT of each track, empty if it has none) and the end of their job, at once.

    A track that could not be read stays offered, and what is there already in a language stays.
    Raises LeaseLost.
    """
    reason = unread_in_words(held.cut, found)
    if reason:
        log.warning("job %s of cut %s: %s", held.job.pk, held.cut.pk, reason)
    ended = {
        "state": Job.State.READY,
        "reason": reason,
        "progress": 1,
        "ended_at": now(),
        "lease_until": None,
    }
    made = read_beforehand(held.cut, found)
    with transaction.atomic():
        if not held.rows.update(**ended):
            raise LeaseLost
        cut = Cut.objects.select_for_update().get(pk=held.cut.pk)
        # What somebody wrote meanwhile in a language stays.
        Caption.objects.bulk_create(made.values(), ignore_conflicts=True)
        there = dict(cut.captions.values_list("language", "pk"))
        keys = {
            track.number: there[track.language] if text else NOTHING
            for track, text in found
            if text is not None
        }
        cut.facts = taken_as(cut.facts, keys)
        cut.save(update_fields=["facts"])


def read_beforehand(cut: Cut, found: Sequence[tuple[Track, str | None]]) -> dict[int, Caption]:
    """Captions of tracks, by number, with all that pages print of them: dozens of long ones take
    half a minute, for which nobody else is to wait for the database."""
    labels = labels_of(tracks_of(cut.facts))
    made = {}
    for track, text in found:
        if text:
            made[track.number] = Caption(
                cut=cut, language=track.language, label=labels[track.number], webvtt=text
            )
            made[track.number].read()
    return made
