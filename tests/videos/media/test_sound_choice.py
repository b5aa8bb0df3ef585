"""Of several tracks of sound, the one that somebody chose is heard."""

from pathlib import Path

import pytest

from tests.videos.media.conftest import X264, ffmpeg
from tests.videos.media.factories import job_of
from videos.media.models import Cut, RenditionSet
from videos.media.sounds import choices_of, choose_sound, heard_in
from videos.media.tasks import transcode

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

    choose_sound(cut, 2)
    assert Cut.objects.get().current_set == cut.current_set  # it plays on meanwhile
    transcode(0)
    again = Cut.objects.get()
    assert (again.state, heard_in(again), again.facts["sound"]["index"]) == ("ready", 2, 2)
    assert again.current_set != cut.current_set
    assert RenditionSet.objects.exclude(replaced_at=None).get() == cut.current_set
