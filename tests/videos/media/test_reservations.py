"""Room is promised before the first byte, and never twice."""

from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from types import SimpleNamespace

import pytest
from django.db import connection
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime, now
from hypothesis import given
from hypothesis import strategies as st

from studio.people.roles import Role
from tests.factories import CutFactory, UserFactory, VideoFactory
from videos.media.errors import UploadRefused
from videos.media.models import Job, Upload
from videos.media.storage import quota
from videos.media.storage.quota import (
    MOST_UNBEGUN,
    SHARE,
    Holder,
    Space,
    for_whom,
    needed_bytes,
    refusal_for,
    refuse_size,
)
from videos.media.uploads.intake import announce, arrived, cancel
from videos.planning.models import Stage

GB = 1024**3


@pytest.fixture
def disk(monkeypatch, disk_footage):
    """`disk(free)` makes the disk have so many bytes left, besides the studio's spare."""
    usage = namedtuple("usage", "total used free")

    def has(free: int) -> None:
        fake = SimpleNamespace(disk_usage=lambda place: usage(0, 0, free + quota.SPARE))
        monkeypatch.setattr(quota, "shutil", fake)

    return has


def announced(user, size: int, video=None) -> Upload:
    video = video or VideoFactory(stage=Stage.SHOT)
    return announce(video, name="a.mp4", size=size, fingerprint="", by=user)


@pytest.mark.parametrize(
    ("size", "space", "code"),
    [
        (GB, Space(promised=0, free=2 * GB, quota=None), None),
        (GB + 1, Space(promised=0, free=2 * GB, quota=None), "no_room"),
        (GB, Space(promised=1, free=2 * GB, quota=None), "no_room"),
        (GB, Space(promised=0, free=None, quota=None), None),
        (GB, Space(promised=0, free=9 * GB, quota=3 * GB, stored=GB), None),
        (GB, Space(promised=0, free=9 * GB, quota=3 * GB, stored=GB + 1), "quota"),
        (GB, Space(promised=1, free=9 * GB, quota=3 * GB, stored=GB), "quota"),
        (51 * GB, Space(promised=0, free=None, quota=None), "too_large"),
    ],
)
def test_a_file_is_taken_while_it_and_its_work_find_room(size, space, code):
    refusal = refusal_for(size, space)
    assert (refusal and refusal[0]) == code


@pytest.mark.django_db
def test_a_refusal_gives_the_figures(producer, disk, settings):
    disk(6 * GB)
    with pytest.raises(UploadRefused) as refusal:
        announced(producer, 4 * GB)
    assert refusal.value.messages == [
        "The file and its processing need 8.0\xa0GB. The studio's disk has 6.0\xa0GB left."
    ]
    first = announced(producer, 2 * GB)
    kept = (
        f" Reserved: 4.0\xa0GB for {producer} since "
        f"{date_format(localtime(first.started_at), 'j M, H:i')}."
        " Producers can cancel uploads on the page “Cuts”."
    )
    with pytest.raises(UploadRefused) as refusal:
        announced(producer, 2 * GB)
    assert refusal.value.messages == [
        "The file and its processing need 4.0\xa0GB. The studio's disk has 6.0\xa0GB left, "
        "of which 4.0\xa0GB are reserved for other uploads and their processing." + kept
    ]
    settings.STORAGE_QUOTA_BYTES = 5 * GB
    CutFactory(source_bytes=GB)
    with pytest.raises(UploadRefused) as refusal:
        announced(producer, GB)
    assert refusal.value.messages == [
        "The file and its processing need 2.0\xa0GB. The studio may store 5.0\xa0GB: "
        "1.0\xa0GB are used, and 4.0\xa0GB are reserved for other uploads and their processing."
        + kept
    ]
    assert Upload.objects.count() == 1


@pytest.mark.django_db
def test_a_job_keeps_room_for_its_work_until_it_ends(producer, disk):
    disk(6 * GB)
    job = Job.objects.create(cut=CutFactory(), reserved_bytes=5 * GB)
    with pytest.raises(UploadRefused):
        refuse_size(GB, by=producer)
    Job.objects.filter(pk=job.pk).update(state=Job.State.CANCELLED)
    refuse_size(GB, by=producer)


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


# One person does not keep the room of all


@pytest.mark.django_db
def test_one_person_keeps_half_of_the_room_at_most_for_what_they_have_not_sent(
    expert_user, producer, disk
):
    disk(80 * GB)
    announced(expert_user, 12 * GB)
    with pytest.raises(UploadRefused) as refusal:
        announced(expert_user, 9 * GB)
    assert refusal.value.code == "share"
    assert refusal.value.messages == [
        "The file and its processing need 18.0\xa0GB. One person can reserve up to half of the "
        "free space: 40.0\xa0GB, of which 24.0\xa0GB are reserved for you already. Finish or "
        "cancel your other uploads, or ask a producer to upload the file."
    ]
    announced(expert_user, 8 * GB)
    announced(producer, 20 * GB)  # who answers for the room may fill it
    with pytest.raises(UploadRefused) as refusal:
        announced(UserFactory(role=Role.EXPERT), GB)
    assert refusal.value.code == "no_room"
    assert f"40.0\xa0GB for {expert_user} since " in refusal.value.messages[0]
    assert f"40.0\xa0GB for {producer} since " in refusal.value.messages[0]


@pytest.mark.django_db
def test_what_was_sent_is_not_held_against_a_person(expert_user, disk):
    disk(80 * GB)
    sent = announced(expert_user, 19 * GB)
    Upload.objects.filter(pk=sent.pk).update(received=19 * GB)
    disk(61 * GB)  # the disk has it now; 42 GB are not promised, and half of that is left
    with pytest.raises(UploadRefused) as refusal:
        announced(expert_user, 11 * GB)
    assert refusal.value.code == "share"
    announced(expert_user, 10 * GB)


@given(
    free=st.integers(0, 10**6), others=st.integers(0, 10**6), sizes=st.lists(st.integers(1, 10**5))
)
def test_whatever_one_person_announces_others_find_half_of_the_room(free, others, sizes):
    own = 0
    for size in sizes:
        space = Space(promised=others + own, free=free, quota=None, own=own)
        if refusal_for(size, space, SHARE) is None:
            own += needed_bytes(size)
    assert own == 0 or own <= (free - others) / 2


def test_a_refusal_names_few_of_those_who_keep_room():
    moment = now()
    holders = [Holder(f"P{n}", GB, moment) for n in range(7)]
    assert for_whom([]) == []
    assert len(for_whom([Holder("", GB, moment)])) == 1
    kept, advice = for_whom(holders)
    assert kept.count(" since ") == 5
    assert kept.endswith("; 2.0\xa0GB for others.")
    assert advice == "Producers can cancel uploads on the page “Cuts”."


def test_a_person_announces_few_files_before_they_send_one(producer, expert_user, disk):
    disk(GB)
    video = VideoFactory(stage="editing")

    def one(name, by=producer):
        return announce(video, name=name, size=1, fingerprint=name, by=by)

    waiting = [one(str(number)) for number in range(MOST_UNBEGUN)]
    with pytest.raises(UploadRefused, match="20 uploads that have not started yet") as refusal:
        one("one more")
    assert refusal.value.code == "too_many"
    assert one("0") == waiting[0]  # known already
    one("of somebody else", by=expert_user)
    arrived(waiting[0], 1)
    one("one more")


@pytest.mark.django_db
def test_an_upload_that_could_not_be_finished_is_refused_before_its_first_byte(
    signed_in, producer, disk
):
    """The room of the source and that of its work are reserved together."""
    disk(3 * GB)
    assert needed_bytes(GB) == 2 * GB
    video, client = VideoFactory(stage=Stage.SHOT), signed_in(producer)

    def begun(size: int) -> int:
        headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(size)}
        return client.post(reverse("media_tus", args=[video.pk]), headers=headers).status_code

    def refusal(size: int) -> str:
        url = reverse("media_upload", args=[video.pk])
        return client.get(url, {"bytes": size}).json()["refusal"]

    assert (refusal(GB), "its processing need" in refusal(2 * GB)) == ("", True)
    assert begun(2 * GB) == 413
    assert not Upload.objects.exists()
    assert begun(GB) == 201
    assert refusal(GB // 2) == ""  # just fits into what is left, with its work
    assert begun(GB // 2 + 1) == 413
    assert Upload.objects.count() == 1
