"""What is said to be stored is what was sent: at both places."""

import hashlib
import json
import urllib.error
import urllib.request
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now
from wagtail.models import ModelLogEntry

from studio.people.roles import Role
from tests.factories import ExpertFactory, UserFactory, VideoFactory
from tests.queue import queued
from tests.s3 import s3, s3_footage  # noqa: F401
from videos.media.errors import UploadRefused
from videos.media.jobs.actions import can_retry
from videos.media.jobs.orphans import owners
from videos.media.jobs.tasks import transcode
from videos.media.models import Cut, Job, Upload, footage
from videos.media.storage.quota import work_bytes
from videos.media.transcoding.probing import ffprobe
from videos.media.transcoding.sandbox.process import Interrupted
from videos.media.uploads import verification
from videos.media.uploads.backends import s3_multipart
from videos.media.uploads.backends.disk import append
from videos.media.uploads.intake import (
    announce,
    arrived,
    cancel,
    find_duplicate,
    finish,
    keep_duplicate,
)
from videos.media.uploads.removal import remove
from videos.media.uploads.verification import (
    LONGEST_UNBEGUN,
    check,
    look_after_uploads,
    remove_abandoned_parts,
)
from videos.planning.models import Stage, Video

pytestmark = pytest.mark.django_db
CONTENT = b"Dear buyer,\nthis is no video, but it is kept.\n"
SUM = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(params=["disk", "s3"])
def place(request) -> str:
    request.getfixturevalue(f"{request.param}_footage")
    return request.param


@pytest.fixture
def video() -> Video:
    return VideoFactory(stage=Stage.EDITING, title="Why so dear?")


def put(url: str, content: bytes) -> None:
    request = urllib.request.Request(url, content, method="PUT")
    with urllib.request.urlopen(request, timeout=20) as response:
        assert response.status == 200


def send(upload: Upload, content: bytes = CONTENT) -> None:
    """As the browser does: over tus, or in signed parts."""
    if upload.backend == "s3":
        put(s3_multipart.sign(upload, 1, len(content)), content)
        s3_multipart.complete(upload)
        arrived(upload, len(content))
        return
    rest = [content]

    def read(size: int) -> bytes:
        piece, rest[0] = rest[0][:size], rest[0][size:]
        return piece

    append(upload, 0, len(content), read)


def sent(video, user, content: bytes = CONTENT, **told: str) -> Upload:
    """An upload whose bytes are here, and whose checksum is told."""
    upload = announce(video, name="talk.mp4", size=len(content), fingerprint="", by=user)
    send(upload, content)
    finish(upload, told.get("sha256", hashlib.sha256(content).hexdigest()))
    upload.refresh_from_db()
    return upload


def stored(upload: Upload) -> bool:
    return footage().exists(upload.path)


def test_a_source_is_a_cut_once_its_checksum_is_that_of_the_sender(
    place, video, producer, media, django_capture_on_commit_callbacks
):
    content = media("silent.webm").read_bytes()
    with django_capture_on_commit_callbacks(execute=True):
        upload = sent(video, producer, content)
    assert (upload.backend, upload.state) == (place, Upload.State.CHECKING)
    assert not Cut.objects.exists()
    assert queued() == [("videos.media.uploads.verification.check", (upload.pk,))]
    check(upload.pk)
    upload.refresh_from_db()
    cut = Cut.objects.get()
    assert (upload.state, upload.cut, upload.reserved_bytes) == (Upload.State.STORED, cut, 0)
    assert (cut.number, cut.state, cut.sha256) == (1, Cut.State.WAITING, upload.sha256)
    assert (cut.source_name, cut.source_bytes) == ("talk.mp4", len(content))
    with footage().open(cut.source.name) as source:
        assert source.read() == content
    assert cut.sha256 == hashlib.sha256(content).hexdigest()
    assert Job.objects.get().reserved_bytes == work_bytes(len(content))
    check(upload.pk)
    assert Cut.objects.count() == 1


def test_another_checksum_is_refused_in_words_and_nothing_of_it_is_kept(place, video, producer):
    upload = sent(video, producer, sha256="0" * 64)
    check(upload.pk)
    upload.refresh_from_db()
    assert (upload.state, upload.reason) == (
        Upload.State.REFUSED,
        "The file was damaged on the way. Upload it again.",
    )
    assert not stored(upload)
    assert not Cut.objects.exists()


def test_what_is_not_all_here_is_not_finished(place, video, producer):
    upload = announce(video, name="a", size=len(CONTENT) + 1, fingerprint="", by=producer)
    if place == "disk":
        send(upload)
    for told in (SUM, "", "zz"):
        with pytest.raises(UploadRefused):
            finish(upload, told)
    upload.refresh_from_db()
    assert upload.state == Upload.State.RECEIVING


def test_the_same_file_twice_is_noticed_and_offered(place, video, producer, media):
    content = media("silent.webm").read_bytes()
    first, second, third = (sent(video, producer, content) for _ in range(3))
    for upload in (first, second, third):
        check(upload.pk)
        upload.refresh_from_db()
    cut = Cut.objects.get()
    assert [upload.state for upload in (first, second, third)] == ["stored", "twin", "twin"]
    assert (second.duplicate_of, third.duplicate_of) == (cut, cut)
    assert cancel(second)
    assert not stored(second)
    assert keep_duplicate(third)
    check(third.pk)
    third.refresh_from_db()
    assert (third.state, third.cut.number) == (Upload.State.STORED, 2)
    assert stored(first)
    assert stored(third)
    assert not keep_duplicate(third)


def test_nobody_is_asked_about_a_twin_that_is_removed_at_that_instant(
    disk_footage, video, producer, monkeypatch
):
    first, second = sent(video, producer), sent(video, producer)
    check(first.pk)

    def removed_meanwhile(upload):
        if duplicate := find_duplicate(upload):
            remove(duplicate, by=producer)
        return duplicate

    monkeypatch.setattr(verification, "find_duplicate", removed_meanwhile)
    check(second.pk)
    second.refresh_from_db()
    assert (second.state, second.duplicate_of) == (Upload.State.STORED, None)


def test_a_twin_that_nobody_answers_for_expires_with_its_bytes(place, video, producer, settings):
    first, second = sent(video, producer), sent(video, producer)
    check(first.pk)
    check(second.pk)
    assert second.path in owners()
    late = now() - timedelta(hours=settings.UPLOAD_KEEP_HOURS, seconds=1)
    Upload.objects.update(last_activity_at=late)
    look_after_uploads()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (Upload.State.STORED, Upload.State.EXPIRED)
    assert stored(first)
    assert not stored(second)
    assert owners() == {first.path}


def test_an_upload_that_nobody_goes_on_with_is_given_up(place, video, producer, settings):
    fresh, old = (
        announce(video, name="a", size=len(CONTENT), fingerprint=key, by=producer) for key in "ab"
    )
    if place == "disk":
        send(old, CONTENT[:10])
    late = now() - timedelta(hours=settings.UPLOAD_KEEP_HOURS, seconds=1)
    Upload.objects.filter(pk=old.pk).update(last_activity_at=late)
    look_after_uploads()
    old.refresh_from_db()
    fresh.refresh_from_db()
    assert (old.state, old.reserved_bytes) == (Upload.State.EXPIRED, 0)
    assert fresh.state == Upload.State.RECEIVING
    if place == "disk":
        assert not stored(old)
        assert stored(fresh)
    else:
        begun = [multipart_id for _key, multipart_id in s3_multipart.begun_before(now())]
        assert begun == [fresh.multipart_id]


def minutes_ago(settings, more: int = 1):
    return now() - timedelta(minutes=settings.UPLOAD_FIRST_BYTE_MINUTES, seconds=more)


def test_a_promise_of_which_nothing_arrived_ends_after_minutes_however_often_it_is_asked(
    place, video, producer, settings
):
    told = {"name": "a", "size": len(CONTENT), "fingerprint": "f"}
    upload = announce(video, **told, by=producer)
    Upload.objects.update(started_at=minutes_ago(settings, more=-30))
    look_after_uploads()
    assert Upload.objects.get().state == Upload.State.RECEIVING
    Upload.objects.update(started_at=minutes_ago(settings))
    assert announce(video, **told, by=producer) == upload
    look_after_uploads()
    upload.refresh_from_db()
    assert (upload.state, upload.reserved_bytes, upload.reason) == (
        Upload.State.EXPIRED,
        0,
        "The upload expired because nothing arrived within 15 minutes. Upload the file again.",
    )
    assert owners() == set()


def test_files_that_wait_for_their_turn_are_kept_while_another_one_arrives(
    place, video, producer, settings
):
    first, second = (
        announce(video, name=name, size=len(CONTENT), fingerprint=name, by=producer)
        for name in "ab"
    )
    other = announce(video, name="c", size=5, fingerprint="", by=UserFactory(role=Role.PRODUCER))
    Upload.objects.update(started_at=minutes_ago(settings), last_activity_at=minutes_ago(settings))
    send(first, CONTENT)
    look_after_uploads()
    states = dict(Upload.objects.values_list("pk", "state"))
    assert states == {
        first.pk: Upload.State.RECEIVING,
        second.pk: Upload.State.RECEIVING,
        other.pk: Upload.State.EXPIRED,
    }
    Upload.objects.update(last_activity_at=minutes_ago(settings))
    look_after_uploads()
    second.refresh_from_db()
    assert second.state == Upload.State.EXPIRED
    assert Upload.objects.get(pk=first.pk).state == Upload.State.RECEIVING


def test_what_is_not_begun_within_the_hour_is_freed_whatever_else_arrives(
    place, video, producer, settings
):
    first, second = (
        announce(video, name=name, size=len(CONTENT), fingerprint=name, by=producer)
        for name in "ab"
    )
    an_hour = now() - LONGEST_UNBEGUN
    Upload.objects.update(started_at=an_hour + timedelta(minutes=1))
    send(first, CONTENT)
    look_after_uploads()
    assert Upload.objects.filter(state=Upload.State.RECEIVING).count() == 2
    Upload.objects.update(started_at=an_hour - timedelta(seconds=1))
    look_after_uploads()
    second.refresh_from_db()
    assert (second.state, second.reserved_bytes) == (Upload.State.EXPIRED, 0)
    assert Upload.objects.get(pk=first.pk).state == Upload.State.RECEIVING


def test_an_address_that_was_signed_keeps_no_room_and_a_part_that_arrived_does(
    s3_footage,  # noqa: F811
    signed_in,
    video,
    producer,
    settings,
):
    client = signed_in(producer)
    announced(client, video)
    upload = Upload.objects.get()
    late = now() - timedelta(hours=settings.UPLOAD_KEEP_HOURS, seconds=1)
    url = reverse("media_sign_part", args=[upload.key])
    Upload.objects.update(last_activity_at=late, started_at=late)
    signed = client.post(url, json.dumps({"part": 1}), "application/json").json()
    assert Upload.objects.get().last_activity_at == late
    put(signed["url"], CONTENT)
    look_after_uploads()
    assert Upload.objects.get().state == Upload.State.RECEIVING
    Upload.objects.update(last_activity_at=late)
    look_after_uploads()
    assert Upload.objects.get().state == Upload.State.EXPIRED


def test_a_producer_ends_somebodys_upload_on_record_and_they_are_told(
    place, signed_in, video, producer, expert_user
):
    video.experts.add(ExpertFactory(user=expert_user))
    upload = announce(video, name="big.mov", size=len(CONTENT), fingerprint="f", by=expert_user)
    url = reverse("media_end_upload", args=[upload.key])
    assert signed_in(expert_user).post(url).status_code == 302  # to where it is said
    assert Upload.objects.get().state == Upload.State.RECEIVING
    client = signed_in(producer)
    queue = client.get(reverse("media_cuts")).content.decode()
    assert "1 open upload" in queue
    assert url in queue
    client.post(url)
    upload.refresh_from_db()
    assert (upload.state, upload.reserved_bytes) == (Upload.State.REFUSED, 0)
    assert not stored(upload)
    entry = ModelLogEntry.objects.get(action="media.upload.end")
    assert (entry.user, entry.object_id) == (producer, str(video.pk))
    assert str(entry.message) == f"Cancelled the upload of “big.mov” by {expert_user}"
    listed = signed_in(expert_user).get(reverse("media_uploads", args=[video.pk])).json()
    assert [one["said"] for one in listed["uploads"]] == [
        f"{producer} cancelled this upload to free space for others. Upload the file again."
    ]
    client.post(url)
    assert ModelLogEntry.objects.filter(action="media.upload.end").count() == 1


def test_parts_of_uploads_without_a_row_are_removed(s3_footage, video, producer, settings):  # noqa: F811
    known = announce(video, name="a", size=100, fingerprint="", by=producer)
    lost = announce(video, name="b", size=100, fingerprint="", by=producer)
    lost.delete()
    assert remove_abandoned_parts() == []
    settings.UPLOAD_KEEP_HOURS = -1
    assert [key.rsplit("/", 1)[1] for key in remove_abandoned_parts()] == [str(lost.key)]
    later = now() + timedelta(hours=1)
    assert [one for _key, one in s3_multipart.begun_before(later)] == [known.multipart_id]


def test_a_check_whose_worker_died_is_taken_over(
    video, producer, django_capture_on_commit_callbacks
):
    upload = sent(video, producer)
    Upload.objects.filter(pk=upload.pk).update(token=upload.key, lease_until=now())
    with django_capture_on_commit_callbacks(execute=True):
        look_after_uploads()
        look_after_uploads()
    assert queued() == [("videos.media.uploads.verification.check", (upload.pk,))]
    check(upload.pk)
    assert Upload.objects.get().state == Upload.State.STORED


def test_a_file_that_ends_every_check_is_left_to_its_job(
    place, video, producer, settings, monkeypatch, bunny
):
    def killed(source):
        seen.append(source)
        raise Interrupted

    seen = []
    settings.MAX_ATTEMPTS = 2
    monkeypatch.setattr(verification, "probe_source", killed)
    upload = sent(video, producer, bunny.read_bytes())
    for _time in range(settings.MAX_ATTEMPTS):
        with pytest.raises(Interrupted):
            check(upload.pk)
        upload.refresh_from_db()
        assert upload.state == Upload.State.CHECKING
        assert upload.sha256 == hashlib.sha256(bunny.read_bytes()).hexdigest()
    check(upload.pk)
    assert len(seen) == settings.MAX_ATTEMPTS
    upload.refresh_from_db()
    assert upload.state == Upload.State.STORED
    assert upload.cut.state == Cut.State.WAITING
    assert Job.objects.get().cut == upload.cut


@pytest.mark.parametrize("place", ["disk"], indirect=True)
def test_a_look_that_ran_out_of_time_refuses_nothing_and_the_job_looks_again(
    place, video, producer, monkeypatch, bunny
):
    upload = sent(video, producer, bunny.read_bytes())
    with monkeypatch.context() as patch:
        patch.setattr(ffprobe, "PROBE_SECONDS", 0)
        check(upload.pk)
        cut = Cut.objects.get()
        assert (cut.state, cut.number, cut.reason) == (Cut.State.WAITING, None, "")
        transcode(Job.objects.get().pk)
        job = Job.objects.get()
        assert (job.state, job.failure) == (Job.State.FAILED, "timeout")
        cut.refresh_from_db()
        assert (cut.state, "Try again" in cut.reason) == (Cut.State.FAILED, True)
    assert can_retry(cut, job)


def test_a_check_that_another_worker_holds_is_left_alone(video, producer):
    upload = sent(video, producer)
    lease = now() + timedelta(seconds=30)
    Upload.objects.filter(pk=upload.pk).update(token=upload.key, lease_until=lease)
    check(upload.pk)
    look_after_uploads()
    assert (Upload.objects.get().state, Cut.objects.count()) == (Upload.State.CHECKING, 0)


def test_the_stage_is_looked_at_again_before_the_cut(video, producer):
    upload = sent(video, producer)
    Video.objects.update(stage=Stage.RETIRED)
    check(upload.pk)
    upload.refresh_from_db()
    assert upload.state == Upload.State.REFUSED
    assert upload.reason == (
        "Cuts cannot be uploaded to “Why so dear?” while its stage is “Retired”."
    )
    assert not stored(upload)


# Parts


@pytest.mark.parametrize("size", [1, 16 * 1024**2, 50 * 1024**3, 5 * 1024**4])
def test_a_source_of_any_size_has_ten_thousand_parts_at_most(size):
    each = s3_multipart.part_bytes(size)
    count = -(-size // each)
    assert count <= 10_000
    assert each >= 5 * 1024**2
    lengths = [s3_multipart.part_length(size, number) for number in (1, count, count + 1, 0, -1)]
    assert lengths == [min(each, size), size - (count - 1) * each, None, None, None]


def test_a_signed_part_names_the_public_address_and_takes_its_own_length_alone(
    s3_footage,  # noqa: F811
    video,
    producer,
    settings,
):
    upload = announce(video, name="a", size=len(CONTENT), fingerprint="", by=producer)
    with pytest.raises(urllib.error.HTTPError):
        put(s3_multipart.sign(upload, 1, len(CONTENT)), CONTENT + b"more")
    settings.S3_PUBLIC_ENDPOINT_URL = "https://media.studio.example"
    assert s3_multipart.sign(upload, 1, 5).startswith("https://media.studio.example/")


def test_a_browser_is_told_the_parts_that_are_there(s3_footage, signed_in, video, producer):  # noqa: F811
    client = signed_in(producer)
    upload = announce(video, name="a", size=len(CONTENT), fingerprint="", by=producer)
    parts = reverse("media_parts", args=[upload.key])
    assert client.post(parts).status_code == 409
    sign = reverse("media_sign_part", args=[upload.key])
    for wrong in ({"part": 2}, {"part": "1"}, {}, []):
        assert client.post(sign, json.dumps(wrong), "application/json").status_code == 400
    signed = client.post(sign, json.dumps({"part": 1}), "application/json").json()
    put(signed["url"], CONTENT)
    assert "<PartNumber>1</PartNumber><ETag>" in client.get(parts).content.decode()
    listed = client.get(reverse("media_uploads", args=[video.pk])).json()["uploads"]
    assert [one["received"] for one in listed] == [len(CONTENT)]
    assert client.post(parts).status_code == 200
    assert client.post(parts).status_code == 200
    upload.refresh_from_db()
    assert upload.received == len(CONTENT)


def test_the_bucket_is_told_which_pages_send_to_it(s3_footage, settings, capsys):  # noqa: F811
    settings.BASE_URL = "https://studio.example"
    s3_footage.client().delete_bucket_cors(Bucket=s3_footage.bucket)
    with pytest.raises(CommandError, match="does not allow https://studio"):
        call_command("s3_cors", "--check")
    call_command("s3_cors")
    call_command("s3_cors", "--check")
    told = "The bucket allows pages of https://studio.example to upload and to play.\n"
    assert capsys.readouterr().out == told * 2
    call_command("s3_cors", "--print")
    assert '"https://studio.example"' in capsys.readouterr().out
    settings.S3_BUCKET = ""
    with pytest.raises(CommandError, match="S3_BUCKET is not set"):
        call_command("s3_cors")


# What the uploader asks


def announced(client: Client, video: Video, **told: object):
    told = {"name": "talk.mp4", "bytes": len(CONTENT), "fingerprint": "f", **told}
    url = reverse("media_uploads", args=[video.pk])
    return client.post(url, json.dumps(told), "application/json")


@pytest.mark.parametrize(
    "body",
    [
        "[" * 4000,
        '{"name": "a", "bytes": true, "fingerprint": ""}',
        '{"name": "a", "bytes": 5, "fingerprint": "\\ud800"}',
        '{"name": "\\ud800", "bytes": 5, "fingerprint": ""}',
    ],
)
def test_what_no_uploader_asks_is_answered_and_nothing_begins(signed_in, video, producer, body):
    url = reverse("media_uploads", args=[video.pk])
    response = signed_in(producer).post(url, body, "application/json")
    assert (response.status_code, response.json()) == (
        400,
        {"refusal": "The request is not valid."},
    )
    assert not Upload.objects.exists()


def test_an_imported_video_takes_no_cut(signed_in, producer):
    video = VideoFactory(stage=Stage.PUBLISHED, imported=True, title="Old")
    response = announced(signed_in(producer), video)
    assert response.status_code == 409
    assert "imported" in response.json()["refusal"]


@pytest.mark.usefixtures("disk_footage")
def test_the_same_file_goes_on_where_it_was_and_only_for_its_owner(signed_in, video, producer):
    client = signed_in(producer)
    first = announced(client, video).json()
    append(Upload.objects.get(), 0, 10, lambda size: CONTENT[:10])
    again = announced(client, video, name="renamed.mp4").json()
    assert (again["key"], again["received"], again["name"]) == (first["key"], 10, "talk.mp4")
    others = {
        "another file": announced(client, video, fingerprint="g"),
        "another size": announced(client, video, bytes=5),
        "another video": announced(client, VideoFactory(stage=Stage.SHOT)),
        "no fingerprint": announced(client, video, fingerprint=""),
        "somebody else": announced(signed_in(UserFactory(role=Role.PRODUCER)), video),
    }
    assert first["key"] not in {answer.json()["key"] for answer in others.values()}
    listed = client.get(reverse("media_uploads", args=[video.pk])).json()["uploads"]
    assert (listed[0]["received"], listed[0]["said"]) == (
        10,
        "Choose the same file again to resume.",
    )


@pytest.mark.usefixtures("disk_footage")
def test_a_worker_checks_and_the_row_comes_with_what_it_found(signed_in, video, producer):
    client = signed_in(producer)
    announced(client, video)
    upload = Upload.objects.get()
    send(upload)
    finished = client.post(
        reverse("media_finish_upload", args=[upload.key]),
        json.dumps({"sha256": SUM}),
        "application/json",
    ).json()
    assert finished["state"] == "checking"  # the web server looks into no file
    check(upload.pk)
    answer = client.get(reverse("media_one_upload", args=[upload.key])).json()
    assert (answer["state"], answer["said"]) == (
        "stored",
        "“talk.mp4” is stored but cannot be used: This is a text file, not a video.",
    )
    assert f'id="cut-{Cut.objects.get().pk}"' in answer["html"]


def test_a_refusal_comes_with_its_words_before_the_first_byte(signed_in, video, producer, settings):
    settings.MAX_UPLOAD_BYTES = 10
    answer = announced(signed_in(producer), video)
    assert answer.status_code == 409
    assert answer.json() == {
        "refusal": "The file is 46\xa0bytes. The studio accepts up to 10\xa0bytes."
    }
    empty = announced(signed_in(producer), video, bytes=0)
    assert empty.json() == {"refusal": "The file is empty."}
    for wrong in ({"bytes": "1"}, {"name": None}, {"fingerprint": 1}):
        assert announced(signed_in(producer), video, **wrong).status_code == 400
    assert not Upload.objects.exists()


def test_what_came_to_nothing_is_told_and_taken_off_the_list(signed_in, video, producer):
    upload = sent(video, producer, sha256="0" * 64)
    check(upload.pk)
    client = signed_in(producer)
    url = reverse("media_uploads", args=[video.pk])
    assert [one["said"] for one in client.get(url).json()["uploads"]] == [
        "The file was damaged on the way. Upload it again."
    ]
    client.delete(reverse("media_one_upload", args=[upload.key]))
    assert client.get(url).json() == {"uploads": []}


def test_a_file_that_was_refused_before_is_told_with_the_reason(signed_in, video, producer):
    for _ in range(2):
        upload = sent(video, producer)
        check(upload.pk)
    told = signed_in(producer).get(reverse("media_one_upload", args=[upload.key])).json()
    assert (told["state"], told["said"], told["choices"]) == (
        "twin",
        "The same file was already uploaded and was refused: This is a text file, not a video.",
        {"use": "Discard this upload", "keep": "Check it again"},
    )


def test_a_twin_in_another_video_is_named(signed_in, video, producer, media):
    content = media("silent.webm").read_bytes()
    elsewhere = VideoFactory(stage=Stage.SHOT, title="Elsewhere")
    check(sent(elsewhere, producer, content).pk)
    upload = sent(video, producer, content)
    check(upload.pk)
    told = signed_in(producer).get(reverse("media_one_upload", args=[upload.key])).json()
    assert (told["state"], told["said"], told["choices"]) == (
        "twin",
        "The same file was already uploaded, as cut 1 of “Elsewhere”.",
        {"use": "Discard this upload", "keep": "Keep it as a cut of this video"},
    )
