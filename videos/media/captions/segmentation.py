"""Splits timed words into readable cues.

Sentences stay together where they can; a cue has two lines of 42 columns and seven seconds at
most (the usual limits of broadcasters and of Netflix's timed text style guide), and lines are of
like length.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from unicodedata import east_asian_width

from videos.media.transcoding.webvtt import Cue

COLUMNS, LINES = 42, 2
LONGEST_SECONDS = 7.0
PAUSE_SECONDS = 0.9  # after one so long, something else begins
BRIEF_SECONDS = 1.0  # a sentence shorter than this is joined by the next
EASY = 17  # characters a second, given where there is time for it
SHORTEST_SECONDS = 0.2
SENTENCE_ENDS = (".", "?", "!", "…", "。", "？", "！")
CLAUSE_ENDS = (",", ";", ":", "–", "—", "、", "，")
ENOUGH = 0.4  # of a cue's room, for a clause to stand alone


@dataclass(frozen=True)
class Word:
    """What is said from `start` to `end`, in seconds; with the space before it, if there is one."""

    text: str
    start: float
    end: float


def cues_from(words: Iterable[Word]) -> list[Cue]:
    """The cues of words in their order; none overlap."""
    groups: list[list[Word]] = []
    current: list[Word] = []
    for word in tidy(words):
        while current and not may_join(current, word):
            head, current = split(current, word)
            groups.append(head)
        current.append(word)
    if current:
        groups.append(current)
    return timed([(group, lines_of(group)) for group in groups])


def tidy(words: Iterable[Word]) -> list[Word]:
    """Words that go forward in time, each short enough for a line and a cue."""
    kept: list[Word] = []
    last = 0.0
    for word in words:
        if not word.text.strip():
            continue
        start = max(last, word.start)
        end = min(max(start, word.end), start + LONGEST_SECONDS / 2)
        kept += pieces(replace(word, start=start, end=end))
        last = start
    return kept


def pieces(word: Word) -> list[Word]:
    """A word, cut where it is wider than a line."""
    parts, part = [], ""
    for letter in word.text.rstrip():
        if width(part.strip() + letter) > COLUMNS:
            parts.append(part)
            part = ""
        part += letter
    parts.append(part)
    step = (word.end - word.start) / len(parts)
    return [
        Word(text, word.start + step * number, word.start + step * (number + 1))
        for number, text in enumerate(parts)
    ]


def may_join(group: Sequence[Word], word: Word) -> bool:
    """Whether a word may stand in the cue of those before it."""
    if not fits([*group, word]) or word.end - group[0].start > LONGEST_SECONDS:
        return False
    if word.start - group[-1].end >= PAUSE_SECONDS:
        return False
    is_sentence = group[-1].text.endswith(SENTENCE_ENDS)
    return not is_sentence or group[-1].end - group[0].start < BRIEF_SECONDS


def split(group: list[Word], word: Word) -> tuple[list[Word], list[Word]]:
    """(words of a cue, words for the next one): split after a clause if a line is full."""
    breaks_off = word.start - group[-1].end >= PAUSE_SECONDS
    if not breaks_off and not group[-1].text.endswith(SENTENCE_ENDS):
        for end in range(len(group) - 1, 0, -1):
            is_clause = group[end - 1].text.endswith((*CLAUSE_ENDS, *SENTENCE_ENDS))
            if is_clause and width(text_of(group[:end])) >= ENOUGH * LINES * COLUMNS:
                return group[:end], group[end:]
    return group, []


def fits(words: Sequence[Word]) -> bool:
    """Whether words fit into the lines of a cue."""
    return width(text_of(words)) <= COLUMNS or bool(breaks(words))


def lines_of(words: Sequence[Word]) -> list[str]:
    """The lines of words that fit: one, or two of like length, rather broken after a clause."""
    text = text_of(words)
    if width(text) <= COLUMNS:
        return [text]
    _badness, first, second = min((unevenness(*way), *way) for way in breaks(words))
    return [first, second]


def breaks(words: Sequence[Word]) -> list[tuple[str, str]]:
    """The ways to put words into two lines."""
    ways = ((text_of(words[:at]), text_of(words[at:])) for at in range(1, len(words)))
    return [way for way in ways if max(map(width, way)) <= COLUMNS]


def unevenness(first: str, second: str) -> int:
    """How ill two lines look: their difference, made up for by a break where one breathes."""
    bonus = 12 if first.endswith((*SENTENCE_ENDS, *CLAUSE_ENDS)) else 0
    return abs(width(first) - width(second)) - bonus


def text_of(words: Sequence[Word]) -> str:
    """Words in one line."""
    return " ".join("".join(word.text for word in words).split())


def width(text: str) -> int:
    """Columns that a text takes: two for the wide letters of East Asia."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def timed(groups: Sequence[tuple[list[Word], list[str]]]) -> list[Cue]:
    """Cues one after the other, each as long as it is easy to read where there is time."""
    cues: list[Cue] = []
    nexts = [words[0].start for words, _lines in groups[1:]] + [float("inf")]
    for (words, lines), following in zip(groups, nexts, strict=False):
        start = max(words[0].start, cues[-1].end if cues else 0.0)
        wanted = max(BRIEF_SECONDS, sum(map(len, lines)) / EASY)
        end = max(words[-1].end, min(start + wanted, following))
        end = min(max(end, start + SHORTEST_SECONDS), start + LONGEST_SECONDS)
        cues.append(Cue(start, end, lines=[escaped(line) for line in lines]))
    return cues


def escaped(line: str) -> str:
    """A line as WebVTT writes it."""
    return line.replace("&", "&amp;").replace("<", "&lt;").replace("-->", "→")
