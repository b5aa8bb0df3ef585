from itertools import pairwise

import pytest
import webvtt
from hypothesis import given
from hypothesis import strategies as st

from videos.media.captions.segmentation import (
    COLUMNS,
    LINES,
    LONGEST_SECONDS,
    Word,
    cues_from,
    width,
)
from videos.media.transcoding.webvtt import format_webvtt, to_webvtt


def said(text, *, start=0.0, pace=0.3, pause=0.05):
    """Words one after the other, each with the space before it, as Whisper tells them."""
    words = []
    for word in text.split():
        words.append(Word(f" {word}", start, start + pace))
        start += pace + pause
    return words


def lines(words):
    return [cue.lines for cue in cues_from(words)]


def test_a_short_sentence_is_one_line():
    cues = cues_from(said("It pays in a year.", start=2))
    assert [cue.lines for cue in cues] == [["It pays in a year."]]
    assert cues[0].start == 2


def test_sentences_stand_apart():
    assert lines(said("It pays in a single year. Ask us how it does.")) == [
        ["It pays in a single year."],
        ["Ask us how it does."],
    ]


def test_a_sentence_of_a_moment_joins_the_next():
    assert lines(said("Yes. It pays in a year.")) == [["Yes. It pays in a year."]]


def test_a_pause_begins_a_new_cue():
    words = said("It pays") + said("in a year", start=4)
    assert lines(words) == [["It pays"], ["in a year"]]


def test_two_lines_are_of_like_length_and_break_where_one_breathes():
    text = "When the line stands still for a day, you lose four thousand loaves"
    assert lines(said(text, pace=0.2)) == [
        ["When the line stands still for a day,", "you lose four thousand loaves"]
    ]


def test_a_long_sentence_goes_on_after_a_clause():
    text = (
        "We begin on a Friday evening when the ovens are cold, and before the first loaf "
        "goes in on Monday everything runs as it did before"
    )
    first, *rest = lines(said(text, pace=0.15))
    assert first[-1].endswith("cold,")
    assert rest[0][0].startswith("and before")


def test_languages_without_spaces_are_broken_by_their_width():
    letters = [
        Word(letter, n * 0.1, n * 0.1 + 0.1) for n, letter in enumerate("生産が止まる時間は" * 6)
    ]
    for cue in cues_from(letters):
        assert all(" " not in line and width(line) <= COLUMNS for line in cue.lines)


def test_a_cue_stays_long_enough_to_be_read_where_there_is_time():
    (cue,) = cues_from([Word(" Extraordinarily", 1.0, 1.2)])
    assert cue.end - cue.start == pytest.approx(1.0)


def test_signs_of_webvtt_are_written_as_text():
    (cue,) = cues_from([Word(" R&D", 0, 0.5), Word(" <3", 0.5, 1)])
    assert cue.lines == ["R&amp;D &lt;3"]


words_of_any_kind = st.lists(
    st.builds(
        Word,
        st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=60).map(
            lambda text: f" {text}"
        ),
        st.floats(0, 10_000),
        st.floats(0, 10_000),
    ),
    max_size=60,
)


@given(words_of_any_kind)
def test_cues_fit_the_screen_the_eye_and_each_other(words):
    """Whatever a model makes up: times that go back, words as long as a page, nothing."""
    cues = cues_from(words)
    for cue in cues:
        assert len(cue.lines) <= LINES
        assert all(width(plain(line)) <= COLUMNS for line in cue.lines)
        assert 0.19 <= cue.end - cue.start <= LONGEST_SECONDS + 0.001
    assert all(a.end <= b.start + 1e-6 for a, b in pairwise(cues))


@given(words_of_any_kind)
def test_no_letter_is_lost_and_all_of_it_is_webvtt(words):
    cues = cues_from(words)
    shown = "".join(plain(line) for cue in cues for line in cue.lines)
    assert "".join(shown.split()) == "".join("".join(word.text.split()) for word in words)
    if cues:
        kept = format_webvtt(cues)
        assert to_webvtt(kept.encode()) == kept
        assert len(webvtt.from_string(kept, strict=True).captions) == len(cues)


def plain(line):
    return line.replace("&lt;", "<").replace("&amp;", "&")
