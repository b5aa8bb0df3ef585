"""Remarks on captions that are valid but may be hard to read."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.utils.translation import gettext as _

from videos.media.transcoding.webvtt import Cue

FASTEST = 21  # characters a second that most people read (Netflix allows 20 to adults, BBC 17)
MOST_LINES = 2
LONGEST_LINE = 42  # characters
SHORTEST_SECONDS = 0.7
SLACK = 0.05  # seconds


@dataclass(frozen=True)
class Remark:
    """A remark on the cue `index` (from 0), whose times are in `line` of the file."""

    index: int
    line: int
    text: str


def remarks(cues: Sequence[Cue], length: float | None = None) -> list[Remark]:
    """Remarks on cues in their order, for a video of `length` seconds if that is known."""
    found = []
    for index, cue in enumerate(cues):
        told = about(cue, length)
        found += [Remark(index, cue.line, text) for text in told]
    for index, (before, cue) in enumerate(pairwise(cues), 1):
        if cue.start < before.end - SLACK:
            text = _("It starts before the one above it ends.")
            found.append(Remark(index, cue.line, text))
    return sorted(found, key=lambda remark: remark.index)


def about(cue: Cue, length: float | None) -> list[str]:
    """The remarks on one cue."""
    told = []
    if length is not None and cue.start >= length:
        told.append(_("It starts after the end of the video."))
    elif length is not None and cue.end > length + SLACK:
        told.append(_("It ends after the end of the video."))
    if (speed := reading_speed(cue)) > FASTEST:
        told.append(
            _("%(speed)d characters a second are too fast to read. Keep it to %(most)d.")
            % {"speed": round(speed), "most": FASTEST}
        )
    elif cue.end - cue.start < SHORTEST_SECONDS:
        told.append(_("It is too short to be read."))
    lines = [line for line in cue.lines if line]
    if len(lines) > MOST_LINES:
        told.append(_("More than two lines cover much of the picture."))
    if any(len(Cue(0, 0, lines=[line]).text) > LONGEST_LINE for line in lines):
        told.append(_("A line is longer than %(most)d characters.") % {"most": LONGEST_LINE})
    return told


def reading_speed(cue: Cue) -> float:
    """Characters a second."""
    return len(cue.text) / max(0.001, cue.end - cue.start)
