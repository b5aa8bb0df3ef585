from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.factories import UserFactory, ready_cut
from videos.media.captions.lint import remarks
from videos.media.models import Caption
from videos.media.transcoding.webvtt import parse_cues, to_srt

pytestmark = pytest.mark.django_db

VTT = "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\nWhat does it cost?\n"
SCRIPT = {"X-Requested-With": "XMLHttpRequest"}


@pytest.fixture
def caption():
    return Caption.objects.create(cut=ready_cut(), webvtt=VTT, is_automatic=True)


def sent(caption, webvtt=VTT, **more):
    seen = caption.changed_at.isoformat()
    return {"language": "en", "label": "English", "webvtt": webvtt, "seen": seen} | more


def said(response):
    return [str(message).strip() for message in get_messages(response.wsgi_request)]


def test_a_machines_captions_are_a_persons_once_a_person_saves_them(signed_in, producer, caption):
    assert caption.shown_label == "English (automatic)"
    url = reverse("media_edit_captions", args=[caption.pk])
    page = signed_in(producer).get(url).content.decode()
    assert "These captions are automatic." in page
    response = signed_in(producer).post(url, sent(caption))
    assert (response.status_code, response.url) == (302, url)
    caption.refresh_from_db()
    assert (caption.is_automatic, caption.changed_by, caption.webvtt) == (False, producer, VTT)
    assert caption.shown_label == "English"


def test_what_somebody_else_saved_meanwhile_is_not_overwritten(signed_in, producer, caption):
    client, url = signed_in(producer), reverse("media_edit_captions", args=[caption.pk])
    first, second = sent(caption, VTT.replace("cost", "weigh")), sent(caption)
    assert client.post(url, first, headers=SCRIPT).status_code == 200
    refused = client.post(url, second, headers=SCRIPT)
    assert refused.status_code == 409
    assert refused.json()["refusal"] == (
        f"{producer} saved these captions after you opened them. Your changes are not saved."
    )
    caption.refresh_from_db()
    assert "weigh" in caption.webvtt
    plain = client.post(url, second)
    assert plain.status_code == 409
    assert "What does it cost?" in plain.content.decode()  # what was written stays
    over = client.post(url, second | {"seen": refused.json()["theirs"]}, headers=SCRIPT)
    assert over.status_code == 200
    caption.refresh_from_db()
    assert "cost" in caption.webvtt


def test_what_is_no_captions_is_refused_with_its_line_and_nothing_is_lost(
    signed_in, producer, caption
):
    url = reverse("media_edit_captions", args=[caption.pk])
    broken = "WEBVTT\n\n00:02.000 --> 00:01.000\nBackward\n"
    response = signed_in(producer).post(url, sent(caption, broken))
    assert response.status_code == 400
    assert said(response) == ["Line 3 ends before it starts."]
    assert "Backward" in response.content.decode()
    assert Caption.objects.get().webvtt == VTT
    late = signed_in(producer).post(url, sent(caption, seen="yesterday"), headers=SCRIPT)
    assert late.status_code == 400


def test_captions_change_their_language_unless_it_is_taken(signed_in, producer, caption):
    client, url = signed_in(producer), reverse("media_edit_captions", args=[caption.pk])
    client.post(url, sent(caption, language="de", label=""))
    caption.refresh_from_db()
    assert (caption.language, caption.label) == ("de", "Deutsch")
    Caption.objects.create(cut=caption.cut, language="fr", webvtt=VTT)
    refused = client.post(url, sent(caption, language="fr"), headers=SCRIPT)
    assert (refused.status_code, refused.json()["refusal"]) == (
        400,
        "This cut has other captions in Français.",
    )
    assert client.post(url, sent(caption, language="klingon")).status_code == 400


def test_captions_begin_empty_and_nobody_sees_them_until_they_say_something(signed_in, producer):
    cut = ready_cut()
    client = signed_in(producer)
    response = client.post(reverse("media_new_captions", args=[cut.pk]), {"new-language": "de"})
    begun = Caption.objects.get()
    assert response.url == reverse("media_edit_captions", args=[begun.pk])
    assert client.get(response.url).status_code == 200
    assert (begun.language, begun.label, begun.webvtt) == ("de", "Deutsch", "WEBVTT\n")
    assert not cut.captions.with_words()
    client.post(reverse("media_new_captions", args=[cut.pk]), {"new-language": "de"})
    assert Caption.objects.get() == begun
    client.post(response.url, sent(begun, "", language="de"))
    assert Caption.objects.get().webvtt == "WEBVTT\n"


def test_captions_are_taken_home_as_either_kind(signed_in, producer, caption):
    client = signed_in(producer)
    srt = client.get(reverse("media_download_captions", args=[caption.pk, "srt"]))
    assert srt.content.decode() == "1\n00:00:01,000 --> 00:00:02,500\nWhat does it cost?\n"
    assert srt["Content-Disposition"].endswith(f'-cut-{caption.cut.number}-en.srt"')
    vtt = client.get(reverse("media_download_captions", args=[caption.pk, "vtt"]))
    assert (vtt.content.decode(), vtt["Content-Type"]) == (VTT, "text/vtt; charset=utf-8")
    other = client.get(reverse("media_download_captions", args=[caption.pk, "exe"]))
    assert other.status_code == 404


def test_the_editor_tells_what_is_worth_a_second_look(signed_in, producer, caption):
    Caption.objects.update(webvtt=VTT.replace("00:00:02.500", "00:00:01.200"))
    page = signed_in(producer).get(reverse("media_edit_captions", args=[caption.pk]))
    assert "Line 3: 90 characters a second are too fast to read" in page.content.decode()


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (b"", "The editor shows this remark."),
        (b"\n00:11.000 --> 00:15.000\nOf it\n", "The editor shows all 3 remarks."),
    ],
)
def test_an_upload_is_taken_with_its_oddities_told(signed_in, producer, more, told):
    cut = ready_cut()
    file = b"WEBVTT\n\n00:10.000 --> 00:14.000\nThe end\n" + more
    response = signed_in(producer).post(
        reverse("media_captions", args=[cut.pk]),
        {"language": "en", "captions": SimpleUploadedFile("a.vtt", file)},
    )
    assert said(response)[-1] == f"Line 3: It ends after the end of the video. {told}"


@pytest.mark.parametrize(
    ("times", "text", "told"),
    [
        ("00:01.000 --> 00:03.000", "Fine.", []),
        ("00:13.000 --> 00:14.000", "Late.", ["It starts after the end of the video."]),
        ("00:11.000 --> 00:13.000", "Over.", ["It ends after the end of the video."]),
        ("00:01.000 --> 00:01.300", "Oh.", ["It is too short to be read."]),
        ("00:01.000 --> 00:05.000", "a\nb\nc", ["More than two lines cover much of the picture."]),
        ("00:01.000 --> 00:05.000", "a" * 43, ["A line is longer than 42 characters."]),
        (
            "00:01.000 --> 00:02.000",
            "<i>" + "abc " * 6 + "</i>",
            ["24 characters a second are too fast to read. Keep it to 21."],
        ),
    ],
)
def test_remarks_say_what_is_odd(times, text, told):
    cues = parse_cues(f"WEBVTT\n\n{times}\n{text}\n")
    assert [remark.text for remark in remarks(cues, 12.5)] == told


def test_an_overlap_is_remarked_with_the_later_ones_line():
    cues = parse_cues(
        "WEBVTT\n\n00:01.000 --> 00:03.000\nOne.\n\n00:02.000 --> 00:04.000\nTwo.\n\n"
        "00:04.000 --> 00:05.000\nThree.\n"
    )
    assert [(remark.index, remark.line) for remark in remarks(cues)] == [(1, 6)]


def test_stray_signs_neither_break_webvtt_nor_reach_subrip():
    text = "WEBVTT\n\n00:01.000 --> 00:03.000\nx < 5 &amp; <v Ann><b>y</b> > 3</v>\n"
    cue = parse_cues(text)[0]
    assert cue.lines == ["x &lt; 5 &amp; <v Ann><b>y</b> > 3</v>"]
    assert cue.text == "x < 5 & y > 3"
    assert to_srt(text).splitlines()[2] == "x < 5 & <b>y</b> > 3"


def test_a_stranger_to_captions_changes_nothing(signed_in, caption):
    url = reverse("media_edit_captions", args=[caption.pk])
    assert signed_in(UserFactory()).post(url, sent(caption)).status_code in {302, 403}
    later = sent(caption) | {"seen": (caption.changed_at + timedelta(seconds=1)).isoformat()}
    assert signed_in(None).post(url, later).status_code == 302
    caption.refresh_from_db()
    assert caption.is_automatic
