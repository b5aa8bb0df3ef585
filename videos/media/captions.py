"""Captions of a cut: read from SRT or WebVTT, kept as WebVTT, told as a transcript."""

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
from videos.media.storyboard import clock

log = logging.getLogger(__name__)

# Bounds of what is kept. Twelve hours of speech are about half a million characters.
MOST_BYTES = 2 * 1024**2
NO_CUES = "no_cues"  # the code of the refusal of a file without captions
MOST_CUES = 20_000
MOST_LINES = 12  # of a cue
LONGEST_LINE = 500  # characters
MOST_TAGS = 24  # of a cue: more of them nested are more than a browser should be given
TIME = r"(?:(\d{1,3}):)?([0-5]?\d):([0-5]?\d)[.,](\d{1,3})"
# Two times with something else between them than an arrow
LIKE_TIMES = re.compile(r"\s{0,9}\d{1,9}:\d\d[\d:.,]{0,20}\s{0,9}(?!-->)\S{1,3}\s{0,9}\d{1,9}:\d\d")
TIMING = re.compile(rf"{TIME}\s*-->\s*{TIME}(?:\s+(.*))?")
NUMBER = re.compile(r"\s*[0-9]{1,9}\s*")
SETTING = re.compile(r"(?:vertical|line|position|size|align):[\w.,%-]+")
# A tag ends before another one begins, so that all of a line is looked at twice at most. The last
# two are the placing of SubRip ({\an8}) and what looks like a tag and is none.
MARKUP = re.compile(r"<(/?)(\w[\w:]*)([^<>]*)>|\{\\[^{}]*\}|<")
# A shape that a track of Advanced SubStation draws, of which ffmpeg makes words
DRAWING = re.compile(r"m(?: -?\d+(?:\.\d+)?){2}(?: -?\d+(?:\.\d+)?| [mnlbspc])*")
UNMARKED = re.compile(r"\{(?=\\[^{}]*\})\\+")  # a placing that others stood inside of
ANY_TAG = re.compile(r"<[^<>]*>")
KNOWN = {"b", "i", "u", "v", "c", "lang", "ruby", "rt"}  # to WebVTT; others are dropped
KNOWN_TO_SUBRIP = re.compile(r"</?[biu]>")
PAUSE_SECONDS = 2.0
STAY = 5.0  # seconds that a caption is shown whose end is not told
LONG_PARAGRAPH = 500


@dataclass
class Cue:
    """What is said from `start` to `end`, in seconds. `line` is the file's with the times."""

    start: float
    end: float
    settings: str = ""
    lines: list[str] = field(default_factory=list)
    line: int = 0

    @property
    def text(self) -> str:
        """What a viewer reads, in one line."""
        return unescape(ANY_TAG.sub("", " ".join(line for line in self.lines if line)))


def to_webvtt(content: bytes) -> str:
    """WebVTT from a file of SubRip or WebVTT. Raises CaptionRefused, which names the line."""
    if len(content) > MOST_BYTES:
        raise CaptionRefused(too_large())
    return written(cues_of(text_of(content)))


def too_large() -> str:
    """The sentence for more text than captions have."""
    return _("The captions are larger than %(most)d MB: this is no caption file.") % {
        "most": MOST_BYTES // 1024**2
    }


def text_of(content: bytes) -> str:
    """The text of a caption file in UTF-8 or UTF-16, with plain line ends."""
    is_wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = content.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError as broken:
        line = content[: broken.start].count(b"\n") + 1
        raise CaptionRefused(
            _("Line %(line)d is not in UTF-8: save the captions as UTF-8 and upload them again.")
            % {"line": line}
        ) from broken
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


def cues_of(text: str) -> list[Cue]:
    """The cues of a caption file, in order, within bounds. Raises CaptionRefused, which names the
    line. Takes time in proportion to the text, whatever is in it."""
    if len(text) > MOST_BYTES:
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
            current = cue_of(line, number, after=cues[-1].start if cues else 0.0)
            cues.append(current)
            if len(cues) > MOST_CUES:
                raise CaptionRefused(
                    _("Line %(line)d: there are more than %(most)d captions.")
                    % {"line": number, "most": MOST_CUES}
                )
        elif (
            "-->" in following
            and NUMBER.fullmatch(line)
            and (current is None or (not is_webvtt and goes_on(line, latest)))
        ):
            current, latest = None, int(line)
        elif current is not None:
            current.lines.append(cleaned(line, number))
            refuse_much(current, number)
        else:
            refuse_unless_named(line, following, number)
    spoken = [cue for cue in cues if any(cue.lines)]
    if not spoken:
        text = _("There are no captions in this file: it must be SRT or WebVTT.")
        raise CaptionRefused(text, NO_CUES)
    return spoken


def cues_by_machine(text: str) -> list[Cue]:
    """The cues of WebVTT that ffmpeg wrote from a track inside of a file, in order. Raises
    CaptionRefused where there are more than we keep.

    Nobody can mend such a track, so what is odd in it is mended here: a caption without an end
    stays until the next one, long lines are broken, too many tags are left out, what looks like
    times in words is words, and what is drawn is none.
    """
    if len(text) > MOST_BYTES:
        raise CaptionRefused(too_large())
    cues: list[Cue] = []
    for number, line in enumerate(text.replace("\0", "").split("\n"), 1):
        if match := TIMING.fullmatch(line.strip()):
            start, end = seconds(match.groups()[:4]), seconds(match.groups()[4:8])
            cues.append(Cue(start, max(start, end), line=number))
        elif cues and line.strip():
            cues[-1].lines += readable(line, number, room=MOST_LINES - len(cues[-1].lines))
    if len(cues) > MOST_CUES:
        raise CaptionRefused(
            _("There are more than %(most)d captions in this track.") % {"most": MOST_CUES}
        )
    cues.sort(key=lambda cue: cue.start)
    for cue in cues:
        if sum(line.count("<") for line in cue.lines) > MOST_TAGS:
            cue.lines = [ANY_TAG.sub("", line) for line in cue.lines]
    for last, after in pairwise([*cues, None]):
        if last and last.end <= last.start:
            following = after.start if after and after.start > last.start else last.start + STAY
            last.end = min(following, last.start + STAY)
    return [cue for cue in cues if any(cue.lines)]


def readable(line: str, number: int, *, room: int) -> list[str]:
    """A line of words as lines that may be kept, of a cue that has room for some."""
    if DRAWING.fullmatch(line.strip()):
        return []
    words = line.replace("-->", "--&gt;").replace("\\h", " ")
    broken = textwrap.wrap(words, LONGEST_LINE) if len(words) > LONGEST_LINE else [words]
    return [cleaned(part, number) for part in broken[: max(0, room)]]


def goes_on(line: str, latest: int | None) -> bool:
    """Whether a line of digits before the times of a cue of SubRip, with no empty line before it,
    is the cue's number and not what is said: where it is the next one, or nobody counted yet.
    """
    return latest is None or int(line) == latest + 1


def refuse_unless_named(line: str, following: str, number: int) -> None:
    """Raises CaptionRefused for a line between cues that is not the number or name of the next."""
    if LIKE_TIMES.match(line):
        raise CaptionRefused(no_times(number))
    if LIKE_TIMES.match(following):
        raise CaptionRefused(no_times(number + 1))
    if "-->" not in following:
        raise CaptionRefused(
            _("Line %(line)d is no caption: “%(text)s”.")
            % {"line": number, "text": line.strip()[:60]}
        )


def cleaned(line: str, number: int) -> str:
    """A line with no tags but those that WebVTT knows, whole ones. Raises CaptionRefused."""
    line = line.strip()
    if len(unescape(line)) > LONGEST_LINE:  # `&lt;` is one letter to whoever reads it
        raise CaptionRefused(
            _("Line %(line)d has more than %(most)d characters: break it into several captions.")
            % {"line": number, "most": LONGEST_LINE}
        )
    return UNMARKED.sub("{", MARKUP.sub(kept_markup, line)).strip()


def kept_markup(found: re.Match[str]) -> str:
    """What stays of markup in a line."""
    if found[0] == "<":
        return "&lt;"
    name, rest = found[2], found[3]
    is_known = name in KNOWN and (not rest or rest[0] in ".\t ")
    return f"<{found[1]}{name}{rest}>" if is_known else ""


def refuse_much(cue: Cue, number: int) -> None:
    """Raises CaptionRefused for a cue that nobody could read."""
    if len(cue.lines) > MOST_LINES:
        raise CaptionRefused(
            _("Line %(line)d: a caption has more than %(most)d lines.")
            % {"line": number, "most": MOST_LINES}
        )
    if sum(line.count("<") for line in cue.lines) > MOST_TAGS:
        raise CaptionRefused(
            _("Line %(line)d: a caption has more than %(most)d tags such as <i>.")
            % {"line": number, "most": MOST_TAGS}
        )


def cues_in(webvtt: str) -> list[Cue]:
    """The cues of captions that we keep: none where nobody has written any yet."""
    return cues_of(webvtt) if "-->" in webvtt else []


def no_times(number: int) -> str:
    """The sentence for a line in which times are not as they should be."""
    return _("Line %(line)d has no times like 00:00:01.000 --> 00:00:04.000.") % {"line": number}


def cue_of(line: str, number: int, *, after: float) -> Cue:
    """The cue whose times are in a line. Raises CaptionRefused."""
    match = TIMING.fullmatch(line.strip())
    if not match:
        raise CaptionRefused(no_times(number))
    start, end = seconds(match.groups()[:4]), seconds(match.groups()[4:8])
    if end <= start:
        raise CaptionRefused(_("Line %(line)d ends before it starts.") % {"line": number})
    if start < after:
        raise CaptionRefused(_("Line %(line)d starts before the one above it.") % {"line": number})
    settings = (match[9] or "").strip() if len(line) <= LONGEST_LINE else ""
    known = all(SETTING.fullmatch(setting) for setting in settings.split())
    return Cue(start, end, settings if known else "", line=number)


def seconds(parts: tuple[str | None, ...]) -> float:
    """Seconds from hours, minutes, seconds and their fraction as text."""
    hours, minutes, whole, fraction = parts
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + float(f"{whole}.{fraction}")


def written(cues: list[Cue]) -> str:
    """The cues as WebVTT."""
    blocks = ["WEBVTT"]
    for cue in cues:
        times = f"{clock(cue.start)} --> {clock(cue.end)} {cue.settings}".strip()
        blocks.append("\n".join([times, *(line for line in cue.lines if line)]))
    return "\n\n".join(blocks) + "\n"


class Told(NamedTuple):
    """What pages print of captions: paragraphs of what is said, and of how many cues."""

    paragraphs: list[str]
    cues: int


def told_of(webvtt: str) -> Told:
    """What pages print of captions that we keep: nothing of those that could not be taken in today.

    To be called when they are saved, not when they are shown.
    """
    try:
        cues = cues_in(webvtt)
    except CaptionRefused as refusal:
        log.warning("captions that are kept cannot be shown: %s", refusal.messages[0])
        cues = []
    return Told(transcript(cues), len(cues))


def transcript(cues: Iterable[Cue]) -> list[str]:
    """What is said, as paragraphs: a new one after a pause, or when one gets long."""
    paragraphs: list[list[str]] = []
    length = 0
    last: Cue | None = None
    said = ""
    for cue in cues:
        text = cue.text
        if last and text == said:
            last = cue
            continue  # the same words rolled up
        paused = last is None or cue.start - last.end >= PAUSE_SECONDS
        if paused or is_full(length, said):
            paragraphs.append([])
            length = 0
        paragraphs[-1].append(text)
        length += len(text) + 1
        last, said = cue, text
    return [" ".join(paragraph) for paragraph in paragraphs]


def is_full(length: int, said: str) -> bool:
    """Whether a paragraph of some characters is long, and `said`, its end, ends a sentence."""
    return length >= LONG_PARAGRAPH and said.endswith((".", "!", "?", "…"))


def to_srt(webvtt: str) -> str:
    """SubRip from WebVTT: numbered, without places, and with no tags but those it knows."""
    blocks = []
    for number, cue in enumerate(cues_in(webvtt), 1):
        times = f"{clock(cue.start)} --> {clock(cue.end)}".replace(".", ",")
        lines = [unescape(ANY_TAG.sub(in_subrip, line)) for line in cue.lines if line]
        blocks.append("\n".join([str(number), times, *lines]))
    return "\n\n".join(blocks) + "\n"


def in_subrip(tag: re.Match[str]) -> str:
    """A tag as SubRip has it: three of those that WebVTT knows, and no others."""
    return tag[0] if KNOWN_TO_SUBRIP.fullmatch(tag[0]) else ""
