"""Room is promised before the first byte, and never twice."""

from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from types import SimpleNamespace

import pytest
from django.db import connection

from tests.factories import CutFactory, VideoFactory
from videos.media import reservations
from videos.media.errors import UploadRefused
from videos.media.models import Job, Upload
from videos.media.reservations import Room, refuse_size, why_not
from videos.media.uploads import announce, cancel
from videos.planning.models import Stage

GB = 1024**3


@pytest.fixture
def disk(monkeypatch, disk_footage):
    """`disk(free)` makes the disk have so many bytes left, besides the studio's spare."""
    usage = namedtuple("usage", "total used free")

    def has(free: int) -> None:
        fake = SimpleNamespace(disk_usage=lambda place: usage(0, 0, free + reservations.SPARE))
        monkeypatch.setattr(reservations, "shutil", fake)

    return has


def announced(user, size: int, video=None) -> Upload:
    video = video or VideoFactory(stage=Stage.SHOT)
    return announce(video, name="a.mp4", size=size, fingerprint="", by=user)


@pytest.mark.parametrize(
    ("size", "room", "code"),
    [
        (GB, Room(promised=0, free=2 * GB, quota=None), None),
        (GB + 1, Room(promised=0, free=2 * GB, quota=None), "no_room"),
        (GB, Room(promised=1, free=2 * GB, quota=None), "no_room"),
        (GB, Room(promised=0, free=None, quota=None), None),
        (GB, Room(promised=0, free=9 * GB, quota=3 * GB, stored=GB), None),
        (GB, Room(promised=0, free=9 * GB, quota=3 * GB, stored=GB + 1), "quota"),
        (GB, Room(promised=1, free=9 * GB, quota=3 * GB, stored=GB), "quota"),
        (51 * GB, Room(promised=0, free=None, quota=None), "too_large"),
    ],
)
def test_a_file_is_taken_while_it_and_its_work_find_room(size, room, code):
    refusal = why_not(size, room)
    assert (refusal and refusal[0]) == code


@pytest.mark.django_db
def test_a_refusal_gives_the_figures(producer, disk, settings):
    disk(6 * GB)
    with pytest.raises(UploadRefused) as refusal:
        announced(producer, 4 * GB)
    assert refusal.value.messages == [
        "The file and the work on it need 8.0\xa0GB; the studio's disk has 6.0\xa0GB left."
    ]
    announced(producer, 2 * GB)
    with pytest.raises(UploadRefused) as refusal:
        announced(producer, 2 * GB)
    assert refusal.value.messages == [
        "The file and the work on it need 4.0\xa0GB. The studio's disk has 6.0\xa0GB left, "
        "and 4.0\xa0GB of it are kept for other uploads and their work."
    ]
    settings.STORAGE_QUOTA_BYTES = 5 * GB
    CutFactory(source_bytes=GB)
    with pytest.raises(UploadRefused) as refusal:
        announced(producer, GB)
    assert refusal.value.messages == [
        "The file and the work on it need 2.0\xa0GB. The studio may keep 5.0\xa0GB: "
        "1.0\xa0GB are taken, and 4.0\xa0GB are kept for other uploads and their work."
    ]
    assert Upload.objects.count() == 1


@pytest.mark.django_db
def test_a_job_keeps_room_for_its_work_until_it_ends(disk):
    disk(6 * GB)
    job = Job.objects.create(cut=CutFactory(), reserved_bytes=5 * GB)
    with pytest.raises(UploadRefused):
        refuse_size(GB)
    Job.objects.filter(pk=job.pk).update(state=Job.State.CANCELLED)
    refuse_size(GB)


@pytest.mark.django_db
def test_what_has_arrived_is_not_counted_twice(producer, disk):
    disk(8 * GB)
    upload = announced(producer, 2 * GB)
    Upload.objects.filter(pk=upload.pk).update(received=2 * GB)
    disk(6 * GB)  # the disk has it now
    announced(producer, 2 * GB)
    with pytest.raises(UploadRefused):
        announced(producer, 1)


@pytest.mark.django_db
def test_a_given_up_upload_gives_its_room_back(producer, disk):
    disk(4 * GB)
    upload = announced(producer, 2 * GB)
    with pytest.raises(UploadRefused):
        announced(producer, 1)
    assert cancel(upload)
    announced(producer, 2 * GB)


@pytest.mark.django_db(transaction=True)
def test_two_large_uploads_at_once_do_not_fill_the_disk_together(producer, disk):
    disk(5 * GB)
    videos = [VideoFactory(stage=Stage.SHOT) for _ in range(4)]
    together = Barrier(len(videos))

    def one(video) -> bool:
        together.wait()
        try:
            announced(producer, 2 * GB, video)
        except UploadRefused:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(len(videos)) as threads:
        taken = list(threads.map(one, videos))
    assert sorted(taken) == [False, False, False, True]
    assert [upload.reserved_bytes for upload in Upload.objects.all()] == [4 * GB]
