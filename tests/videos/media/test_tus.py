"""The tus protocol: nothing that arrived is lost, and nobody writes who may not."""

import hashlib
import os
from base64 import b64encode
from collections.abc import Callable
from threading import Event, Thread

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from studio.people.roles import Role
from tests.factories import ExpertFactory, UserFactory, VideoFactory
from videos.media.models import Upload
from videos.media.uploads.backends import disk
from videos.media.uploads.backends.checksums import sums
from videos.media.uploads.backends.disk import Locked, OffsetDiffers, append, path_of
from videos.media.uploads.intake import announce, cancel
from videos.planning.models import Stage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("disk_footage")]
CONTENT = bytes(range(256)) * 40


@pytest.fixture
def upload(producer) -> Upload:
    video = VideoFactory(stage=Stage.EDITING)
    return announce(video, name="talk.mp4", size=len(CONTENT), fingerprint="f", by=producer)


def ask(client: Client, method: str, upload: Upload, body: bytes = b"", **headers: object):
    """A request of the protocol: `Upload_Offset=3` becomes a header."""
    named = {name.replace("_", "-"): str(value) for name, value in headers.items()}
    return client.generic(
        method,
        reverse("media_tus_upload", args=[upload.key]),
        body,
        content_type="application/offset+octet-stream",
        headers={"Tus-Resumable": "1.0.0", **named},
    )


def offset_of(client: Client, upload: Upload) -> str:
    return ask(client, "HEAD", upload)["Upload-Offset"]


def of(content: bytes) -> Callable[[int], bytes]:
    """A stream of these bytes, which ends."""
    rest = [content]

    def read(size: int) -> bytes:
        piece, rest[0] = rest[0][:size], rest[0][size:]
        return piece

    return read


def test_an_upload_is_created_sent_in_pieces_and_asked_how_far_it_is(signed_in, producer):
    video = VideoFactory(stage=Stage.EDITING)
    client = signed_in(producer)
    name = b64encode("Grüße.mp4".encode()).decode()
    created = client.post(
        reverse("media_tus", args=[video.pk]),
        headers={
            "Tus-Resumable": "1.0.0",
            "Upload-Length": str(len(CONTENT)),
            "Upload-Metadata": f"filename {name},relativePath bnVsbA==,empty",
        },
    )
    upload = Upload.objects.get()
    assert created.status_code == 201
    assert created["Location"].endswith(reverse("media_tus_upload", args=[upload.key]))
    assert (upload.name, upload.video, upload.by) == ("Grüße.mp4", video, producer)
    assert offset_of(client, upload) == "0"
    first = ask(client, "PATCH", upload, CONTENT[:5000], Upload_Offset=0)
    assert (first.status_code, first["Upload-Offset"]) == (204, "5000")
    assert "Upload-Expires" in first
    head = ask(client, "HEAD", upload)
    assert (head["Upload-Offset"], head["Upload-Length"]) == ("5000", str(len(CONTENT)))
    assert "no-store" in head["Cache-Control"]
    ask(client, "PATCH", upload, CONTENT[5000:], Upload_Offset=5000)
    upload.refresh_from_db()
    assert path_of(upload).read_bytes() == CONTENT
    assert (upload.received, upload.state) == (len(CONTENT), Upload.State.RECEIVING)
    assert upload.sha256 == hashlib.sha256(CONTENT).hexdigest()


def test_what_the_protocol_forbids_is_refused_and_changes_nothing(signed_in, producer, upload):
    client = signed_in(producer)
    url = reverse("media_tus_upload", args=[upload.key])
    ask(client, "PATCH", upload, CONTENT[:10], Upload_Offset=0)
    refused = {
        "no version": client.generic("PATCH", url, b"x").status_code,
        "wrong version": ask(client, "HEAD", upload, Tus_Resumable="0.2.2").status_code,
        "wrong offset": ask(client, "PATCH", upload, b"x", Upload_Offset=9).status_code,
        "beyond": ask(client, "PATCH", upload, b"x", Upload_Offset=11).status_code,
        "no offset": ask(client, "PATCH", upload, b"x").status_code,
        "no number": ask(client, "PATCH", upload, b"x", Upload_Offset="-1").status_code,
        "too much": ask(client, "PATCH", upload, CONTENT, Upload_Offset=10).status_code,
        "wrong type": client.generic(
            "PATCH", url, b"x", headers={"Tus-Resumable": "1.0.0", "Upload-Offset": "10"}
        ).status_code,
    }
    assert refused == {
        "no version": 412,
        "wrong version": 412,
        "wrong offset": 409,
        "beyond": 409,
        "no offset": 400,
        "no number": 400,
        "too much": 413,
        "wrong type": 415,
    }
    assert offset_of(client, upload) == "10"
    assert path_of(upload).read_bytes() == CONTENT[:10]


def test_options_tell_what_the_server_can(signed_in, producer, upload):
    said = signed_in(producer).options(reverse("media_tus_upload", args=[upload.key]))
    assert (said["Tus-Version"], said["Tus-Extension"]) == (
        "1.0.0",
        "creation,expiration,termination",
    )


def test_a_broken_request_keeps_what_arrived(upload):
    def breaking(size: int) -> bytes:
        if rest:
            return rest.pop()
        raise ConnectionResetError

    rest = [CONTENT[:4000]]
    with pytest.raises(ConnectionResetError):
        append(upload, 0, len(CONTENT), breaking)
    upload.refresh_from_db()
    assert upload.received == 4000
    assert append(upload, 4000, len(CONTENT) - 4000, of(CONTENT[4000:])) == len(CONTENT)
    upload.refresh_from_db()
    assert path_of(upload).read_bytes() == CONTENT
    assert upload.sha256 == hashlib.sha256(CONTENT).hexdigest()


def test_what_was_never_confirmed_is_written_again(upload):
    append(upload, 0, 100, of(CONTENT[:100]))
    with path_of(upload).open("ab") as killed:
        killed.write(b"the server was killed before it could say that this is here")
    append(upload, 100, len(CONTENT) - 100, of(CONTENT[100:]))
    assert path_of(upload).read_bytes() == CONTENT


def test_a_checksum_begun_by_another_process_is_not_made_up(upload):
    append(upload, 0, 100, of(CONTENT[:100]))
    sums.forget(upload.pk)  # as if the first request had gone to another process
    append(upload, 100, len(CONTENT) - 100, of(CONTENT[100:]))
    upload.refresh_from_db()
    assert (upload.received, upload.sha256) == (len(CONTENT), "")


@pytest.mark.django_db(transaction=True)
def test_of_two_requests_at_once_one_writes(upload):
    arrived, go_on = Event(), Event()

    def slowly(size: int) -> bytes:
        arrived.set()
        go_on.wait(20)
        return CONTENT[:50] if not done.is_set() else b""

    def first() -> None:
        try:
            append(upload, 0, 50, slowly)
        finally:
            connection.close()

    done = Event()
    thread = Thread(target=first)
    thread.start()
    assert arrived.wait(20)
    with pytest.raises(Locked):
        append(upload, 0, 50, of(b"z" * 50))
    go_on.set()
    thread.join()
    with pytest.raises(OffsetDiffers):
        append(upload, 0, 50, of(b"z" * 50))
    assert path_of(upload).read_bytes() == CONTENT[:50]


def test_a_long_request_confirms_on_its_way(upload, monkeypatch):
    monkeypatch.setattr(disk, "CONFIRM", 2000)
    seen = []

    def watched(size: int) -> bytes:
        seen.append(Upload.objects.get(pk=upload.pk).received)
        return read(min(size, 1000))

    read = of(CONTENT)
    append(upload, 0, len(CONTENT), watched)
    assert seen == sorted(seen)
    assert seen[0] == 0 < seen[-1] < len(CONTENT)


def test_an_upload_is_its_owners_alone(signed_in, upload, producer):
    for other in (UserFactory(role=Role.PRODUCER), ExpertFactory().user):
        client = signed_in(other)
        assert ask(client, "HEAD", upload).status_code == 404
        assert ask(client, "PATCH", upload, b"x", Upload_Offset=0).status_code == 404
        assert ask(client, "DELETE", upload).status_code == 404
        for name in ("finish_upload", "keep_upload", "sign_part", "parts"):
            url = reverse(f"media_{name}", args=[upload.key])
            assert client.post(url).status_code == 404
    assert ask(signed_in(None), "PATCH", upload, b"x", Upload_Offset=0).status_code == 302
    upload.refresh_from_db()
    assert (upload.received, upload.state) == (0, Upload.State.RECEIVING)


def test_rights_that_are_lost_midway_end_it(signed_in):
    expert = ExpertFactory()
    video = VideoFactory(stage=Stage.SHOT, experts=[expert])
    upload = announce(video, name="a", size=10, fingerprint="", by=expert.user)
    client = signed_in(expert.user)
    assert ask(client, "PATCH", upload, b"12345", Upload_Offset=0).status_code == 204
    video.experts.clear()
    lost = ask(client, "PATCH", upload, b"67890", Upload_Offset=5)
    assert lost.status_code in {302, 403}
    assert ask(client, "HEAD", upload).status_code in {302, 403}
    assert path_of(upload).read_bytes() == b"12345"


def test_a_request_needs_its_token(producer, upload):
    client = Client(enforce_csrf_checks=True)
    client.force_login(producer)
    assert ask(client, "PATCH", upload, b"x", Upload_Offset=0).status_code == 403
    token = "a" * 32
    client.cookies["csrftoken"] = token
    sent = ask(client, "PATCH", upload, b"x", Upload_Offset=0, X_CSRFToken=token)
    assert sent.status_code == 204


def test_what_is_given_up_is_gone(signed_in, producer, upload):
    client = signed_in(producer)
    ask(client, "PATCH", upload, CONTENT[:10], Upload_Offset=0)
    assert ask(client, "DELETE", upload).status_code == 204
    upload.refresh_from_db()
    assert (upload.state, upload.reserved_bytes) == (Upload.State.CANCELLED, 0)
    assert not path_of(upload).exists()
    assert ask(client, "HEAD", upload).status_code == 410
    assert ask(client, "PATCH", upload, b"x", Upload_Offset=10).status_code == 410
    assert ask(client, "DELETE", upload).status_code == 204
    assert not cancel(upload)


def test_a_full_disk_is_told_and_keeps_what_was_confirmed(signed_in, producer, upload, monkeypatch):
    client = signed_in(producer)
    ask(client, "PATCH", upload, CONTENT[:10], Upload_Offset=0)

    def full(*args: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(disk.os, "write", full)
        assert ask(client, "PATCH", upload, CONTENT[10:], Upload_Offset=10).status_code == 507
    assert os.path.getsize(path_of(upload)) == 10
    assert ask(client, "PATCH", upload, CONTENT[10:], Upload_Offset=10).status_code == 204
    assert path_of(upload).read_bytes() == CONTENT
