"""Captions of a cut: read from SRT or WebVTT, kept as WebVTT, told as a transcript."""

import re
from dataclasses import dataclass, field
from html import unescape
from itertools import pairwise

from django.utils.html import strip_tags
from django.utils.translation import gettext as _

from videos.media.errors import CaptionRefused
from videos.media.models import Caption
from videos.media.storyboard import clock

MOST_BYTES = 4 * 1024**2
TIME = r"(?:(\d{1,3}):)?([0-5]?\d):([0-5]?\d)[.,](\d{1,3})"
# Two times with something else between them than an arrow
LIKE_TIMES = re.compile(r"\s*\d+:\d\d\S*\s*(?!-->)\S{1,3}\s*\d+:\d\d")
TIMING = re.compile(rf"{TIME}\s*-->\s*{TIME}(?:\s+(.*))?")
SETTINGS = re.compile(r"(?:(?:vertical|line|position|size|align):[\w.,%-]+\s*)*")
# Tags that WebVTT knows; others, and the placing of SubRip ({\an8}), are dropped.
FOREIGN = re.compile(r"</?(?!/?(?:b|i|u|v|c|lang|ruby|rt)\b)\w[^<>]*>|\{\\[^}]*\}")
PAUSE_SECONDS = 2.0
LONG_PARAGRAPH = 500


# Of the tags that WebVTT knows, SubRip knows three.
UNKNOWN_TO_SUBRIP = re.compile(r"</?(?!/?(?:b|i|u)>)[^>]*>")
STRAY = re.compile(r"<(?!/?(?:b|i|u|v|c|lang|ruby|rt)\b)")


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
        return unescape(" ".join(strip_tags(line) for line in self.lines if line))


def to_webvtt(content: bytes) -> str:
    """WebVTT from a file of SubRip or WebVTT. Raises CaptionRefused, which names the line."""
    if len(content) > MOST_BYTES:
        raise CaptionRefused(_("The captions are larger than 4 MB: this is no caption file."))
    return written(cues_of(text_of(content)))


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
    """The cues of a caption file, in order. Raises CaptionRefused, which names the line."""
    cues: list[Cue] = []
    current: Cue | None = None
    skipping = text.startswith("WEBVTT")
    lines = [*text.split("\n"), ""]
    for number, (line, following) in enumerate(pairwise(lines), 1):
        if not line.strip():
            current, skipping = None, False
        elif skipping or (current is None and line.startswith(("NOTE", "STYLE", "REGION"))):
            skipping = True
        elif "-->" in line:
            current = cue_of(line, number, after=cues[-1].start if cues else 0.0)
            cues.append(current)
        elif current is not None:
            current.lines.append(STRAY.sub("&lt;", FOREIGN.sub("", line).strip()))
        elif LIKE_TIMES.match(line):
            raise CaptionRefused(no_times(number))
        elif LIKE_TIMES.match(following):  # this one is its number or name
            raise CaptionRefused(no_times(number + 1))
        elif "-->" not in following:  # else it is a cue's number or name
            raise CaptionRefused(
                _("Line %(line)d is no caption: “%(text)s”.")
                % {"line": number, "text": line.strip()[:60]}
            )
    spoken = [cue for cue in cues if any(cue.lines)]
    if not spoken:
        raise CaptionRefused(_("There are no captions in this file: it must be SRT or WebVTT."))
    return spoken


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
    settings = (match[9] or "").strip()
    return Cue(start, end, settings if SETTINGS.fullmatch(settings) else "", line=number)


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


def transcript(caption: Caption) -> list[str]:
    """What is said, as paragraphs: a new one after a pause, or when one gets long."""
    paragraphs: list[str] = []
    last: Cue | None = None
    said = ""
    for cue in cues_in(caption.webvtt):
        text = cue.text
        if last and text == said:
            last = cue
            continue  # the same words rolled up
        paused = last is None or cue.start - last.end >= PAUSE_SECONDS
        if paused or is_full(paragraphs[-1]):
            paragraphs.append(text)
        else:
            paragraphs[-1] += f" {text}"
        last, said = cue, text
    return paragraphs


def is_full(paragraph: str) -> bool:
    """Whether a paragraph is long, and ends with a sentence."""
    return len(paragraph) >= LONG_PARAGRAPH and paragraph.endswith((".", "!", "?", "…"))


def to_srt(webvtt: str) -> str:
    """SubRip from WebVTT: numbered, without places, and with no tags but those it knows."""
    blocks = []
    for number, cue in enumerate(cues_in(webvtt), 1):
        times = f"{clock(cue.start)} --> {clock(cue.end)}".replace(".", ",")
        lines = [unescape(UNKNOWN_TO_SUBRIP.sub("", line)) for line in cue.lines if line]
        blocks.append("\n".join([str(number), times, *lines]))
    return "\n\n".join(blocks) + "\n"
