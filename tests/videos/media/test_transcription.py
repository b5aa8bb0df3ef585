"""Captions by machine: all of it real but the library, which is an extra and wants a model."""

import sys
import wave
from types import ModuleType, SimpleNamespace
from uuid import uuid4

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from tests.factories import CutFactory, ready_cut
from tests.videos.media.stored import stored
from videos.media.jobs.actions import cancel
from videos.media.jobs.machine_captions import ask
from videos.media.jobs.tasks import transcode
from videos.media.jobs.transcription import sound_of
from videos.media.models import Caption, Cut, Job

HEARD = [
    (" It", 0.4, 0.6),
    (" pays", 0.6, 0.9),
    (" in", 0.9, 1.0),
    (" a", 1.0, 1.1),
    (" year.", 1.1, 1.6),
]


class Model:
    """What faster_whisper.WhisperModel answers, by its documentation; notes what it was given."""

    made: dict
    language = "en"
    during = staticmethod(lambda: None)

    def __init__(self, folder, **options):
        type(self).made = {"folder": folder, **options}

    def transcribe(self, sound, **options):
        with wave.open(sound) as file:
            type(self).made |= {"rate": file.getframerate(), "channels": file.getnchannels()}
            seconds = file.getnframes() / file.getframerate()
        type(self).made |= options
        return self.segments(), SimpleNamespace(language=self.language, duration=seconds)

    def segments(self):
        for text, start, end in HEARD:
            type(self).during()
            yield SimpleNamespace(
                end=end, words=[SimpleNamespace(word=text, start=start, end=end, probability=0.9)]
            )


@pytest.fixture
def heard(monkeypatch, settings, tmp_path):
    """The studio has a model, and it hears HEARD."""
    (tmp_path / "model.bin").write_bytes(b"model")
    settings.WHISPER_MODEL = str(tmp_path)
    model = type("Heard", (Model,), {})
    library = ModuleType("faster_whisper")
    library.WhisperModel = model
    monkeypatch.setitem(sys.modules, "faster_whisper", library)
    return model


@pytest.fixture
def cut(transcoded, db):
    ran = transcoded("late-sound.mp4")
    return stored(ran.folder, ran.told, source_info={"sound": {"index": 1, "channels": 1}})


def worked(cut) -> Job:
    """The words job of a cut, after a worker had it."""
    transcode(cut.jobs.get(kind=Job.Kind.CAPTIONS).pk)
    return cut.jobs.get(kind=Job.Kind.CAPTIONS)


def test_what_is_said_becomes_captions_that_a_machine_wrote(cut, heard):
    assert ask(cut)
    job = worked(cut)
    assert (job.state, job.progress, job.reason) == (Job.State.READY, 1, "")
    caption = Caption.objects.get()
    assert caption.webvtt == "WEBVTT\n\n00:00:00.400 --> 00:00:01.600\nIt pays in a year.\n"
    assert (caption.language, caption.label, caption.is_automatic) == ("en", "English", True)
    assert caption.changed_by is None
    assert heard.made["local_files_only"] is True
    assert (heard.made["rate"], heard.made["channels"]) == (16_000, 1)
    assert heard.made["word_timestamps"] is True
    cut.refresh_from_db()
    assert cut.state == Cut.State.READY


def test_the_sound_has_the_times_of_what_viewers_see(cut, tmp_path):
    """The source's sound begins late; in the set it is as late."""
    with wave.open(str(sound_of(cut.current_set, tmp_path))) as file:
        seconds = file.getnframes() / file.getframerate()
        silent, loud = file.readframes(16_000), file.readframes(24_000)[-16_000:]
    assert seconds == pytest.approx(float(cut.current_set.seconds), abs=0.1)
    assert silent.count(0) > 0.9 * len(silent)
    assert loud.count(0) < 0.5 * len(loud)


def test_a_machine_replaces_its_own_words_and_no_persons(cut, heard):
    ask(cut)
    worked(cut)
    cut.jobs.all().delete()
    ask(cut)
    assert worked(cut).state == Job.State.READY
    written = "WEBVTT\n\n00:01.000 --> 00:02.000\nBy hand.\n"
    Caption.objects.update(is_automatic=False, webvtt=written)
    cut.jobs.all().delete()
    ask(cut)
    job = worked(cut)
    assert (job.state, job.reason) == (
        Job.State.FAILED,
        "This cut already has captions in English that a person wrote. They were kept.",
    )
    assert Caption.objects.get().webvtt == written
    cut.refresh_from_db()
    assert (cut.state, cut.reason) == (Cut.State.READY, "")


def test_nothing_is_kept_of_what_was_cancelled_meanwhile(cut, heard):
    ask(cut)
    heard.during = staticmethod(lambda: cancel(cut))
    assert worked(cut).state == Job.State.CANCELLED
    assert not Caption.objects.exists()


def test_a_second_delivery_changes_nothing(cut, heard):
    ask(cut)
    job = worked(cut)
    Caption.objects.update(webvtt="WEBVTT\n")
    transcode(job.pk)
    assert Caption.objects.get().webvtt == "WEBVTT\n"


def test_one_machine_at_a_time_listens_to_a_cut(cut, heard):
    assert ask(cut)
    assert not ask(cut)
    assert Job.objects.count() == 1


def test_a_cut_in_which_nobody_speaks_says_so(cut, heard):
    heard.segments = lambda self: iter([SimpleNamespace(end=1.0, words=None)])
    ask(cut)
    assert worked(cut).reason == "No speech was found in this cut."


@pytest.mark.parametrize("missing", ["model", "library"])
def test_what_an_administrator_has_to_mend_is_said(
    cut, heard, settings, monkeypatch, tmp_path, missing
):
    if missing == "model":
        settings.WHISPER_MODEL = str(tmp_path / "nothing")
    else:
        monkeypatch.setitem(sys.modules, "faster_whisper", None)
    ask(cut)
    job = worked(cut)
    assert job.state == Job.State.FAILED
    assert (
        job.reason
        == {
            "model": "An administrator has to set WHISPER_MODEL to the folder of a model.",
            "library": "An administrator has to install the extra “speech” (faster-whisper).",
        }[missing]
    )


def test_the_button_is_there_when_a_studio_has_a_model(signed_in, producer, heard, settings):
    cut = ready_cut(source_info={"sound": {"index": 1, "channels": 2}})
    client, url = signed_in(producer), reverse("media_cut", args=[cut.pk])
    assert "Make captions automatically" in client.get(url).content.decode()
    response = client.post(reverse("media_machine_captions", args=[cut.pk]))
    told = [str(message).strip() for message in get_messages(response.wsgi_request)]
    assert told == ["Captions are being made. You can leave this page; they will appear here."]
    assert "In progress: 0 %" in client.get(url).content.decode()
    settings.WHISPER_MODEL = ""
    assert "Make captions automatically" not in client.get(url).content.decode()


@pytest.mark.django_db
def test_what_makes_no_sound_is_not_listened_to(heard):
    assert not ask(ready_cut(source_info={"sound": None}))
    assert not ask(CutFactory(source_info={"sound": {"channels": 2}}, key=uuid4()))
    assert not Job.objects.exists()
