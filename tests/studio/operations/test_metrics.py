import datetime as dt

import pytest
from django.utils.timezone import now
from prometheus_client.parser import text_string_to_metric_families

from tests.factories import CutFactory, RenditionSetFactory, UserFactory
from videos.media.models import Job

pytestmark = pytest.mark.django_db


def read(client, **headers) -> dict[str, dict[tuple, float]]:
    """{sample: {labels' values: value}} of what the address says."""
    response = client.get("/metrics", headers=headers)
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/plain")
    found: dict[str, dict[tuple, float]] = {}
    for family in text_string_to_metric_families(response.content.decode()):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sample.labels.values())] = sample.value
    return found


@pytest.fixture
def superuser(signed_in):
    return signed_in(UserFactory(is_superuser=True))


def job(state: str, *, waited: int = 0, worked: int = 0, **fields) -> Job:
    made = Job.objects.create(cut=CutFactory(source_bytes=1000), state=state, **fields)
    queued = now() - dt.timedelta(seconds=waited + worked)
    started = queued + dt.timedelta(seconds=waited)
    ended = started + dt.timedelta(seconds=worked)
    if state == "queued":
        started = ended = None
    Job.objects.filter(pk=made.pk).update(queued_at=queued, started_at=started, ended_at=ended)
    return made


def test_only_a_monitor_with_the_token_and_a_superuser_read_the_numbers(
    client, signed_in, producer, superuser, settings
):
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404
    assert signed_in(producer).get("/metrics").status_code == 404
    assert superuser.get("/metrics").status_code == 200
    settings.METRICS_TOKEN = "t0ken"
    assert client.get("/metrics").status_code == 404
    for wrong in ("Bearer t0ke", "t0ken", "Bearer ", "Basic t0ken"):
        assert client.get("/metrics", headers={"Authorization": wrong}).status_code == 404
    assert read(client, Authorization="Bearer t0ken")


def test_the_numbers_are_those_of_the_rows(superuser):
    job("queued", waited=90)
    job("queued", waited=30)
    job("ready", waited=10, worked=100, speed=0.5, attempts=1)
    job("ready", waited=70, worked=20, speed=3.0, attempts=2)
    job("failed", waited=2, worked=4, failure="damaged", reason="It is damaged.")
    job("failed", waited=2, worked=4, failure="stalled", reason="It stalled.")
    job("failed", waited=2, worked=4, failure="stalled", reason="It stalled.")
    RenditionSetFactory(bytes=700)
    found = read(superuser)
    assert found["closing_shot_jobs"] == {
        ("full", "queued"): 2,
        ("full", "running"): 0,
        ("full", "ready"): 2,
        ("full", "failed"): 3,
        ("full", "cancelled"): 0,
        **{
            (kind, state): 0
            for kind in ("av1", "captions", "texts", "ends")
            for state in Job.State.values
        },
    }
    assert found["closing_shot_job_failures_total"] == {
        ("full", "damaged"): 1,
        ("full", "stalled"): 2,
    }
    [oldest] = found["closing_shot_jobs_oldest_wait_seconds"].values()
    assert oldest == pytest.approx(90, abs=5)
    assert found["closing_shot_job_attempts_total"] == {(): 3}
    assert found["closing_shot_job_wait_seconds_count"] == {(): 5}
    assert found["closing_shot_job_wait_seconds_sum"][()] == pytest.approx(86)
    assert found["closing_shot_job_wait_seconds_bucket"][("5.0",)] == 3
    assert found["closing_shot_job_wait_seconds_bucket"][("15.0",)] == 4
    assert found["closing_shot_job_wait_seconds_bucket"][("+Inf",)] == 5
    assert found["closing_shot_job_duration_seconds_sum"][()] == pytest.approx(120)
    assert found["closing_shot_job_speed_ratio_sum"][()] == pytest.approx(3.5)
    assert found["closing_shot_job_speed_ratio_bucket"][("1.0",)] == 1
    assert found["closing_shot_set_bytes"] == {("full",): 700}
    assert found["closing_shot_source_bytes"][()] >= 7000


def test_an_empty_studio_has_numbers_too(superuser, django_assert_max_num_queries):
    with django_assert_max_num_queries(14):
        found = read(superuser)
    assert set(found["closing_shot_jobs"].values()) == {0}
    assert found["closing_shot_jobs_oldest_wait_seconds"] == {(): 0}
    assert found["closing_shot_job_speed_ratio_count"] == {(): 0}
