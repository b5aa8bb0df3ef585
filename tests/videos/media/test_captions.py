import pytest
import webvtt

from videos.media.errors import CaptionRefused
from videos.media.transcoding.webvtt import stored_cues, to_webvtt, transcript

SRT = (
    "\ufeff1\r\n00:00:01,000 --> 00:00:02,500\r\n"
    "{\\an8}<font color=red>What does it cost?</font>\r\n"
    "\r\n2\r\n00:00:03,000 --> 00:00:05,000\r\nLess than\r\n<i>you</i> think.\r\n"
)
VTT = (
    "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\nWhat does it cost?\n\n"
    "00:00:03.000 --> 00:00:05.000\nLess than\n<i>you</i> think.\n"
)


def test_subrip_becomes_webvtt():
    assert to_webvtt(SRT.encode()) == VTT
    assert [cue.text for cue in webvtt.from_string(VTT, strict=True)] == [
        "What does it cost?",
        "Less than\nyou think.",
    ]


def test_webvtt_stays_without_its_notes_and_styles():
    noted = VTT.replace(
        "WEBVTT\n", "WEBVTT - by hand\nKind: captions\n\nNOTE two\nlines\n\nSTYLE\n::cue {}\n"
    ).replace("02.500\n", "02.500 align:start line:0\n")
    assert to_webvtt(noted.encode()) == VTT.replace("02.500\n", "02.500 align:start line:0\n")


def said_in(content):
    return [cue.lines for cue in stored_cues(to_webvtt(content.encode()))]


def test_digits_before_the_times_are_what_is_said_but_for_the_number_of_subrip():
    first, second = "00:00:01.000 --> 00:00:02.000\n", "00:00:02.500 --> 00:00:04.000\nMany.\n"
    asked = f"{first}How many ovens?\n"
    said = [["How many ovens?", "42"], ["Many."]]
    counted = [["How many ovens?"], ["Many."]]
    assert said_in(f"WEBVTT\n\n{asked}42\n{second}") == said
    assert said_in(f"WEBVTT\n\n1\n{asked}2\n{second}")[0] == ["How many ovens?", "2"]
    assert said_in(f"WEBVTT\n\n1\n{asked}\n2\n{second}") == counted
    assert said_in(f"1\n{asked}42\n{second}") == said
    assert said_in(f"1\n{asked}42\n\n2\n{second}") == said
    assert said_in(f"1\n{asked}2\n{second}") == counted
    assert said_in(f"7\n{asked}8\n{second}") == counted
    assert said_in(f"{asked}2\n{second}") == counted
    assert said_in(f"1\n{first}2\n{second}") == [["Many."]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_captions_in_the_usual_encodings_are_read(encoding):
    assert "Täglich" in to_webvtt("WEBVTT\n\n00:01.000 --> 00:02.000\nTäglich\n".encode(encoding))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "There are no captions in this file. It must be an SRT or WebVTT file."),
        (b"WEBVTT\n", "There are no captions in this file. It must be an SRT or WebVTT file."),
        (b"Dear all,\nhello", "Line 1 is not part of a caption: “Dear all,”."),
        (
            b"1\n00:00:01,000 -> 00:00:02,000\nA",
            "Line 2 must have times such as 00:00:01.000 --> 00:00:04.000.",
        ),
        (
            b"00:00:01,000 - 00:00:02,000\nA",
            "Line 1 must have times such as 00:00:01.000 --> 00:00:04.000.",
        ),
        (
            b"WEBVTT\n\n00:01 --> 2\nA",
            "Line 3 must have times such as 00:00:01.000 --> 00:00:04.000.",
        ),
        (b"WEBVTT\n\n00:03.000 --> 00:02.000\nA", "Line 3 ends before it starts."),
        (
            b"WEBVTT\n\n00:03.000 --> 00:04.000\nA\n\n00:02.000 --> 00:04.000\nB",
            "Line 6 starts before the caption above it.",
        ),
        (
            b"WEBVTT\n\n00:03.000 --> 00:04.000\n\xff",
            "Line 4 is not in UTF-8. Save the captions as UTF-8 and upload them again.",
        ),
    ],
)
def test_what_is_no_captions_is_refused_with_its_line(content, words):
    with pytest.raises(CaptionRefused) as refusal:
        to_webvtt(content)
    assert refusal.value.messages == [words]


def test_a_transcript_has_a_paragraph_after_each_pause():
    cues = stored_cues(
        to_webvtt(
            b"WEBVTT\n\n00:01.000 --> 00:02.000\nIt <b>pays</b>\n\n"
            b"00:02.000 --> 00:03.000\nin a year.\n\n00:03.000 --> 00:04.000\nin a year.\n\n"
            b"00:07.000 --> 00:08.000\nAsk us.\n"
        )
    )
    assert transcript(cues) == ["It pays in a year.", "Ask us."]
