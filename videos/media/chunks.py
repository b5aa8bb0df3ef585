"""A long source cut up by time: the spans, what makes one of them, and how they become one again.

Each span is encoded by itself, on any machine, and comes out with the very names and times that
one process over the whole would give: so joining is nothing but putting segments side by side. A
span begins where a segment begins. Only pictures are cut up; sound is encoded once, so that there
is no place where it could click. Nothing here knows a database.
"""

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from math import ceil
from pathlib import Path
from typing import Any

from videos.media import graph, playlist
from videos.media.encode import Tell, encode, most_bytes, quiet, refuse_without_room
from videos.media.facts import Content, Facts, Sound
from videos.media.ladder import Rung

MOST_SPANS = 240
# Read from this far before a span: past it lie a key frame, frames that lean on earlier ones,
# and what deinterlacing looks back at.
RUN_UP_SECONDS = 2.0
PLAYLIST, INIT = "index.m3u8", "init.mp4"
# The first bytes of files that have an index: seeking in others is guessing.
MATROSKA, MP4 = b"\x1a\x45\xdf\xa3", {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"}


class DoesNotFit(Exception):
    """What came out of a span is not what the whole has there: it cannot be cut up."""


@dataclass(frozen=True)
class Span:
    """Frames of the product, at its constant rate; `first_segment` is the number of its first."""

    number: int
    first: int
    frames: int
    first_segment: int

    @property
    def part(self) -> range:
        return range(self.first, self.first + self.frames)


def spans(frames: int, rate: Fraction, seconds: int) -> list[Span]:
    """The spans of `frames`, whole segments each but for the last one's end, of equal length.

    They are about `seconds` long, longer where there would be too many.
    """
    segment = graph.segment_frames(rate)
    segments = ceil(frames / segment)
    wanted = max(1, round(seconds * rate / segment), ceil(segments / MOST_SPANS))
    count = max(1, round(segments / wanted))
    edges = [segments * number // count for number in range(count + 1)]
    return [
        Span(
            number=number,
            first=begin * segment,
            frames=min(frames, end * segment) - begin * segment,
            first_segment=begin,
        )
        for number, (begin, end) in enumerate(pairwise(edges))
    ]


def has_index(source: Path) -> bool:
    """Whether a file is of a kind in which a span can be found: MP4, QuickTime or Matroska."""
    with source.open("rb") as file:
        first = file.read(8)
    return first[:4] == MATROSKA or first[4:] in MP4


def command(source: Path, facts: Facts, rungs: Sequence[Rung], span: Span) -> list[str]:
    """The arguments that make the pictures of a span in the folder they run in.

    Times stay those of the whole source (`copyts`), so that the frames of the constant rate are
    chosen as they are in one run. `frag_discont` makes the segments' times begin there, too.
    """
    rate = facts.constant_rate
    options = {
        "fps_mode": "passthrough",
        "start_number": span.first_segment,
        "hls_segment_options": f"movflags=+frag_discont:fragment_index={span.first_segment + 1}",
    }
    sizes = graph.renditions(pictures(source, facts, rungs[0], span), rungs, facts)
    return graph.compiled(
        *[
            graph.hls(
                picture,
                graph.name(rung),
                rate,
                **graph.picture_options(rung, rate, facts.content),
                **options,
            )
            for rung, picture in zip(rungs, sizes, strict=True)
        ]
    )


def pictures(source: Path, facts: Facts, best: Rung, span: Span) -> Any:
    """The frames of a span out of ffmpeg's filters."""
    read = graph.opened(source, facts, **run_up(facts, span))
    return graph.clean(read[str(facts.index)], facts, best, span.part)


def run_up(facts: Facts, span: Span) -> dict[str, Any]:
    """Where reading begins, with the source's own times kept."""
    begin = min(float(span.first / facts.constant_rate), facts.picture_seconds) - RUN_UP_SECONDS
    if begin <= 0:
        return {}
    return {
        "copyts": None,
        "start_at_zero": None,
        "noaccurate_seek": None,
        "ss": f"{begin + facts.shift:.6f}",
    }


def make(
    source: Path,
    folder: Path,
    facts: Facts,
    rungs: Sequence[Rung],
    span: Span,
    *,
    tell: Tell = quiet,
) -> None:
    """Encode a span into `folder`, which is there and empty.

    Raises EncodeFailed, and DoesNotFit if not exactly its frames came out.
    """
    mine = replace(facts, seconds=float(span.frames / facts.constant_rate))
    refuse_without_room(folder, most_bytes(mine, rungs))
    for rung in rungs:
        (folder / graph.name(rung)).mkdir()
    encode(command(source, facts, rungs, span), mine, folder, tell=tell)
    for rung in rungs:
        check(folder / graph.name(rung), facts.constant_rate, span)


def check(folder: Path, rate: Fraction, span: Span) -> None:
    """Raises DoesNotFit unless the segments hold the span's frames and lie on its borders."""
    segment = graph.segment_frames(rate)
    left = [min(segment, span.frames - begin) for begin in range(0, span.frames, segment)]
    named = [f"{span.first_segment + number:05d}.m4s" for number in range(len(left))]
    made = playlist.read((folder / PLAYLIST).read_text())
    if [name for name, _seconds in made.segments] != named or [
        round(Fraction(seconds) * rate) for _name, seconds in made.segments
    ] != left:
        raise DoesNotFit(f"{folder.name} of span {span.number}: {made.segments}")


def join(parts: Sequence[Path], folder: Path, rungs: Sequence[Rung]) -> None:
    """Move the segments of all spans, in order, into `folder` and list them as one run does.

    Raises DoesNotFit if they were not encoded alike.
    """
    for rung in rungs:
        name = graph.name(rung)
        whole = folder / name
        whole.mkdir()
        texts = []
        for part in parts:
            if (part / name / INIT).read_bytes() != (parts[0] / name / INIT).read_bytes():
                raise DoesNotFit(f"{name}: the spans are not encoded alike")
            texts.append((part / name / PLAYLIST).read_text())
            for segment in sorted((part / name).glob("*.m4s")):
                shutil.move(segment, whole / segment.name)
        shutil.move(parts[0] / name / INIT, whole / INIT)
        (whole / PLAYLIST).write_text(playlist.joined(texts))


@dataclass(frozen=True)
class Plan:
    """What every worker on a cut has to agree on before it makes a span of it."""

    facts: Facts
    rungs: tuple[Rung, ...]
    spans: tuple[Span, ...]
    recipe: str

    def as_text(self) -> str:
        return json.dumps(
            {
                "facts": self.facts.as_values(),
                "rungs": self.rungs,
                "spans": [[s.number, s.first, s.frames, s.first_segment] for s in self.spans],
                "recipe": self.recipe,
            }
        )

    @classmethod
    def of_text(cls, text: str) -> "Plan":
        values = json.loads(text)
        return cls(
            facts=facts_of_values(values["facts"]),
            rungs=tuple(Rung(*rung) for rung in values["rungs"]),
            spans=tuple(Span(*span) for span in values["spans"]),
            recipe=values["recipe"],
        )

    @property
    def is_ours(self) -> bool:
        """Whether this version of the studio encodes as the one that made the plan."""
        return self.recipe == recipe(self.facts, self.rungs, self.spans)


def plan(facts: Facts, rungs: Sequence[Rung], seconds: int) -> Plan:
    """The plan for a source, with spans of about `seconds`."""
    cut_up = spans(facts.frames, facts.constant_rate, seconds)
    return Plan(facts, tuple(rungs), tuple(cut_up), recipe(facts, rungs, cut_up))


def recipe(facts: Facts, rungs: Sequence[Rung], cut_up: Sequence[Span]) -> str:
    """A checksum of how the spans are encoded: spans of two recipes are not to be joined."""
    arguments = [command(Path("/"), facts, rungs, span)[1:] for span in (cut_up[0], cut_up[-1])]
    return hashlib.sha256(json.dumps(arguments).encode()).hexdigest()


def facts_of_values(values: dict[str, Any]) -> Facts:
    """The facts that `Facts.as_values` wrote down."""
    return Facts(
        **values
        | {
            "frame_rate": Fraction(values["frame_rate"]),
            "constant_rate": Fraction(values["constant_rate"]),
            "sound": Sound(**values["sound"]) if values["sound"] else None,
            "tracks": tuple(values["tracks"]),
            "remarks": tuple(values.get("remarks", ())),
            "captions": tuple(values.get("captions", ())),
            "content": Content(values.get("content", Content.FILMED)),
            "aspects": tuple(tuple(aspect) for aspect in values.get("aspects", ())),
        }
    )
