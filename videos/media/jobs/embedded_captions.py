"""Captions embedded in a source: offered, and extracted by `Job.Kind.EMBEDDED_CAPTIONS`."""

import logging
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from videos.media.captions.source_tracks import NOTHING, Track, labels_of, left, taken_as, tracks_of
from videos.media.cuts.carry_over import shifted
from videos.media.cuts.notices import captions_in_words, remarks_in_words
from videos.media.errors import CaptionRefused, EncodeFailed, LeaseLost
from videos.media.jobs.outcome import ClaimedJob
from videos.media.models import Caption, Cut, Job
from videos.media.storage.files import local_copy
from videos.media.storage.workdir import work_folder
from videos.media.transcoding.sandbox import binaries
from videos.media.transcoding.sandbox.allowlist import input_arguments
from videos.media.transcoding.sandbox.process import GIB, MIB, Limits, run
from videos.media.transcoding.webvtt import MAX_BYTES, format_webvtt, parse_embedded

log = logging.getLogger(__name__)

KIND = Job.Kind.EMBEDDED_CAPTIONS
LONGEST_SECONDS = 1800  # for all tracks of a source together
MOST_AT_ONCE = 16  # each takes threads, and so of the memory that is allowed
LIMITS = Limits(cpu_seconds=LONGEST_SECONDS, memory_bytes=2 * GIB, file_bytes=64 * MIB)


def offered(cut: Cut) -> list[Track]:
    """The embedded caption tracks that the cut has no captions of yet."""
    return (
        left(cut.source_info, [(c.pk, c.language) for c in cut.captions.all()])
        if cut.source
        else []
    )


def offered_in_words(cut: Cut) -> str:
    """The offered tracks, by title or language; empty if there are none."""
    return captions_in_words(cut.source_info, [track.number for track in offered(cut)])


def remarks_on(cut: Cut) -> list[str]:
    """The remarks about the source of a cut, with the captions that are offered."""
    return remarks_in_words(cut.source_info, [track.number for track in offered(cut)])


def extract_captions(claimed: ClaimedJob) -> None:
    """Extract the offered captions and save them. Raises EncodeFailed, LeaseLost."""
    with local_copy(str(claimed.cut.source.name)) as source, work_folder("texts") as folder:
        found = texts_of(source, offered(claimed.cut), folder, claimed.cut.source_info)
    if not any(text for _track, text in found):
        raise EncodeFailed(_("The captions in the file cannot be read."), "no_words")
    claimed.lease.retry_while_database_is_away(partial(keep, claimed, found))


def unread_in_words(cut: Cut, found: Sequence[tuple[Track, str | None]]) -> str:
    """A message about the tracks that could not be read; empty if there are none."""
    unread = [track.number for track, text in found if text is None]
    if not unread:
        return ""
    return _("Not read, so you can add them again: %(captions)s.") % {
        "captions": captions_in_words(cut.source_info, unread)
    }


def texts_of(
    source: Path, tracks: Sequence[Track], folder: Path, facts: dict[str, Any]
) -> list[tuple[Track, str | None]]:
    """Each track with its captions as WebVTT: "" without cues, None if it cannot be read.

    Several tracks are read at once. If one of them cannot be read, ffmpeg stops, and they are read
    one by one. Tracks that are not read before the time limit count as not readable.
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
    """The file name for a track."""
    return f"{number}.vtt"


def write_down(source: Path, numbers: Sequence[int], folder: Path, until: float) -> bool:
    """Let ffmpeg write each track to a file; returns False on failure or timeout."""
    left = until - time.monotonic()
    if left <= 0:
        return False
    command = [
        *(
            binaries.ffmpeg(),
            "-v",
            "error",
            "-nostdin",
            "-threads",
            "1",
            "-y",
            *input_arguments(source),
        ),
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
    """The WebVTT of a file that ffmpeg wrote: "" without cues, None if missing or too large."""
    if not written_down.is_file():
        return None
    try:
        cues = parse_embedded(written_down.read_text(errors="replace"))
    except CaptionRefused as refusal:
        log.warning("captions of %s are refused: %s", written_down, refusal)
        return None
    kept, _lost = shifted(cues, -float(facts.get("shift") or 0), float(facts["seconds"]))
    text = format_webvtt(kept) if kept else ""
    if len(text) > MAX_BYTES:  # our timestamps are longer than ffmpeg's
        log.warning("captions of %s are too large", written_down)
        return None
    return text


def keep(claimed: ClaimedJob, found: Sequence[tuple[Track, str | None]]) -> None:
    """Save the captions and close the job atomically. Raises LeaseLost.

    Tracks that could not be read stay on offer. Existing captions are not replaced.
    """
    reason = unread_in_words(claimed.cut, found)
    if reason:
        log.warning("job %s of cut %s: %s", claimed.job.pk, claimed.cut.pk, reason)
    ended = {
        "state": Job.State.READY,
        "reason": reason,
        "progress": 1,
        "ended_at": now(),
        "lease_until": None,
    }
    made = read_beforehand(claimed.cut, found)
    with transaction.atomic():
        if not claimed.rows.update(**ended):
            raise LeaseLost
        cut = Cut.objects.select_for_update().get(pk=claimed.cut.pk)
        # Captions that somebody wrote meanwhile are kept
        Caption.objects.bulk_create(made.values(), ignore_conflicts=True)
        there = dict(cut.captions.values_list("language", "pk"))
        keys = {
            track.number: there[track.language] if text else NOTHING
            for track, text in found
            if text is not None
        }
        cut.source_info = taken_as(cut.source_info, keys)
        cut.save(update_fields=["source_info"])


def read_beforehand(cut: Cut, found: Sequence[tuple[Track, str | None]]) -> dict[int, Caption]:
    """The captions to save, by track number, with their transcripts.

    Done before the transaction, as it can take half a minute.
    """
    labels = labels_of(tracks_of(cut.source_info))
    made = {}
    for track, text in found:
        if text:
            made[track.number] = Caption(
                cut=cut, language=track.language, label=labels[track.number], webvtt=text
            )
            made[track.number].read()
    return made
