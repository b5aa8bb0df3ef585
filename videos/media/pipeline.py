"""From a source to a set of renditions in a folder, without a database."""

from dataclasses import dataclass
from pathlib import Path

from videos.media import first, graph, playlist
from videos.media.encode import Tell, encode, most_bytes, quiet, refuse_without_room
from videos.media.errors import EncodeFailed
from videos.media.facts import Facts
from videos.media.ladder import Rung, ladder
from videos.media.probe import probe
from videos.media.storyboard import sheets, webvtt
from videos.media.verify import incomplete, verify

MASTER, STORYBOARD, SOUND = "master.m3u8", "storyboard.vtt", "sound"


@dataclass(frozen=True)
class Made:
    """A finished set; paths are relative to its folder, best rendition first."""

    facts: Facts
    renditions: tuple[playlist.Variant, ...]
    seconds: float
    bytes: int
    master: str = MASTER
    poster: str = graph.POSTER
    storyboard: str = STORYBOARD


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
    encode(graph.command(source, facts, rungs, board, quick=quick), facts, folder, tell=tell)
    (folder / STORYBOARD).write_text(webvtt(board, facts.length))
    for still in [graph.POSTER, *board.files]:
        if not (folder / still).is_file():
            raise EncodeFailed(incomplete())
    return finish(folder, facts, rungs)


def full_ladder(facts: Facts) -> list[Rung]:
    """The renditions of a full set."""
    return ladder(facts.width, facts.height, float(facts.constant_rate))


def finish(folder: Path, facts: Facts, rungs: list[Rung]) -> Made:
    """Look over what was encoded and write the master that leads to it. Raises EncodeFailed."""
    average = peak = 0
    codecs = ""
    if facts.sound:
        average, peak = measured(folder / SOUND, facts)
        codecs = f",{playlist.AAC}"
    variants = []
    for rung in rungs:
        of_picture = measured(folder / graph.name(rung), facts)
        first = (folder / graph.name(rung) / "init.mp4").read_bytes()
        variants.append(
            playlist.Variant(
                path=f"{graph.name(rung)}/index.m3u8",
                width=rung.width,
                height=rung.height,
                average=of_picture[0] + average,
                peak=of_picture[1] + peak,
                codecs=playlist.picture_codec(first) + codecs,
            )
        )
    sound = f"{SOUND}/index.m3u8" if facts.sound else None
    (folder / MASTER).write_text(playlist.master(variants, facts.constant_rate, sound=sound))
    return Made(
        facts=facts,
        renditions=tuple(variants),
        seconds=facts.length,
        bytes=sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()),
    )


def measured(folder: Path, facts: Facts) -> tuple[int, int]:
    """(average, peak) bits per second of a verified rendition. Raises EncodeFailed."""
    media = verify(folder / "index.m3u8", facts.length)
    return playlist.rates(
        [(seconds, (folder / name).stat().st_size) for name, seconds in media.segments]
    )
