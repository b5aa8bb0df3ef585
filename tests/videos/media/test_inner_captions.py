"""Captions that a source brings inside: offered on the cut's page, and taken by a job."""

from pathlib import Path

import pytest
from django.contrib.messages import get_messages
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import CutFactory, ready_cut
from tests.videos.media.conftest import X264, ffmpeg
from videos.media.captions.source_tracks import (
    labels_of,
    language_of,
    left,
    names_of,
    remembered,
    tracks_of,
)
from videos.media.errors import CaptionRefused
from videos.media.jobs import embedded_captions
from videos.media.jobs.actions import begin, open_job
from videos.media.jobs.embedded_captions import KIND, offered
from videos.media.jobs.tasks import transcode
from videos.media.models import Caption, Cut, Job
from videos.media.transcoding import webvtt
from videos.media.transcoding.probing.ffprobe import MAX_TRACKS
from videos.media.transcoding.probing.probe import probe
from videos.media.transcoding.probing.streams import caption_tracks, track_values


def srt(*cues: tuple[int, int, str]) -> str:
    """SubRip of (from, to, text), in seconds."""
    return "\n".join(
        f"{number}\n00:00:{start:02},500 --> 00:00:{end:02},000\n{text}\n"
        for number, (start, end, text) in enumerate(cues, 1)
    )


def film(path: Path, codec: str, *tracks: tuple[str, str]) -> Path:
    """A film with caption tracks of (language, SubRip or WebVTT) inside."""
    words = []
    for number, (_language, text) in enumerate(tracks):
        words.append(path.with_name(f"{number}.{'vtt' if text.startswith('WEBVTT') else 'srt'}"))
        words[-1].write_text(text)
    tagged = [
        argument
        for number, (language, _text) in enumerate(tracks)
        for argument in (f"-metadata:s:s:{number}", f"language={language}")
    ]
    ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=4"),
        *(argument for one in words for argument in ("-i", str(one))),
        *("-map", "0", *(a for n in range(len(words)) for a in ("-map", str(n + 1)))),
        *(*X264, "-c:s", codec, *tagged, str(path)),
    )
    return path


def cut_of(source: Path) -> Cut:
    """A ready cut of a film, as its probe told of it."""
    return ready_cut(
        source=ContentFile(source.read_bytes(), source.name), source_info=probe(source).as_values()
    )


def taken(cut: Cut) -> Job:
    """The job that takes what is inside, after a worker had it."""
    assert begin(cut, KIND)
    job = cut.jobs.get(kind=KIND)
    transcode(job.pk)
    job.refresh_from_db()
    return job


@pytest.mark.parametrize(
    ("told", "language"),
    [("eng", "en"), ("GER", "de"), ("de", "de"), ("zho", "zh-hans"), ("pt-br", "pt-br"),
     ("nob", "und"), ("", "und"), ("und", "und"), (None, "und")],
)  # fmt: skip
def test_the_language_of_a_track_is_named_as_captions_name_it(told, language):
    assert language_of({"language": told}) == language


INSIDE = {"captions": [
    {"number": 1, "language": "eng", "title": ""},
    {"number": 2, "language": "en", "title": " For\nthe deaf "},
    {"number": 3, "language": "", "title": "Extra"},
    {"number": 5, "language": "deu", "title": "Voll"},
    {"number": 6, "language": "ger", "title": "Voll"},
    {"number": 7, "language": "eng", "title": ""},
]}  # fmt: skip


def test_several_tracks_of_one_language_are_told_apart():
    tracks = tracks_of(INSIDE)
    assert {track.number: track.language for track in tracks} == {
        1: "en", 2: "en-x-2", 3: "und", 5: "de", 6: "de-x-2", 7: "en-x-3",
    }  # fmt: skip
    assert labels_of(tracks) == {
        1: "English", 2: "English (For the deaf)", 3: "Unknown language",
        5: "Deutsch", 6: "Deutsch (2)", 7: "English (3)",
    }  # fmt: skip
    assert names_of(tracks) == {
        1: "English", 2: "English (For the deaf)", 3: "Extra",
        5: "German", 6: "German (2)", 7: "English (3)",
    }  # fmt: skip
    assert tracks_of({}) == tracks_of({"captions": None}) == []


def test_of_any_number_of_tracks_each_has_a_tag_and_a_label_that_fit():
    many = [{"number": n, "language": "zho", "title": "x" * 100} for n in range(1, 65)]
    tracks = tracks_of({"captions": many})
    assert len({track.language for track in tracks}) == 64
    assert len(set(labels_of(tracks).values())) == 64
    assert max(len(track.language) for track in tracks) <= 15
    long = [{"number": n, "language": "eng", "title": str(n) * 100} for n in (1, 2)]
    assert max(map(len, labels_of(tracks_of({"captions": long})).values())) <= 60


def test_what_was_taken_is_not_left_whatever_language_it_was_given():
    info = {"captions": [
        {"number": 1, "language": "", "taken": 7}, {"number": 2, "language": "eng", "taken": 0},
        {"number": 3, "language": "deu", "taken": 8}, {"number": 4, "language": "fra"},
    ]}  # fmt: skip
    assert [track.number for track in left(info, [(7, "es")])] == [3, 4]
    assert left(info, [(7, "es"), (9, "fr"), (10, "de")]) == []
    bare = {"captions": [{key: track[key] for key in ("number", "language")}
                         for track in info["captions"]], "width": 3}  # fmt: skip
    assert remembered(bare, info) == info | {"width": 3}
    assert remembered(bare, {}) == bare


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "codec"), [("words.mkv", "subrip"), ("words.mp4", "mov_text")])
def test_captions_inside_are_taken_by_a_job(name, codec, tmp_path):
    english, german = srt((0, 1, "It pays."), (2, 3, "In a year.")), srt((1, 2, "Es lohnt."))
    cut = cut_of(film(tmp_path / name, codec, ("eng", english), ("deu", german)))
    assert offered(cut)
    job = taken(cut)
    assert (job.state, job.progress, job.reason) == (Job.State.READY, 1, "")
    assert {caption.language: caption.webvtt for caption in cut.captions.all()} == {
        "en": "WEBVTT\n\n00:00:00.500 --> 00:00:01.000\nIt pays.\n\n"
        "00:00:02.500 --> 00:00:03.000\nIn a year.\n",
        "de": "WEBVTT\n\n00:00:01.500 --> 00:00:02.000\nEs lohnt.\n",
    }
    assert {caption.label for caption in cut.captions.all()} == {"English", "Deutsch"}
    assert not any(caption.is_automatic for caption in cut.captions.all())
    cut.refresh_from_db()
    assert not offered(cut)
    cut.captions.get(language="de").delete()
    assert [track.language for track in offered(cut)] == ["de"]
    assert (cut.state, cut.reason) == (Cut.State.READY, "")


@pytest.mark.django_db
def test_captions_of_an_untold_language_are_taken_as_such(tmp_path):
    cut = cut_of(film(tmp_path / "a.mkv", "ass", ("und", srt((1, 2, "Hm.")))))
    assert taken(cut).state == Job.State.READY
    caption = cut.captions.get()
    assert (caption.language, caption.label) == ("und", "Unknown language")
    assert "\nHm.\n" in caption.webvtt
    cut.refresh_from_db()
    assert not offered(cut)
    cut.captions.update(language="fr")
    assert not offered(cut)


@pytest.mark.django_db
def test_both_of_two_tracks_of_one_language_are_taken(signed_in, producer, tmp_path):
    cut = cut_of(
        film(
            tmp_path / "a.mkv", "subrip", ("eng", srt((1, 2, "Yes."))),
            ("eng", srt((1, 2, "[door] Yes."))),
        )
    )  # fmt: skip
    client = signed_in(producer)
    assert "The file contains captions: English, English (2)." in page(client, cut)
    assert taken(cut).state == Job.State.READY
    found = {caption.language: caption for caption in cut.captions.all()}
    assert {tag: caption.label for tag, caption in found.items()} == {
        "en": "English", "en-x-2": "English (2)",
    }  # fmt: skip
    assert "\nYes." in found["en"].webvtt
    assert "\n[door] Yes." in found["en-x-2"].webvtt
    html = page(client, cut)
    assert "contains captions:" not in html
    assert "Add the captions from the file" not in html
    second = found["en-x-2"]
    editor = reverse("media_edit_captions", args=[second.pk])
    assert '<option value="en-x-2" selected>English (2)</option>' in (
        client.get(editor).content.decode()
    )
    kept = {"language": "en-x-2", "label": "", "webvtt": second.webvtt}
    seen = {"seen": second.changed_at.isoformat()}
    client.post(editor, kept | {"label": "For the deaf"} | seen)
    second.refresh_from_db()
    assert (second.language, second.label) == ("en-x-2", "For the deaf")


@pytest.mark.django_db
def test_captions_taken_while_a_source_is_made_again_stay_taken(tmp_path):
    cut = cut_of(film(tmp_path / "a.mkv", "subrip", ("", srt((1, 2, "Hm.")))))
    assert taken(cut).state == Job.State.READY
    cut.captions.update(language="de")
    assert begin(cut, "full")
    transcode(cut.jobs.order_by("pk").last().pk)
    cut.refresh_from_db()
    assert not offered(cut)


@pytest.mark.django_db
def test_captions_have_the_times_of_what_viewers_see(tmp_path):
    """A film that begins at 100 s by its own clock begins at 0 here."""
    words = film(tmp_path / "a.mkv", "subrip", ("eng", srt((1, 2, "Now."))))
    late = tmp_path / "late.mkv"
    ffmpeg("-i", str(words), "-map", "0", "-c", "copy", "-output_ts_offset", "100", str(late))
    cut = cut_of(late)
    taken(cut)
    assert "00:00:01.500 --> 00:00:02.000\nNow." in cut.captions.get().webvtt


@pytest.mark.django_db
def test_captions_before_the_first_picture_and_after_the_last_are_left_out(tmp_path):
    """The picture begins half a second after the captions' clock, and ends four later."""
    words = film(
        tmp_path / "a.mkv", "subrip",
        ("eng", srt((0, 1, "Now."), (2, 3, "Then."), (5, 6, "Never."))),
    )  # fmt: skip
    late = tmp_path / "late.mkv"
    ffmpeg(
        *("-itsoffset", "0.5", "-i", str(words), "-i", str(words)),
        *("-map", "0:v", "-map", "1:s", "-c", "copy", str(late)),
    )
    cut = cut_of(late)
    taken(cut)
    assert cut.captions.get().webvtt == (
        "WEBVTT\n\n00:00:00.000 --> 00:00:00.500\nNow.\n\n00:00:02.000 --> 00:00:02.500\nThen.\n"
    )


@pytest.mark.django_db
def test_what_a_person_wrote_stays(tmp_path):
    cut = cut_of(
        film(tmp_path / "a.mkv", "subrip", ("eng", srt((1, 2, "A"))), ("fra", srt((1, 2, "B"))))
    )
    mine = "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nBy hand.\n"
    Caption.objects.create(cut=cut, language="en", label="English", webvtt=mine)
    assert offered(cut)
    assert taken(cut).state == Job.State.READY
    assert cut.captions.get(language="en").webvtt == mine
    assert "B" in cut.captions.get(language="fr").webvtt


@pytest.mark.django_db
def test_captions_that_cannot_be_read_are_told_of_and_nothing_is_kept(tmp_path):
    cut = cut_of(film(tmp_path / "a.mkv", "subrip", ("eng", srt((1, 2, "A")))))
    cut.source_info["captions"][0]["number"] = 7
    cut.save()
    job = taken(cut)
    assert (job.state, job.reason) == (
        Job.State.FAILED,
        "The captions in the file cannot be read.",
    )
    assert not cut.captions.exists()
    cut.refresh_from_db()
    assert (cut.state, cut.reason) == (Cut.State.READY, "")


@pytest.mark.django_db
def test_a_track_that_could_not_be_read_is_told_of_and_stays_offered(
    signed_in, producer, tmp_path, monkeypatch
):
    many = srt((1, 2, "Zu viel. " * 40))
    cut = cut_of(film(tmp_path / "a.mkv", "subrip", ("eng", srt((1, 2, "A"))), ("deu", many)))
    with monkeypatch.context() as patch:
        patch.setattr(webvtt, "MAX_BYTES", 200)
        job = taken(cut)
    assert (job.state, job.reason) == (
        Job.State.READY,
        "Not read, so you can add them again: German.",
    )
    cut.refresh_from_db()
    assert [track.language for track in offered(cut)] == ["de"]
    html = page(signed_in(producer), cut)
    assert job.reason in html
    assert "The file contains captions: German." in html
    assert begin(cut, KIND)
    transcode(cut.jobs.order_by("pk").last().pk)
    assert {caption.language for caption in cut.captions.all()} == {"en", "de"}


@pytest.mark.django_db
def test_a_track_without_a_cue_is_not_taken(tmp_path):
    cut = cut_of(
        film(tmp_path / "a.mp4", "mov_text", ("eng", srt((1, 2, "A"))), ("deu", "WEBVTT\n\n"))
    )
    assert taken(cut).state == Job.State.READY
    assert [caption.language for caption in cut.captions.all()] == ["en"]
    cut.refresh_from_db()
    assert not offered(cut)


ODD = (
    """1
00:00:00,500 --> 00:00:00,500
No end.

2
00:00:01,000 --> 00:00:02,000
here --> there

3
00:00:02,000 --> 00:00:02,500
"""
    + "long " * 150
    + """

4
00:00:03,000 --> 00:00:03,500
"""
    + "<i>tag</i> " * 20
    + """

5
00:00:03,600 --> 00:00:03,700
Last.
"""
)


@pytest.mark.django_db
def test_what_is_odd_in_one_caption_costs_no_other(tmp_path):
    cut = cut_of(film(tmp_path / "a.mkv", "subrip", ("eng", ODD)))
    job = taken(cut)
    assert (job.state, job.reason) == (Job.State.READY, "")
    cues = webvtt.stored_cues(cut.captions.get().webvtt)
    assert [(cue.start, cue.end) for cue in cues] == [
        (0.5, 1), (1, 2), (2, 2.5), (3, 3.5), (3.6, 3.7),
    ]  # fmt: skip
    assert [cue.text for cue in cues] == [
        "No end.",
        "here --> there",
        ("long " * 150).strip(),
        ("tag " * 20).strip(),
        "Last.",
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("WEBVTT\n\n", []),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\n\n\n00:03.000 --> 00:04.000\na\n\nb\n",
         [(3, 4, ["a", "b"])]),
        ("00:03.000 --> 00:04.000\nb\n\n00:01.000 --> 00:02.000\na",
         [(1, 2, ["a"]), (3, 4, ["b"])]),
        ("00:03.000 --> 00:02.000\na", [(3, 8, ["a"])]),
        ("00:03.000 --> 00:03.000\na\n\n00:03.000 --> 00:04.000\nb",
         [(3, 8, ["a"]), (3, 4, ["b"])]),
        ("00:01.000 --> 00:02.000\n" + "a\n" * 40, [(1, 2, ["a"] * 12)]),
        ("00:01.000 --> 00:02.000\nm 0 0 l 100 -5.5 b 1 2 3\n\n"
         "00:03.000 --> 00:04.000\nm 0 you\\hsee",
         [(3, 4, ["m 0 you see"])]),
        ("00:01.000 --> 00:02.000\n<script>a</script> & <b>b</b> <c",
         [(1, 2, ["a & <b>b</b> &lt;c"])]),
    ],
)  # fmt: skip
def test_what_ffmpeg_writes_becomes_cues(text, found):
    cues = webvtt.parse_embedded(text)
    assert [(cue.start, cue.end, cue.lines) for cue in cues] == found


@given(
    st.lists(
        st.sampled_from(
            ["", "a", "-->", "00:01.000 --> 00:02.000", "00:09.000 --> 00:03.000", "WEBVTT", "7",
             "NOTE", "<i>" * 30, "x" * 1200, "<" * 130, "x" * 499 + "<",
             "&" * 300, "&lt;" * 300, "\0", "&lt;", "<", "{\\an8}", "1 --> 2", "00:01.0"]
        ),
        max_size=30,
    )
)  # fmt: skip
def test_what_is_kept_of_a_track_can_be_read_again(lines):
    cues = webvtt.parse_embedded("\n".join(lines))
    kept = webvtt.stored_cues(webvtt.format_webvtt(cues))
    assert [(cue.start, cue.end) for cue in kept] == [(cue.start, cue.end) for cue in cues]


def test_more_captions_than_are_kept_are_refused(monkeypatch):
    monkeypatch.setattr(webvtt, "MAX_CUES", 2)
    with pytest.raises(CaptionRefused, match="more than 2 captions"):
        webvtt.parse_embedded("00:01.000 --> 00:02.000\na\n\n" * 3)


@pytest.mark.django_db
def test_a_source_is_read_once_for_all_its_tracks(tmp_path, monkeypatch):
    tracks = [("eng", srt((n, n + 1, f"{n}"))) for n in range(3)]
    cut = cut_of(film(tmp_path / "a.mkv", "subrip", *tracks))
    ran = []
    run = embedded_captions.run
    monkeypatch.setattr(
        embedded_captions,
        "run",
        lambda command, *a, **k: ran.append(command) or run(command, *a, **k),
    )
    assert taken(cut).state == Job.State.READY
    assert len(ran) == 1
    assert sorted(caption.paragraphs for caption in cut.captions.all()) == [["0"], ["1"], ["2"]]


def test_of_the_most_tracks_that_a_file_may_have_each_is_read(tmp_path, monkeypatch):
    ran, run = [], embedded_captions.run
    monkeypatch.setattr(
        embedded_captions,
        "run",
        lambda command, *a, **k: ran.append(command) or run(command, *a, **k),
    )
    one, many = film(tmp_path / "one.mkv", "subrip", ("eng", srt((1, 2, "A")))), tmp_path / "a.mkv"
    tracks = ["-map", "0:s"] * (MAX_TRACKS - 1)
    ffmpeg("-i", str(one), "-map", "0:v", *tracks, "-c", "copy", str(many))
    info = probe(many).as_values()
    found = embedded_captions.texts_of(many, tracks_of(info), tmp_path, info)
    text = "WEBVTT\n\n00:00:01.500 --> 00:00:02.000\nA\n"
    assert [told for _track, told in found] == [text] * (MAX_TRACKS - 1)
    assert len({track.language for track, _told in found}) == MAX_TRACKS - 1
    assert len(ran) == 4


@pytest.mark.django_db
def test_all_tracks_of_a_source_share_the_time_for_reading(tmp_path, monkeypatch):
    cut = cut_of(film(tmp_path / "a.mkv", "subrip", ("eng", srt((1, 2, "A")))))
    monkeypatch.setattr(embedded_captions, "LONGEST_SECONDS", 0)
    job = taken(cut)
    assert (job.state, job.failure) == (Job.State.FAILED, "no_words")


@pytest.mark.django_db
def test_lists_of_cuts_do_not_read_what_is_said(signed_in, producer):
    cut = ready_cut(source_info=REMARKED)
    Caption.objects.create(cut=cut, webvtt="WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nA\n")
    client = signed_in(producer)
    for address in (reverse("media_cuts"), reverse("media_cut", args=[cut.pk])):
        with CaptureQueriesContext(connection) as asked:
            assert "English" in client.get(address).content.decode()
        assert [one["sql"] for one in asked if '"webvtt"' in one["sql"]] == []


def test_a_title_is_a_line_of_signs_that_can_be_seen():
    told = track_values(
        {"codec_name": "ass", "disposition": {"default": 0},
         "tags": {"TITLE": "a\u202eb\x07 \n c\0", "LANGUAGE": "und"}}, 1
    )  # fmt: skip
    assert (told["title"], told["language"]) == ("ab c", "")


def test_captions_in_pictures_are_not_offered():
    assert caption_tracks(
        {"streams": [
            {"codec_type": "video", "codec_name": "h264"},
            {"codec_type": "subtitle", "codec_name": "dvd_subtitle", "disposition": {"default": 1}},
            {"codec_type": "subtitle", "codec_name": "subrip", "disposition": {"default": 0}},
        ]}
    ) == [{"number": 2, "language": "", "title": "", "channels": 0, "codec": "subrip",
           "default": False}]  # fmt: skip


CAPTIONS = [
    {"number": 1, "language": "eng", "title": ""},
    {"number": 2, "language": "deu", "title": "Für Gehörlose"},
]
REMARKED = {
    "remarks": ["sizes", "other_track"], "sound": {"index": 2, "number": 2, "right": None},
    "captions": CAPTIONS,
}  # fmt: skip


def page(client, cut) -> str:
    response = client.get(reverse("media_cut", args=[cut.pk]))
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.django_db
def test_a_cuts_page_tells_what_was_decided_and_takes_the_captions_inside(signed_in, producer):
    cut = ready_cut(source_info=REMARKED)
    client = signed_in(producer)
    html = page(client, cut)
    for told in (
        "The picture changes its size or rotation during the recording.",
        "The default audio track is silent. Viewers hear track 2 instead.",
        "The file contains captions: English, Für Gehörlose.",
        "Add the captions from the file",
    ):
        assert told in html
    asked = client.post(reverse("media_inner_captions", args=[cut.pk]))
    assert asked.url.startswith(reverse("media_cut", args=[cut.pk]))
    assert "They will appear here." in said(asked)
    assert open_job(cut, KIND)
    html = page(client, cut)
    assert "The captions from the file are being added." in html
    assert "Add the captions from the file" not in html
    assert "already added, or are being added" in said(
        client.post(reverse("media_inner_captions", args=[cut.pk]))
    )
    assert cut.jobs.filter(kind=KIND).count() == 1
    cut.jobs.all().delete()
    for language in ("en", "de"):
        assert "contains captions:" in page(client, cut)
        Caption.objects.create(cut=cut, language=language, label=language, webvtt="WEBVTT\n")
    assert "contains captions:" not in page(client, cut)
    assert "Add the captions from the file" not in page(client, cut)
    assert "The picture changes its size" in page(client, cut)
    assert "were already added" in said(client.post(reverse("media_inner_captions", args=[cut.pk])))
    assert not cut.jobs.exists()


@pytest.mark.django_db
def test_the_row_of_a_cut_leads_who_may_caption_to_the_captions_inside(
    signed_in, producer, sales_manager
):
    cut = ready_cut(source_info=REMARKED)
    link = f"{reverse('media_cut', args=[cut.pk])}#captions"
    for user, led in ((producer, True), (sales_manager, False)):
        html = signed_in(user).get(reverse("media_cuts")).content.decode()
        assert "The file contains captions: English, Für Gehörlose." in html
        assert (link in html) == led
    for language in ("en", "de"):
        Caption.objects.create(cut=cut, language=language, label=language, webvtt="WEBVTT\n")
    assert link not in signed_in(producer).get(reverse("media_cuts")).content.decode()


@pytest.mark.django_db
def test_who_may_not_caption_may_not_take_them(client, signed_in, finance):
    cut = CutFactory(source_info=REMARKED)
    address = reverse("media_inner_captions", args=[cut.pk])
    assert client.post(address).status_code == 302
    assert signed_in(finance).post(address).status_code in {302, 403, 404}
    assert signed_in(finance).get(address).status_code in {302, 403, 404, 405}
    assert not cut.jobs.exists()


def said(response) -> str:
    return [str(message).strip() for message in get_messages(response.wsgi_request)][-1]
