import errno
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from unittest.mock import patch

import pytest
from django.core.files.storage import storages
from django.db import OperationalError
from django.test import Client
from django_q.conf import Conf

from studio.operations import health


@pytest.fixture(autouse=True)
def nothing_is_kept() -> None:
    """Each test looks for itself."""
    health.glance.forget()


@pytest.fixture
def beating(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker's heartbeat, without a worker."""

    class Beat:
        status = Conf.IDLE

    monkeypatch.setattr(health.Stat, "get_all", lambda broker: [Beat()])


def states(client: Client) -> dict[str, str]:
    checks = client.get("/readyz").json()["checks"]
    return {name: check["state"] for name, check in checks.items()}


def test_alive_asks_no_database(client: Client):
    # Without the `db` fixture a query would fail the test.
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"alive": True})
    assert "no-store" in answer["Cache-Control"]


def test_ready_when_database_queue_and_storage_are(db: None, client: Client, beating: None):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["ready"] is True
    assert states(client) == {"database": "ok", "queue": "ok", "storage": "ok"}


def test_without_a_worker_the_queue_is_not_ready(db: None, client: Client):
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["queue"] == {
        "state": "failed",
        "words": "The queue answers, but no worker takes from it.",
    }
    assert states(client) == {"database": "ok", "queue": "failed", "storage": "ok"}


def test_a_failure_tells_the_log_and_not_the_world(
    db: None, client: Client, beating: None, caplog: pytest.LogCaptureFixture
):
    with patch.object(health.connection, "cursor", side_effect=OperationalError("pass=secret")):
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["database"] == {
        "state": "failed",
        "words": "It does not work. The log says more.",
    }
    assert "secret" not in answer.content.decode()
    assert "pass=secret" in caplog.text


def test_a_storage_that_forgets_is_not_ready(db: None, client: Client, beating: None):
    with patch.object(type(storages["footage"]), "open", side_effect=OSError("gone")):
        assert states(client) == {"database": "ok", "queue": "ok", "storage": "failed"}


def test_looking_leaves_nothing_in_the_storage(db: None, client: Client, beating: None):
    client.get("/readyz")
    assert storages["footage"].listdir("probes")[1] == []


def test_nothing_but_looking_is_allowed(client: Client):
    assert client.post("/healthz").status_code == 405
    assert client.post("/readyz").status_code == 405


def test_who_asks_again_at_once_causes_no_further_look(db: None, client: Client, beating: None):
    probes = type(storages["footage"])
    with patch.object(probes, "save", autospec=True, side_effect=probes.save) as save:
        answers = [client.get("/readyz").json() for _number in range(20)]
    assert save.call_count == 1
    assert all(answer == answers[0] for answer in answers)


def test_a_failure_and_its_end_are_told_after_five_seconds(db: None, beating: None):
    now = [0.0]
    glance = health.Glance(health.KEPT_SECONDS, clock=lambda: now[0])

    def is_ready() -> bool:
        return all(finding.ok for finding in glance().values())

    assert is_ready()
    with patch.object(health.connection, "cursor", side_effect=OperationalError):
        now[0] = 4.9
        assert is_ready()
        now[0] = 5.0
        assert not is_ready()
    now[0] = 9.9
    assert not is_ready()
    now[0] = 10.0
    assert is_ready()


def test_the_storage_is_written_to_once_a_minute_and_asked_in_between(db: None):
    now, footage = [0.0], type(storages["footage"])
    probe = health.Probe(health.WRITTEN_SECONDS, clock=lambda: now[0])
    with patch.object(footage, "save", autospec=True, side_effect=footage.save) as save:
        for moment in range(0, 121, 5):
            now[0] = float(moment)
            probe()
    assert save.call_count == 3


def test_a_storage_that_takes_nothing_is_tried_again_at_the_next_look(db: None):
    footage = type(storages["footage"])
    probe = health.Probe(health.WRITTEN_SECONDS)
    with patch.object(footage, "save", side_effect=OSError(errno.ENOSPC, "full")):
        for _again in range(2):
            with pytest.raises(OSError, match="full"):
                probe()
    assert probe() == "The storage works."


def test_a_storage_that_went_away_is_missed_without_writing(db: None, disk_footage: Path):
    disk_footage.mkdir()
    probe = health.Probe(health.WRITTEN_SECONDS)
    probe()
    shutil.rmtree(disk_footage)
    with pytest.raises(FileNotFoundError):
        probe()


def test_who_asks_while_somebody_looks_waits_for_nothing(monkeypatch: pytest.MonkeyPatch):
    now, begun, go_on = [0.0], Event(), Event()

    def stuck() -> str:
        begun.set()
        assert go_on.wait(10)
        return "It works."

    glance = health.Glance(health.KEPT_SECONDS, clock=lambda: now[0])
    monkeypatch.setattr(health, "CHECKS", {"storage": lambda: "It works."})
    known = glance()
    monkeypatch.setattr(health, "CHECKS", {"storage": stuck})
    now[0] = 6.0
    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(glance)
        assert begun.wait(10)
        assert glance() is known
        now[0] = 5 + health.LONGEST_LOOK
        (finding,) = glance().values()
        go_on.set()
        assert looking.result() == known
    assert finding == health.Finding(False, "A check has not ended in time.")


def test_many_who_ask_at_once_share_one_look(monkeypatch: pytest.MonkeyPatch):
    looks, begun, go_on = [], Event(), Event()

    def slow() -> str:
        looks.append(1)
        begun.set()
        go_on.wait(10)
        return "It works."

    monkeypatch.setattr(health, "CHECKS", {"storage": slow})
    glance = health.Glance(health.KEPT_SECONDS)
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(glance) for _number in range(8)]
        assert begun.wait(10)
        go_on.set()
        found = [one.result() for one in asked]
    assert found == [{"storage": health.Finding(True, "It works.")}] * 8
    assert len(looks) == 1
