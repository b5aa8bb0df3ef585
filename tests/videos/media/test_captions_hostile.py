"""Captions are bounded, read in time in proportion to their size, and once: when they are saved."""

import importlib
import time
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection
from django.urls import reverse
from hypothesis import example, given, settings
from hypothesis import strategies as st

from studio.people.roles import Role
from tests.factories import CutFactory, UserFactory
from tests.videos.media.factories import set_with_files
from tests.videos.publishing.factories import live_page
from videos.media.cuts import published
from videos.media.errors import CaptionRefused
from videos.media.jobs import transcription
from videos.media.models import Caption
from videos.media.transcoding import webvtt
from videos.media.transcoding.webvtt import (
    ANY_TAG,
    MAX_BYTES,
    MAX_CUES,
    MAX_LINE_LENGTH,
    MAX_LINES,
    MAX_TAGS,
    format_webvtt,
    parse_cues,
    stored_cues,
    to_srt,
    to_webvtt,
    transcript_of,
)

HEAD = "WEBVTT\n\n00:00.000 --> 00:01.000\n"
MEAN = ["<", "b", "<b", "</", ">", "{\\", "{\\an8}", "}", "&", "&lt", "&amp;", "-->", "<c.", "1"]
MEAN += ["<v Kim>", "<00:00:01.000>", "\0", "\u2028", " ", "NOTE", "00:00:01,000 --> 00:00:02,000"]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(st.sampled_from(MEAN) | st.text(max_size=5)).map("".join), max_size=30))
@example(["{\\{\\an8}}"])
@example(["{<x>\\\\an8}"])
def test_whatever_is_sent_becomes_captions_within_bounds_or_a_refusal(lines):
    text = HEAD + "\n".join(lines)
    try:
        kept = to_webvtt(text.encode(errors="ignore"))
    except CaptionRefused:
        return
    told = transcript_of(kept)
    cues = stored_cues(kept)
    assert told.cues == len(cues) <= MAX_CUES
    assert format_webvtt(cues) == kept  # what is kept is read back as it is
    for cue in cues:
        assert len(cue.lines) <= MAX_LINES
        for line in cue.lines:
            assert "<" not in ANY_TAG.sub("", line)  # only whole tags are left
    to_srt(kept)


@pytest.mark.parametrize(
    "unit", ["<b", "<", "<b>", "{\\", "&lt", "&", "<b <", "</", "<c.a", "a ", "x\n", "<1", "\n"]
)
def test_reading_takes_time_in_proportion_to_the_text(unit):
    def text(count: int) -> str:
        """Many cues, each as full of it as one may be, and a last one that is too full."""
        line = (unit * 500)[: 80 if "b>" not in unit else 30]
        cue = "00:00.000 --> 00:01.000\n" + line + "\n\n"
        return "WEBVTT\n\n" + cue * count + HEAD[8:] + unit * (20 * count)

    def took(content: str) -> float:
        best = 9.0
        for _ in range(3):
            began = time.perf_counter()
            try:
                transcript_of(content)
                to_webvtt(content.encode())
            except CaptionRefused:
                pass
            best = min(best, time.perf_counter() - began)
        return best

    small, large = text(100), text(1600)
    took(small)
    assert took(large) < 16 * 6 * max(took(small), 0.0005)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HEAD + "x" * (MAX_LINE_LENGTH + 1), "Line 4 has more than 500 characters"),
        (HEAD + "x\n" * (MAX_LINES + 1), "Line 16: the caption has more than 12 lines."),
        (HEAD + "<b>" * (MAX_TAGS + 1), "Line 4: the caption has more than 24 tags"),
        ("WEBVTT\n\n" + HEAD[8:] + "x\n\n" + (HEAD[8:] + "x\n\n") * MAX_CUES, "20000 captions"),
        (HEAD + "x" * MAX_BYTES, "larger than 2 MB"),
    ],
)
def test_captions_are_bounded(text, words):
    with pytest.raises(CaptionRefused) as refusal:
        to_webvtt(text.encode())
    assert words in refusal.value.messages[0]


@settings(deadline=None)
@given(
    st.lists(
        st.lists(
            st.sampled_from(["Hello.", "42", "7 of 9", "NOTE", "1984"]), min_size=1, max_size=3
        ),
        min_size=1,
        max_size=12,
    ),
    st.sampled_from(["\n", "\n \n"]),
)
def test_cues_need_no_empty_lines_between_them(texts, between):
    blocks = [
        "\n".join([str(n), f"00:00:{n:02},000 --> 00:00:{n + 1:02},000", *lines])
        for n, lines in enumerate(texts, 1)
    ]
    apart, together = parse_cues("\n\n".join(blocks)), parse_cues(between.join(blocks))
    assert format_webvtt(together) == format_webvtt(apart)
    assert [cue.lines for cue in together] == texts


def test_what_is_no_tag_is_read_as_it_is_written():
    [cue] = parse_cues(
        HEAD + "a <b c < d <i>e</i> <3 <br><font color=red>f</font> {\\an8}g <c.h>i</c>"
    )
    assert cue.lines == ["a &lt;b c &lt; d <i>e</i> &lt;3 f g <c.h>i</c>"]
    assert cue.text == "a <b c < d e <3 f g i"


@pytest.mark.django_db
class TestEveryDoor:
    @pytest.fixture
    def producer(self, client):
        user = UserFactory(role=Role.PRODUCER)
        client.force_login(user)
        return client

    def test_a_file_too_large_is_refused_in_plain_words(self, producer):
        from django.core.files.uploadedfile import SimpleUploadedFile

        cut = CutFactory()
        file = SimpleUploadedFile("a.vtt", b"x" * (MAX_BYTES + 1))
        answer = producer.post(
            reverse("media_captions", args=[cut.pk]), {"language": "en", "captions": file},
            follow=True,
        )  # fmt: skip
        assert "larger than 2 MB" in answer.content.decode()
        assert not Caption.objects.exists()

    @pytest.mark.parametrize("hostile", [HEAD + "<b" * 1000, HEAD + "<b" * 60])
    def test_hostile_captions_change_nothing_or_do_no_harm(self, producer, client, hostile):
        page = live_page()
        caption = Caption.objects.create(cut=page.cut, webvtt=HEAD + "Hello.")
        answer = producer.post(
            reverse("media_edit_captions", args=[caption.pk]),
            {"language": "en", "webvtt": hostile, "seen": caption.changed_at.isoformat()},
        )
        assert answer.status_code in {302, 400}
        published.publish(page.cut)
        client.logout()
        assert client.get(page.url).status_code == 200

    def test_what_a_machine_writes_is_read_when_it_is_saved(self):
        cues = transcription.cues_from(
            [transcription.Word(" Hello.", 0, 1), transcription.Word(" <b", 1, 2)]
        )
        caption = Caption.objects.create(cut=CutFactory(), webvtt=format_webvtt(cues))
        assert (caption.cues, " ".join(caption.paragraphs)) == (len(cues), "Hello. <b")


@pytest.mark.django_db
class TestKept:
    def bad(self, cut) -> Caption:
        """Captions as they were kept before there were bounds."""
        caption = Caption.objects.create(cut=cut, webvtt=HEAD + "Hello.")
        Caption.objects.filter(pk=caption.pk).update(webvtt=HEAD + "<b" * 1000, paragraphs=["x"])
        return caption

    def test_a_page_prints_what_was_read_when_it_was_saved(self, client, monkeypatch):
        page = live_page()
        Caption.objects.create(cut=page.cut, webvtt=HEAD + "It pays.")
        published.publish(page.cut)
        read = []
        monkeypatch.setattr(webvtt, "stored_cues", lambda text: read.append(text) or [])
        assert "It pays." in client.get(page.url).content.decode()
        assert read == []

    def test_bad_ones_of_before_show_nothing_and_are_told_of(self, client, caplog):
        page = live_page()
        caption = self.bad(page.cut)
        migration = importlib.import_module("videos.media.migrations.0010_captions_kept_are_read")
        migration.read(apps, SimpleNamespace(connection=connection))
        published.publish(page.cut)
        caption.refresh_from_db()
        assert (caption.paragraphs, caption.cues) == ([], 0)
        assert "cannot be parsed" in caplog.text
        answer = client.get(page.url)
        assert answer.status_code == 200
        assert "<track" not in answer.content.decode()

    def test_bad_ones_of_before_can_be_mended_in_the_editor(self, client):
        caption = self.bad(set_with_files().cut)
        client.force_login(UserFactory(role=Role.PRODUCER))
        answer = client.get(reverse("media_edit_captions", args=[caption.pk]))
        assert answer.status_code == 200
        assert "contain an error" in answer.content.decode()
        assert (
            client.get(reverse("media_download_captions", args=[caption.pk, "srt"])).status_code
            == 302
        )
