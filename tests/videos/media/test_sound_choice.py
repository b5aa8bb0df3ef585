"""Of several tracks of sound, the one that somebody chose is heard."""

import importlib
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from tests.factories import RenditionSetFactory, ready_cut
from tests.videos.media.conftest import X264, ffmpeg
from tests.videos.media.factories import job_of
from videos.media.acts import cancel
from videos.media.early import has_first
from videos.media.ending import fail
from videos.media.errors import LeaseLost
from videos.media.failures import Failure
from videos.media.models import Cut, Job, RenditionSet
from videos.media.sets import replace
from videos.media.sounds import choices_of, choose_sound, heard_in
from videos.media.tasks import transcode

migration = importlib.import_module("videos.media.migrations.0014_sets_sound_as_they_were_chosen")
pytestmark = pytest.mark.django_db


@pytest.fixture
def two_languages(tmp_path: Path) -> Path:
    path = tmp_path / "two.mp4"
    ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=1"),
        *("-f", "lavfi", "-i", "sine=440:d=1", "-f", "lavfi", "-i", "sine=880:d=1"),
        *("-map", "0:v", "-map", "1:a", "-map", "2:a", *X264, "-c:a", "aac"),
        *("-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=deu", str(path)),
    )
    return path


def test_the_default_track_is_heard_first_and_then_the_chosen_one(two_languages):
    job = job_of(two_languages)
    transcode(job.pk)
    cut = Cut.objects.get()
    assert (cut.state, heard_in(cut), cut.facts["sound"]["index"]) == ("ready", 1, 1)
    assert [number for number, _words in choices_of(cut)] == [1, 2]

    choose_sound(cut, 2, by=cut.uploaded_by)
    assert Cut.objects.get().current_set == cut.current_set  # it plays on meanwhile
    transcode(0)
    again = Cut.objects.get()
    assert (again.state, heard_in(again), again.facts["sound"]["index"]) == ("ready", 2, 2)
    assert again.current_set != cut.current_set
    assert RenditionSet.objects.exclude(replaced_at=None).get() == cut.current_set
    assert (cut.current_set.sound_track, again.current_set.sound_track) == (None, 2)


def another_set(cut: Cut, **fields) -> RenditionSet:
    return RenditionSetFactory(cut=cut, **fields)


def test_a_set_with_the_same_content_is_as_open_as_the_one_before_it():
    cut = ready_cut()
    RenditionSet.objects.update(is_public=True)
    new = another_set(cut)
    replace(cut.pk, new)
    assert RenditionSet.objects.get(is_public=True) == new
    assert Cut.objects.get().current_set == new


@pytest.mark.parametrize(("was", "now"), [(None, 2), (2, None), (2, 1)])
def test_a_set_that_sounds_otherwise_is_never_open_by_itself(was, now):
    cut = ready_cut()
    RenditionSet.objects.update(is_public=True, sound_track=was)
    new = another_set(cut, sound_track=now)
    replace(cut.pk, new)
    assert Cut.objects.get().current_set == new
    assert not RenditionSet.objects.filter(is_public=True).exists()


def test_a_second_set_is_not_shown_beside_another_sound():
    cut = ready_cut()
    second = another_set(cut, kind=RenditionSet.Kind.AV1)
    RenditionSet.objects.filter(pk=cut.current_set.pk).update(sound_track=2)
    with pytest.raises(LeaseLost):
        replace(cut.pk, second)
    assert Cut.objects.get().second_set is None


@pytest.mark.parametrize("end", ["cancelled", "failed"])
def test_a_choice_that_comes_to_nothing_is_taken_back(end):
    cut = ready_cut(sound_track=2)
    job = Job.objects.create(cut=cut)
    if end == "cancelled":
        assert cancel(cut)
    else:
        assert fail(Job.objects.filter(pk=job.pk), job, Failure("damaged", "Why."))
    cut.refresh_from_db()
    assert (cut.sound_track, cut.state) == (None, Cut.State.READY)


def test_a_first_set_with_another_sound_is_none_to_go_on_from():
    cut = ready_cut()
    cut.current_set.kind = RenditionSet.Kind.FIRST
    assert has_first(cut)
    cut.sound_track = 2
    assert not has_first(cut)


def test_sets_of_before_have_the_sound_that_was_chosen_and_not_one_that_is_being_made():
    settled, under_way, default = ready_cut(sound_track=2), ready_cut(sound_track=2), ready_cut()
    Job.objects.create(cut=under_way)
    migration.note(apps, SimpleNamespace(connection=connection))
    told = dict(RenditionSet.objects.values_list("cut", "sound_track"))
    assert told == {settled.pk: 2, under_way.pk: None, default.pk: None}
    migration.forget(apps, SimpleNamespace(connection=connection))
    assert set(RenditionSet.objects.values_list("sound_track", flat=True)) == {None}
