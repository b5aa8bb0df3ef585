"""Captions of a cut: parsed from SubRip or WebVTT, stored as WebVTT, shown as a transcript."""

import logging
import re
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import unescape
from itertools import pairwise
from typing import NamedTuple

from django.utils.translation import gettext as _

from videos.media.errors import CaptionRefused
from videos.media.timecodes import webvtt_time

log = logging.getLogger(__name__)

# Limits of what is stored. Twelve hours of speech are about half a million characters.
MAX_BYTES = 2 * 1024**2
NO_CUES = "no_cues"  # the code of the refusal of a file without captions
MAX_CUES = 20_000
MAX_LINES = 12  # of a cue
MAX_LINE_LENGTH = 500  # characters
MAX_TAGS = 24  # of a cue: a limit to nesting in browsers
TIME = r"(?:(\d{1,3}):)?([0-5]?\d):([0-5]?\d)[.,](\d{1,3})"
# Two times without an arrow between them
ALMOST_TIMING = re.compile(
    r"\s{0,9}\d{1,9}:\d\d[\d:.,]{0,20}\s{0,9}(?!-->)\S{1,3}\s{0,9}\d{1,9}:\d\d"
)
TIMING = re.compile(rf"{TIME}\s*-->\s*{TIME}(?:\s+(.*))?")
NUMBER = re.compile(r"\s*[0-9]{1,9}\s*")
SETTING = re.compile(r"(?:vertical|line|position|size|align):[\w.,%-]+")
# A tag ends before another one begins, so that no character of a line is examined more than twice.
# The last two are SubRip's placing ({\an8}) and a < that begins no tag.
MARKUP = re.compile(r"<(/?)(\w[\w:]*)([^<>]*)>|\{\\[^{}]*\}|<")
# A shape drawn by Advanced SubStation, which ffmpeg converts to text
DRAWING = re.compile(r"m(?: -?\d+(?:\.\d+)?){2}(?: -?\d+(?:\.\d+)?| [mnlbspc])*")
STRAY_PLACING = re.compile(r"\{(?=\\[^{}]*\})\\+")  # what is left of nested placings
ANY_TAG = re.compile(r"<[^<>]*>")
WEBVTT_TAGS = {"b", "i", "u", "v", "c", "lang", "ruby", "rt"}  # others are removed
SUBRIP_TAGS = re.compile(r"</?[biu]>")
PAUSE_SECONDS = 2.0
DEFAULT_SECONDS = 5.0  # for a caption without an end
PARAGRAPH_LENGTH = 500


@dataclass
class Cue:
    """A caption from `start` to `end`, in seconds. `line` is the number of its line in the file."""

    start: float
    end: float
    settings: str = ""
    lines: list[str] = field(default_factory=list)
    line: int = 0

    @property
    def text(self) -> str:
        """The text without tags, in one line."""
        return unescape(ANY_TAG.sub("", " ".join(line for line in self.lines if line)))


def to_webvtt(content: bytes) -> str:
    """WebVTT from a SubRip or WebVTT file. Raises CaptionRefused with the line's number."""
    if len(content) > MAX_BYTES:
        raise CaptionRefused(too_large())
    return format_webvtt(parse_cues(decode(content)))


def too_large() -> str:
    """The message for a file that is too large."""
    return _("The file is larger than %(most)d MB, the limit for captions.") % {
        "most": MAX_BYTES // 1024**2
    }


def decode(content: bytes) -> str:
    """The text of a caption file in UTF-8 or UTF-16, with \\n line ends. Raises CaptionRefused."""
    is_wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = content.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError as broken:
        line = content[: broken.start].count(b"\n") + 1
        raise CaptionRefused(
            _("Line %(line)d is not in UTF-8. Save the captions as UTF-8 and upload them again.")
            % {"line": line}
        ) from broken
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


def parse_cues(text: str) -> list[Cue]:
    """The cues of a caption file, in order. Raises CaptionRefused with the line's number.

    Runs in linear time for any input.
    """
    if len(text) > MAX_BYTES:
        raise CaptionRefused(too_large())
    cues: list[Cue] = []
    current: Cue | None = None
    skipping = is_webvtt = text.startswith("WEBVTT")
    latest: int | None = None  # number of a cue
    lines = [*text.split("\n"), ""]
    for number, (line, following) in enumerate(pairwise(lines), 1):
        if not line.strip():
            current, skipping = None, False
        elif skipping or (current is None and line.startswith(("NOTE", "STYLE", "REGION"))):
            skipping = True
        elif "-->" in line:
            current = parse_timing(line, number, after=cues[-1].start if cues else 0.0)
            cues.append(current)
            if len(cues) > MAX_CUES:
                raise CaptionRefused(
                    _("Line %(line)d: the file has more than %(most)d captions.")
                    % {"line": number, "most": MAX_CUES}
                )
        elif (
            "-->" in following
            and NUMBER.fullmatch(line)
            and (current is None or (not is_webvtt and is_cue_number(line, latest)))
        ):
            current, latest = None, int(line)
        elif current is not None:
            current.lines.append(cleaned(line, number))
            refuse_excess(current, number)
        else:
            refuse_unless_named(line, following, number)
    spoken = [cue for cue in cues if any(cue.lines)]
    if not spoken:
        text = _("There are no captions in this file. It must be an SRT or WebVTT file.")
        raise CaptionRefused(text, NO_CUES)
    return spoken


def parse_embedded(text: str) -> list[Cue]:
    """The cues of WebVTT that ffmpeg wrote from an embedded track, in order.

    Nobody can edit such a track, so faults are repaired: a caption without an end lasts until the
    next one, long lines are wrapped, excess tags and drawings are removed, and arrows in the text
    are escaped. Raises CaptionRefused where there are more than MAX_CUES.
    """
    if len(text) > MAX_BYTES:
        raise CaptionRefused(too_large())
    cues: list[Cue] = []
    for number, line in enumerate(text.replace("\0", "").split("\n"), 1):
        if match := TIMING.fullmatch(line.strip()):
            start, end = seconds(match.groups()[:4]), seconds(match.groups()[4:8])
            cues.append(Cue(start, max(start, end), line=number))
        elif cues and line.strip():
            cues[-1].lines += usable_lines(line, number, room=MAX_LINES - len(cues[-1].lines))
    if len(cues) > MAX_CUES:
        raise CaptionRefused(_("This track has more than %(most)d captions.") % {"most": MAX_CUES})
    cues.sort(key=lambda cue: cue.start)
    for cue in cues:
        if sum(line.count("<") for line in cue.lines) > MAX_TAGS:
            cue.lines = [ANY_TAG.sub("", line) for line in cue.lines]
    for last, after in pairwise([*cues, None]):
        if last and last.end <= last.start:
            following = (
                after.start if after and after.start > last.start else last.start + DEFAULT_SECONDS
            )
            last.end = min(following, last.start + DEFAULT_SECONDS)
    return [cue for cue in cues if any(cue.lines)]


def usable_lines(line: str, number: int, *, room: int) -> list[str]:
    """A line of an embedded cue, repaired and wrapped; at most `room` lines."""
    if DRAWING.fullmatch(line.strip()):
        return []
    words = line.replace("-->", "--&gt;").replace("\\h", " ")
    broken = textwrap.wrap(words, MAX_LINE_LENGTH) if len(words) > MAX_LINE_LENGTH else [words]
    return [cleaned(part, number) for part in broken[: max(0, room)]]


def is_cue_number(line: str, latest: int | None) -> bool:
    """Whether a line of digits directly before a SubRip timing is the cue's number, not text.

    It is if it is the next number, or if no cue was numbered yet (`latest` is None).
    """
    return latest is None or int(line) == latest + 1


def refuse_unless_named(line: str, following: str, number: int) -> None:
    """Raises CaptionRefused for a line between cues that is not the identifier of the next one."""
    if ALMOST_TIMING.match(line):
        raise CaptionRefused(bad_times(number))
    if ALMOST_TIMING.match(following):
        raise CaptionRefused(bad_times(number + 1))
    if "-->" not in following:
        raise CaptionRefused(
            _("Line %(line)d is not part of a caption: “%(text)s”.")
            % {"line": number, "text": line.strip()[:60]}
        )


def cleaned(line: str, number: int) -> str:
    """A line without tags that WebVTT does not know. Raises CaptionRefused."""
    line = line.strip()
    if len(unescape(line)) > MAX_LINE_LENGTH:  # `&lt;` is one character
        raise CaptionRefused(
            _("Line %(line)d has more than %(most)d characters. Split it into several captions.")
            % {"line": number, "most": MAX_LINE_LENGTH}
        )
    return STRAY_PLACING.sub("{", MARKUP.sub(kept_markup, line)).strip()


def kept_markup(found: re.Match[str]) -> str:
    """What replaces a piece of markup in a line."""
    if found[0] == "<":
        return "&lt;"
    name, rest = found[2], found[3]
    is_known = name in WEBVTT_TAGS and (not rest or rest[0] in ".\t ")
    return f"<{found[1]}{name}{rest}>" if is_known else ""


def refuse_excess(cue: Cue, number: int) -> None:
    """Raises CaptionRefused for a cue with too many lines or tags."""
    if len(cue.lines) > MAX_LINES:
        raise CaptionRefused(
            _("Line %(line)d: the caption has more than %(most)d lines.")
            % {"line": number, "most": MAX_LINES}
        )
    if sum(line.count("<") for line in cue.lines) > MAX_TAGS:
        raise CaptionRefused(
            _("Line %(line)d: the caption has more than %(most)d tags such as <i>.")
            % {"line": number, "most": MAX_TAGS}
        )


def stored_cues(webvtt: str) -> list[Cue]:
    """The cues of stored captions; none where there are none yet."""
    return parse_cues(webvtt) if "-->" in webvtt else []


def bad_times(number: int) -> str:
    """The message for a line without proper times."""
    return _("Line %(line)d must have times such as 00:00:01.000 --> 00:00:04.000.") % {
        "line": number
    }


def parse_timing(line: str, number: int, *, after: float) -> Cue:
    """The cue that a timing line begins. Raises CaptionRefused."""
    match = TIMING.fullmatch(line.strip())
    if not match:
        raise CaptionRefused(bad_times(number))
    start, end = seconds(match.groups()[:4]), seconds(match.groups()[4:8])
    if end <= start:
        raise CaptionRefused(_("Line %(line)d ends before it starts.") % {"line": number})
    if start < after:
        raise CaptionRefused(
            _("Line %(line)d starts before the caption above it.") % {"line": number}
        )
    settings = (match[9] or "").strip() if len(line) <= MAX_LINE_LENGTH else ""
    known = all(SETTING.fullmatch(setting) for setting in settings.split())
    return Cue(start, end, settings if known else "", line=number)


def seconds(parts: tuple[str | None, ...]) -> float:
    """Seconds from hours, minutes, seconds and fraction, each as text."""
    hours, minutes, whole, fraction = parts
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + float(f"{whole}.{fraction}")


def format_webvtt(cues: list[Cue]) -> str:
    """The cues as WebVTT."""
    blocks = ["WEBVTT"]
    for cue in cues:
        times = f"{webvtt_time(cue.start)} --> {webvtt_time(cue.end)} {cue.settings}".strip()
        blocks.append("\n".join([times, *(line for line in cue.lines if line)]))
    return "\n\n".join(blocks) + "\n"


class Transcript(NamedTuple):
    """Captions as paragraphs, and the number of their cues."""

    paragraphs: list[str]
    cues: int


def transcript_of(webvtt: str) -> Transcript:
    """The transcript of stored captions; empty for captions that would be refused today.

    Called when captions are saved, not when they are shown.
    """
    try:
        cues = stored_cues(webvtt)
    except CaptionRefused as refusal:
        log.warning("stored captions cannot be parsed: %s", refusal.messages[0])
        cues = []
    return Transcript(transcript(cues), len(cues))


def transcript(cues: Iterable[Cue]) -> list[str]:
    """The text as paragraphs: a new one after a pause, or when one gets long."""
    paragraphs: list[list[str]] = []
    length = 0
    last: Cue | None = None
    said = ""
    for cue in cues:
        text = cue.text
        if last and text == said:
            last = cue
            continue  # the same text, repeated by roll-up captions
        paused = last is None or cue.start - last.end >= PAUSE_SECONDS
        if paused or is_full(length, said):
            paragraphs.append([])
            length = 0
        paragraphs[-1].append(text)
        length += len(text) + 1
        last, said = cue, text
    return [" ".join(paragraph) for paragraph in paragraphs]


def is_full(length: int, said: str) -> bool:
    """Whether a paragraph of `length` characters is long and ends with a full sentence, `said`."""
    return length >= PARAGRAPH_LENGTH and said.endswith((".", "!", "?", "…"))


def to_srt(webvtt: str) -> str:
    """SubRip from WebVTT: numbered, without positions, and with only the tags that it knows."""
    blocks = []
    for number, cue in enumerate(stored_cues(webvtt), 1):
        times = f"{webvtt_time(cue.start)} --> {webvtt_time(cue.end)}".replace(".", ",")
        lines = [unescape(ANY_TAG.sub(subrip_tag, line)) for line in cue.lines if line]
        blocks.append("\n".join([str(number), times, *lines]))
    return "\n\n".join(blocks) + "\n"


def subrip_tag(tag: re.Match[str]) -> str:
    """A tag that SubRip knows, else nothing."""
    return tag[0] if SUBRIP_TAGS.fullmatch(tag[0]) else ""


told_of = transcript_of  # the name that migration 0010 imports
