"""A long source encoded in spans of time, which are joined afterwards; without a database.

Each span is encoded by itself, on any machine, with the file names and time stamps that one process
over the whole source would give: joining them moves files. A span begins where a segment begins.
Only the picture is split; the sound is encoded once, so that it cannot click at a border.
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

from videos.media.transcoding import filters, hls
from videos.media.transcoding.encode import (
    ProgressCallback,
    encode,
    estimated_bytes,
    ignore_progress,
    refuse_without_space,
)
from videos.media.transcoding.encoder_settings import picture_options
from videos.media.transcoding.hls_output import compile_outputs, hls_output, segment_frames
from videos.media.transcoding.ladder import Rung
from videos.media.transcoding.source_info import SourceInfo

MAX_SPANS = 240
# Reading begins so long before a span: frames at its beginning depend on earlier ones, and so does
# deinterlacing.
PREROLL_SECONDS = 2.0
# The first bytes of files that have an index: seeking in others is not exact.
MATROSKA, MP4 = b"\x1a\x45\xdf\xa3", {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"}


class ChunkMismatch(Exception):
    """A span came out different from that part of the whole: the source cannot be split."""


@dataclass(frozen=True)
class Span:
    """A range of frames at the constant rate, and the number of its first segment."""

    number: int
    first: int
    frames: int
    first_segment: int

    @property
    def part(self) -> range:
        return range(self.first, self.first + self.frames)


def split(frames: int, rate: Fraction, seconds: int) -> list[Span]:
    """The spans of `frames`, about equally long, each of whole segments but for the last one.

    They are about `seconds` long, longer where there would be too many.
    """
    segment = segment_frames(rate)
    segments = ceil(frames / segment)
    wanted = max(1, round(seconds * rate / segment), ceil(segments / MAX_SPANS))
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
    """Whether a file can be sought in: MP4, QuickTime or Matroska."""
    with source.open("rb") as file:
        first = file.read(8)
    return first[:4] == MATROSKA or first[4:] in MP4


def span_command(source: Path, info: SourceInfo, rungs: Sequence[Rung], span: Span) -> list[str]:
    """The ffmpeg arguments that encode the picture of a span in the working folder.

    Time stamps stay those of the whole source (`copyts`), so that the same frames are selected as
    in one run. `frag_discont` makes the segments' time stamps begin there, too.
    """
    rate = info.constant_rate
    options = {
        "fps_mode": "passthrough",
        "start_number": span.first_segment,
        "hls_segment_options": f"movflags=+frag_discont:fragment_index={span.first_segment + 1}",
    }
    sizes = filters.renditions(span_pictures(source, info, rungs[0], span), rungs, info)
    return compile_outputs(
        *[
            hls_output(
                picture,
                rung.folder,
                rate,
                **picture_options(rung, rate, info.content),
                **options,
            )
            for rung, picture in zip(rungs, sizes, strict=True)
        ]
    )


def span_pictures(source: Path, info: SourceInfo, best: Rung, span: Span) -> Any:
    """The frames of a span, as ffmpeg filters."""
    read = filters.open_picture(source, info, **seek_options(info, span))
    return filters.normalized(read[str(info.index)], info, best, span.part)


def seek_options(info: SourceInfo, span: Span) -> dict[str, Any]:
    """The input options that seek to a span and keep the source's time stamps."""
    begin = min(float(span.first / info.constant_rate), info.picture_seconds) - PREROLL_SECONDS
    if begin <= 0:
        return {}
    return {
        "copyts": None,
        "start_at_zero": None,
        "noaccurate_seek": None,
        "ss": f"{begin + info.shift:.6f}",
    }


def encode_span(
    source: Path,
    folder: Path,
    info: SourceInfo,
    rungs: Sequence[Rung],
    span: Span,
    *,
    on_progress: ProgressCallback = ignore_progress,
) -> None:
    """Encode a span into `folder`, which must be empty.

    Raises EncodeFailed, and ChunkMismatch where the result has other frames than the span.
    """
    part_info = replace(info, seconds=float(span.frames / info.constant_rate))
    refuse_without_space(folder, estimated_bytes(part_info, rungs))
    for rung in rungs:
        (folder / rung.folder).mkdir()
    encode(span_command(source, info, rungs, span), part_info, folder, on_progress=on_progress)
    for rung in rungs:
        verify_span(folder / rung.folder, info.constant_rate, span)


def verify_span(folder: Path, rate: Fraction, span: Span) -> None:
    """Raises ChunkMismatch unless the segments have the span's frames and numbers."""
    segment = segment_frames(rate)
    expected = [min(segment, span.frames - begin) for begin in range(0, span.frames, segment)]
    names = [f"{span.first_segment + number:05d}.m4s" for number in range(len(expected))]
    media = hls.parse((folder / hls.PLAYLIST).read_text())
    if [name for name, _seconds in media.segments] != names or [
        round(Fraction(seconds) * rate) for _name, seconds in media.segments
    ] != expected:
        raise ChunkMismatch(f"{folder.name} of span {span.number}: {media.segments}")


def join_spans(parts: Sequence[Path], folder: Path, rungs: Sequence[Rung]) -> None:
    """Move the segments of all spans, in order, into `folder` and list them in one playlist.

    Raises ChunkMismatch where spans were encoded with other settings.
    """
    for rung in rungs:
        name = rung.folder
        whole = folder / name
        whole.mkdir()
        texts = []
        for part in parts:
            if (part / name / hls.INIT).read_bytes() != (parts[0] / name / hls.INIT).read_bytes():
                raise ChunkMismatch(f"{name}: the spans have different initialization segments")
            texts.append((part / name / hls.PLAYLIST).read_text())
            for segment in sorted((part / name).glob("*.m4s")):
                shutil.move(segment, whole / segment.name)
        shutil.move(parts[0] / name / hls.INIT, whole / hls.INIT)
        (whole / hls.PLAYLIST).write_text(hls.concatenated(texts))


@dataclass(frozen=True)
class Plan:
    """What all workers that encode spans of one source share."""

    info: SourceInfo
    rungs: tuple[Rung, ...]
    spans: tuple[Span, ...]
    recipe: str

    def as_text(self) -> str:
        return json.dumps(
            {
                "facts": self.info.as_values(),
                "rungs": self.rungs,
                "spans": [[s.number, s.first, s.frames, s.first_segment] for s in self.spans],
                "recipe": self.recipe,
            }
        )

    @classmethod
    def from_text(cls, text: str) -> "Plan":
        values = json.loads(text)
        return cls(
            info=SourceInfo.from_values(values["facts"]),
            rungs=tuple(Rung(*rung) for rung in values["rungs"]),
            spans=tuple(Span(*span) for span in values["spans"]),
            recipe=values["recipe"],
        )

    @property
    def is_current(self) -> bool:
        """Whether this version of the studio encodes as the one that made the plan does."""
        return self.recipe == recipe(self.info, self.rungs, self.spans)


def make_plan(info: SourceInfo, rungs: Sequence[Rung], seconds: int) -> Plan:
    """The plan for a source, with spans of about `seconds`."""
    spans = split(info.frames, info.constant_rate, seconds)
    return Plan(info, tuple(rungs), tuple(spans), recipe(info, rungs, spans))


def recipe(info: SourceInfo, rungs: Sequence[Rung], spans: Sequence[Span]) -> str:
    """A checksum of how spans are encoded: spans with different recipes must not be joined."""
    arguments = [span_command(Path("/"), info, rungs, span)[1:] for span in (spans[0], spans[-1])]
    return hashlib.sha256(json.dumps(arguments).encode()).hexdigest()
