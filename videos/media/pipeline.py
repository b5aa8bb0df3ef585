"""From a source to a set of renditions in a folder, without a database."""

import logging
import shutil
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from videos.media import (
    download,
    first,
    fragments,
    graph,
    last_segments,
    loudness,
    playlist,
    posters,
    preview,
)
from videos.media.confine import GIB, MIB, Limits, at_once
from videos.media.encode import Tell, encode, most_bytes, quiet, refuse_without_room
from videos.media.errors import EncodeFailed
from videos.media.facts import Facts
from videos.media.ladder import Rung, ladder
from videos.media.loudness import AS_IT_IS, Treatment
from videos.media.probe import probe
from videos.media.storyboard import Sheets, sheets, webvtt
from videos.media.verify import (
    SOUND_SLACK_SECONDS,
    incomplete,
    made_by,
    verify,
    verify_download,
    verify_ends,
    verify_together,
)

log = logging.getLogger(__name__)

MASTER, STORYBOARD, KEYS = "master.m3u8", "storyboard.vtt", "keys.m3u8"
SOUND = graph.SOUND
SHEET_LIMITS = Limits(cpu_seconds=120, memory_bytes=2 * GIB, file_bytes=64 * MIB)
SOUND_ATTEMPTS = 3
# The renditions that the poster is chosen by and the preview is made of: those nearest to these
POSTER_SHORT_SIDE, PREVIEW_SHORT_SIDE = 360, 240


@dataclass(frozen=True)
class Made:
    """A finished set; paths are relative to its folder, best rendition first."""

    facts: Facts
    renditions: tuple[playlist.Variant, ...]
    seconds: float
    bytes: int
    master: str = MASTER
    poster: str = posters.POSTER
    storyboard: str = STORYBOARD
    preview: str = preview.PREVIEW
    download: str = download.DOWNLOAD


def transcode(source: Path, folder: Path, *, tell: Tell = quiet) -> Made:
    """Make a set of `source` (a local file, never changed) in `folder`, which is there and empty.

    Raises SourceRefused or EncodeFailed, each with a sentence for a producer; what lies in the
    folder then is to be thrown away.
    """
    return make(source, folder, probe(source), tell=tell)


def make(
    source: Path, folder: Path, facts: Facts, *, tell: Tell = quiet, quick: bool = False
) -> Made:
    """Make a set of a source whose facts are known: all of it, or `quick` a small one.

    Raises EncodeFailed.
    """
    rungs = first.rungs(facts) if quick else full_ladder(facts)
    board = sheets(facts.length, facts.width, facts.height)
    refuse_without_room(folder, most_bytes(facts, rungs))
    for place in [graph.name(rung) for rung in rungs] + [SOUND] * bool(facts.sound):
        (folder / place).mkdir()
    treatment = treatment_of(source, facts, folder)
    encode(
        graph.command(source, facts, rungs, board, treatment, quick=quick), facts, folder, tell=tell
    )
    write_storyboard(folder, board, facts)
    if quick:  # the first try is near enough for a first look
        return finish(folder, facts, rungs)
    return finish(folder, facts, rungs, partial(settle_sound, source, folder, facts, treatment))


def write_storyboard(folder: Path, board: Sheets, facts: Facts) -> None:
    """Put the tiles that were encoded on sheets, and say where each lies. Raises EncodeFailed."""
    made_by(graph.sheets_command(board), folder, SHEET_LIMITS, "a storyboard")
    (folder / graph.TILES).unlink()
    (folder / STORYBOARD).write_text(webvtt(board, facts.length))
    if not all((folder / sheet).is_file() for sheet in board.files):
        raise EncodeFailed(incomplete(), "incomplete")


def full_ladder(facts: Facts) -> list[Rung]:
    """The renditions of a full set."""
    return ladder(facts.width, facts.height, float(facts.constant_rate))


def pictures_of(folder: Path, facts: Facts, rungs: Sequence[Rung]) -> list[playlist.Media]:
    """The pictures of complete renditions. Raises EncodeFailed."""
    frame, patched = float(1 / facts.constant_rate), graph.patch_seconds(facts)
    places = [folder / graph.name(rung) for rung in rungs]
    for place in places:
        last_segments.join(place)
    return [
        verify(place / "index.m3u8", facts.length, slack=frame, patched=patched) for place in places
    ]


def sound_of(
    folder: Path, facts: Facts, settle: Callable[[], None] | None = None
) -> playlist.Media | None:
    """The sound of a set, played at both ends, after what is to be done to it still.

    Raises EncodeFailed."""
    if not facts.sound:
        return None
    if settle:
        settle()
    last_segments.join(folder / SOUND)
    heard = verify(folder / SOUND / "index.m3u8", facts.length, slack=SOUND_SLACK_SECONDS)
    verify_together([(folder / SOUND, heard)])
    return heard


def play(folder: Path, rungs: Sequence[Rung], pictures: Sequence[playlist.Media]) -> None:
    """Renditions can be switched at every segment and decoded at both ends. Raises EncodeFailed."""
    places = [folder / graph.name(rung) for rung in rungs]
    verify_together(list(zip(places, pictures, strict=True)))


def finish_second(folder: Path, facts: Facts, rungs: Sequence[Rung]) -> Made:
    """Look over renditions in another codec, whose stills lie beside them already."""
    pictures, heard = pictures_of(folder, facts, rungs), sound_of(folder, facts)
    play(folder, rungs, pictures)
    return made_of(folder, facts, write_playlists(folder, facts, rungs, pictures, heard), "")


def treatment_of(source: Path, facts: Facts, folder: Path) -> Treatment:
    """What the sound of a source needs, by its level as measured; it may lie evened in `folder`.

    Raises EncodeFailed.
    """
    level = graph.loudness_of(source, facts) if facts.sound else None
    evened = level is not None and level.uneven
    if evened:
        log.info("the sound of %s changes on its way", source)
        limits = loudness.LIMITS
        made_by(graph.evening_command(source, facts), folder, limits, "an even sound")
        level = graph.loudness_of(source, facts, folder / graph.EVENED)
    given = loudness.treatment(level) if level else AS_IT_IS
    return replace(given, evened=evened)


def settle_sound(source: Path, folder: Path, facts: Facts, given: Treatment) -> None:
    """Encode the sound again while its level, as encoded, is not what it should be.

    Peaks grow in AAC, and a limiter takes from the loudness: how much is known afterwards.
    """
    for _attempt in range(SOUND_ATTEMPTS):
        level = loudness.of_file(folder / SOUND / "index.m3u8", facts)
        better = loudness.corrected(given, level) if level else None
        if better is None or better == given:
            return
        log.info("the sound is at %s by %s: once more by %s", level, given, better)
        given = better
        shutil.rmtree(folder / SOUND)
        (folder / SOUND).mkdir()
        encode(graph.sound_command(source, facts, given), facts, folder)


def finish(
    folder: Path,
    facts: Facts,
    rungs: Sequence[Rung],
    settle: Callable[[], None] | None = None,
) -> Made:
    """Look over what was encoded, and make of it what needs no source. Raises EncodeFailed.

    That is the master, the playlists of key pictures, the poster, the preview and the download.
    Meanwhile `settle` does to the sound what is to be done still.
    """
    sizes = [(rung.width, rung.height) for rung in rungs]
    places = [folder / graph.name(rung) for rung in rungs]
    pictures = pictures_of(folder, facts, rungs)
    best, looked_at = download.best(sizes), nearest(sizes, POSTER_SHORT_SIDE)
    small = nearest(sizes, PREVIEW_SHORT_SIDE)
    rate = facts.constant_rate
    chosen_by = (places[looked_at], places[best])

    def stills() -> None:
        posters.make(folder, chosen_by, pictures[best], sizes[best], rate)

    def play_and_preview() -> None:
        play(folder, rungs, pictures)
        preview.make(folder, places[small], pictures[small], sizes[small], rate)

    heard, *_nothing = at_once(partial(sound_of, folder, facts, settle), stills, play_and_preview)
    (folder / graph.EVENED).unlink(missing_ok=True)
    variants = write_playlists(folder, facts, rungs, pictures, heard)
    sound = f"{SOUND}/index.m3u8" if heard else None
    download.make(folder, variants[best].path, sound)
    parts = [(places[best], pictures[best])] + ([(folder / SOUND, heard)] if heard else [])
    verify_download(folder / download.DOWNLOAD, parts)
    return made_of(folder, facts, variants, download.DOWNLOAD)


def made_of(
    folder: Path, facts: Facts, variants: Sequence[playlist.Variant], download: str
) -> Made:
    """What lies in a folder now."""
    return Made(
        facts=facts,
        renditions=tuple(variants),
        seconds=facts.length,
        bytes=sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()),
        download=download,
    )


def nearest(sizes: Sequence[tuple[int, int]], short: int) -> int:
    """Which of some sizes has a short side nearest to `short` pixels."""
    return min(range(len(sizes)), key=lambda number: abs(min(sizes[number]) - short))


def write_playlists(
    folder: Path,
    facts: Facts,
    rungs: Sequence[Rung],
    pictures: Sequence[playlist.Media],
    heard: playlist.Media | None,
) -> list[playlist.Variant]:
    """The variants of the master, which is written with the playlists of key pictures.

    Raises EncodeFailed where picture and sound do not end together."""
    verify_ends(pictures, heard)
    average, peak = rates(folder / SOUND, heard) if heard else (0, 0)
    variants, keys = [], []
    for rung, listed in zip(rungs, pictures, strict=True):
        place = graph.name(rung)
        alone = playlist.Variant(
            f"{place}/index.m3u8",
            rung.width,
            rung.height,
            *rates(folder / place, listed),
            playlist.picture_codec((folder / place / listed.init).read_bytes()),
        )
        keys.append(write_keys(folder, place, listed, alone))
        variants.append(
            replace(
                alone,
                average=alone.average + average,
                peak=alone.peak + peak,
                codecs=alone.codecs + (f",{playlist.AAC}" if heard else ""),
            )
        )
    sound = f"{SOUND}/index.m3u8" if heard else None
    text = playlist.master(variants, facts.constant_rate, sound=sound, keys=keys)
    (folder / MASTER).write_text(text)
    return variants


def write_keys(
    folder: Path, place: str, listed: playlist.Media, picture: playlist.Variant
) -> playlist.Variant:
    """The line of the master for a rendition's key pictures, whose playlist is written.

    Raises EncodeFailed where a segment does not begin with a picture."""
    found = list_keys(folder / place, listed)
    spans = [seconds for _name, seconds in listed.segments]
    average, peak = playlist.rates(
        [(seconds, part.length) for seconds, part in zip(spans, found, strict=True)]
    )
    return replace(picture, path=f"{place}/{KEYS}", average=average, peak=peak)


def list_keys(place: Path, listed: playlist.Media) -> list[fragments.Stretch]:
    """Where the key pictures of a rendition lie in its segments; its playlist of them is written.

    Raises EncodeFailed where a segment does not begin with a picture."""
    try:
        found = [fragments.first_picture(place / name) for name, _ in listed.segments]
    except (ValueError, KeyError, StopIteration, struct.error) as trouble:
        log.exception("no key picture in %s", place)
        raise EncodeFailed(incomplete(), "incomplete") from trouble
    (place / KEYS).write_text(playlist.key_pictures(listed, found))
    return found


def rates(folder: Path, listed: playlist.Media) -> tuple[int, int]:
    """(average, peak) bits per second of a rendition."""
    return playlist.rates(
        [(seconds, (folder / name).stat().st_size) for name, seconds in listed.segments]
    )
