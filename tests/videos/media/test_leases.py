import threading
import time
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import OperationalError
from django.utils.timezone import now

from tests.videos.media.factories import job_of
from videos.media.errors import LeaseLost
from videos.media.jobs import leases
from videos.media.jobs.leases import Lease, heartbeat
from videos.media.jobs.outcome import rows_of
from videos.media.jobs.tasks import claim
from videos.media.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(media, settings):
    settings.JOB_LEASE_SECONDS = 3
    job_of(media("text.mp4"))
    return claim(uuid4())


@pytest.fixture
def lease(job):
    return Lease(rows_of(job.pk, job.token))


def until(ask, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not ask():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.django_db(transaction=True)
def test_a_beating_heart_keeps_the_lease_and_writes_how_far_it_is(job, lease):
    before = job.lease_until
    with heartbeat(lease):
        lease.report_progress(0.5, 2.0)
        until(lambda: Job.objects.get().progress == 0.5)
    after = Job.objects.get()
    assert after.speed == 2.0
    assert after.lease_until > before


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "change",
    [{"state": "cancelled", "lease_until": None}, {"token": uuid4()}],
    ids=["cancelled", "taken over"],
)
def test_work_that_is_not_ours_any_more_ends_within_a_beat(lease, change):
    with heartbeat(lease):
        lease.report_progress(0.1, None)
        Job.objects.update(**change)
        until(lease.lost.is_set)
        with pytest.raises(LeaseLost):
            lease.report_progress(0.2, None)
    assert Job.objects.get().progress in (0, 0.1)


def away(monkeypatch):
    def no_answer(*args, **kwargs):
        raise OperationalError("the server is gone")

    monkeypatch.setattr("django.db.models.query.QuerySet.update", no_answer)
    monkeypatch.setattr(leases.connection, "close", lambda: None)


def test_a_database_that_is_away_is_no_loss_before_the_lease_runs_out(lease, monkeypatch):
    away(monkeypatch)
    lease.renew()
    lease.check()
    lease.until = time.monotonic() - 0.01
    with pytest.raises(LeaseLost):
        lease.check()


def test_what_must_be_written_is_tried_until_the_lease_runs_out(lease, monkeypatch):
    away(monkeypatch)
    tries = []

    def act() -> None:
        tries.append(1)
        lease.rows.update(progress=1)

    lease.until = time.monotonic() + 0.5
    with pytest.raises(LeaseLost):
        lease.retry_while_database_is_away(act)
    assert len(tries) > 1


def test_what_must_be_written_is_written_when_the_database_comes_back(lease, monkeypatch):
    tries = []

    def act() -> str:
        tries.append(1)
        if len(tries) < 3:
            raise OperationalError("the server is gone")
        return "written"

    monkeypatch.setattr(leases.connection, "close", lambda: None)
    assert lease.retry_while_database_is_away(act) == "written"
    assert len(tries) == 3


def test_a_heart_that_hangs_holds_nobody_up(lease, monkeypatch):
    hangs = threading.Event()
    monkeypatch.setattr(leases, "heartbeat_interval", lambda lease: 0.05)
    monkeypatch.setattr(lease, "renew", lambda: hangs.wait(30))
    began = time.monotonic()
    with heartbeat(lease):
        time.sleep(0.1)
    assert time.monotonic() - began < 5
    hangs.set()


def test_a_lease_is_a_minute_at_most(settings, media):
    job_of(media("text.mp4"))
    assert settings.JOB_LEASE_SECONDS <= 60
    claimed = claim(uuid4())
    assert claimed.lease_until <= now() + timedelta(seconds=60)
