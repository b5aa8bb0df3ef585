"""Captions that a source brings inside: offered, and taken by a job of the kind *texts*."""

import logging
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
from videos.media.captions import NO_CUES, cues_of, written
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
LIMITS = Limits(cpu_seconds=1800, memory_bytes=2 * GIB, file_bytes=64 * MIB)


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
        found = [
            (track, text_of(source, track.number, folder, held.cut.facts))
            for track in offered(held.cut)
        ]
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


def text_of(source: Path, number: int, folder: Path, facts: dict[str, Any]) -> str | None:
    """A caption track of a source as WebVTT, on the presentation's clock; empty where there is not
    one cue in it, None where it could not be read."""
    name = f"{number}.vtt"
    command = [
        *(binaries.ffmpeg(), "-v", "error", "-nostdin", "-threads", "1", *guarded(source)),
        *("-map", f"0:s:{number - 1}", "-c:s", "webvtt", "-f", "webvtt", "-y", name),
    ]
    ended = run(command, LIMITS, timeout=1800, folder=folder)
    written_down = folder / name
    if ended.code != 0 or not written_down.is_file():
        log.warning("no captions of track %s, ended with %s: %s", number, ended.code, ended.err)
        return None
    try:
        cues = cues_of(written_down.read_text(errors="replace"))
    except CaptionRefused as refusal:
        if refusal.code == NO_CUES:
            return ""
        log.warning("captions of track %s are refused: %s", number, refusal)
        return None
    kept, _lost = shifted(cues, -float(facts.get("shift") or 0), float(facts["seconds"]))
    return written(kept) if kept else ""


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
    with transaction.atomic():
        if not held.rows.update(**ended):
            raise LeaseLost
        cut = Cut.objects.select_for_update().get(pk=held.cut.pk)
        labels = labels_of(tracks_of(cut.facts))
        keys = {}
        for track, webvtt in found:
            if webvtt is None:
                continue
            keys[track.number] = NOTHING
            if webvtt:
                caption, _created = Caption.objects.get_or_create(
                    cut=cut,
                    language=track.language,
                    defaults={"label": labels[track.number], "webvtt": webvtt},
                )
                keys[track.number] = caption.pk
        cut.facts = taken_as(cut.facts, keys)
        cut.save(update_fields=["facts"])
