"""How far a job is never goes back, whatever becomes of its workers."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse
from django.utils.timezone import now
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.factories import CutFactory, ready_cut
from tests.videos.media.factories import job_of
from videos.media.admin.presenters import seconds_left
from videos.media.jobs import handlers, parallel
from videos.media.jobs.leases import Lease
from videos.media.jobs.maintenance import requeue_abandoned
from videos.media.jobs.outcome import ClaimedJob, retry_or_fail, rows_of
from videos.media.jobs.progress import Progress, left_of, onward
from videos.media.jobs.tasks import claim, release_job
from videos.media.models import Cut, Job, TranscodeChunk
from videos.media.transcoding import pipeline
from videos.media.transcoding.chunks import ChunkMismatch
from videos.media.transcoding.encode import watch_progress
from videos.media.transcoding.failures import Failure

PART = st.floats(0, 1)
EVENTS = st.lists(st.one_of(PART, st.just("anew"), st.just("taken over")), max_size=60)


@given(EVENTS)
def test_what_is_shown_never_goes_back_and_comes_to_the_end(events):
    way, seen = Progress(), [0.0]
    for event in events:
        if event == "anew":
            way.restart_progress()
        elif event == "taken over":
            way = Progress(way.shown)
        else:
            way.update(event)
        seen.append(way.shown)
    assert seen == sorted(seen)
    assert 0 <= seen[-1] <= 1
    assert way.update(1) == pytest.approx(1)


@given(st.floats(0, 0.99), PART, PART)
def test_work_that_begins_anew_moves_from_its_first_step_on(before, less, more):
    less, more = sorted([less, more])
    way = Progress(before)
    assert before <= way.update(less) <= way.update(more)
    assert left_of(before, onward(before, more)) == pytest.approx(1 - more, abs=1e-9)


@pytest.mark.django_db
@pytest.mark.usefixtures("media")
def test_the_time_that_is_left_is_that_of_all_the_work_when_it_begins_anew():
    cut = CutFactory(source_info={"seconds": 100.0})
    job = Job(cut=cut, speed=2.0, progress=0.6, progress_before=0.6)
    assert seconds_left(job, cut) == pytest.approx(50)
    job.progress = 0.8
    assert seconds_left(job, cut) == pytest.approx(25)


def test_a_silent_encoder_has_not_gone_back(tmp_path, monkeypatch):
    class Facts:
        frames = 100

    reports = [{"frame": "50"}, {}, {"frame": "N/A"}, {"frame": "60"}]
    told = []
    monkeypatch.setattr(
        "videos.media.transcoding.encode.progress_reports", lambda out: (r for r in reports)
    )
    watch_progress(None, Facts(), tmp_path, lambda done, speed: told.append(done), 60, 60)
    assert told == [0.5, 0.5, 0.5, 0.6]


@pytest.mark.django_db
def test_a_source_that_cannot_be_cut_up_goes_on_from_where_people_saw_it(media, monkeypatch):
    job = job_of(media("silent.webm"))
    job = claim(uuid4())
    lease = Lease(rows_of(job.pk, job.token), job.progress)
    claimed = ClaimedJob(job, Cut.objects.get(), job.token, lease)
    seen = []

    def see():
        lease.renew()
        seen.append(Job.objects.get().progress)

    def pieces(claimed, source, facts, folder, tell):
        tell(0.75, 1.0)
        see()
        raise ChunkMismatch

    def make(source, folder, facts, *, on_progress):
        for done in (0.0, 0.5, 1.0):
            on_progress(done, 1.0)
            see()

    monkeypatch.setattr(handlers, "in_chunks", pieces)
    monkeypatch.setattr(handlers, "empty", lambda folder: None)
    monkeypatch.setattr(handlers.first_set, "has_first", lambda cut: True)
    monkeypatch.setattr(handlers.parallel, "should_split", lambda facts, source: True)
    monkeypatch.setattr(pipeline, "create_set", make)
    handlers.full_set(claimed, None, None, None)
    assert seen == pytest.approx([0.8, 0.8, 0.9, 1.0])
    assert Job.objects.get().progress_before == pytest.approx(0.8)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("should_split", "seen", "left"),
    [
        # The pieces tell of all that is made: what was shown stays until there is more.
        (True, [0.6, 0.6, 0.8, 1.0], [0.4, 0.4, 0.2, 0.0]),
        # Beside the first set, all is made from the start.
        (False, [0.6, 0.8, 0.9, 1.0], [1.0, 0.5, 0.25, 0.0]),
    ],
)
def test_what_survived_its_worker_is_not_counted_twice(
    should_split, seen, left, media, monkeypatch
):
    job_of(media("silent.webm"), progress=0.6)
    job = claim(uuid4())
    lease = Lease(rows_of(job.pk, job.token), job.progress)
    claimed = ClaimedJob(job, Cut.objects.get(), job.token, lease)
    found = []

    def work(*steps):
        def act(*args, on_progress):
            for done in steps:
                on_progress(done, 1.0)
                lease.renew()
                row = Job.objects.get()
                found.append((row.progress, left_of(row.progress_before, row.progress)))

        return act

    in_chunks = work(0.0, 0.5, 0.75, 1.0)
    monkeypatch.setattr(handlers, "in_chunks", lambda *args: in_chunks(on_progress=args[-1]))
    monkeypatch.setattr(pipeline, "create_set", work(0.0, 0.5, 0.75, 1.0))
    monkeypatch.setattr(handlers.first_set, "has_first", lambda cut: True)
    monkeypatch.setattr(handlers.parallel, "should_split", lambda facts, source: should_split)
    handlers.full_set(claimed, None, None, None)
    assert [shown for shown, _left in found] == pytest.approx(seen)
    assert [rest for _shown, rest in found] == pytest.approx(left)


class Jobs(RuleBasedStateMachine):
    """A long job, its pieces, and workers that start, die, are stopped or fail."""

    seen = 0.0

    def __init__(self) -> None:
        super().__init__()
        self.world = transaction.atomic()
        self.world.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.world.__exit__(None, None, None)

    @initialize()
    def start(self) -> None:
        self.job = Job.objects.create(cut=CutFactory())
        TranscodeChunk.objects.bulk_create(
            TranscodeChunk(job=self.job, number=n, first_frame=100 * n, frames=100)
            for n in range(3)
        )
        self.claimed: ClaimedJob | None = None

    def is_held(self) -> bool:
        return self.claimed is not None

    @precondition(lambda self: self.claimed is None)
    @rule()
    def a_worker_takes_it(self) -> None:
        # As a job with attempts and deferrals left: one without has failed, and is not claimed
        Job.objects.update(attempts=0, deferrals=0, not_before=None)
        job = claim(uuid4())
        assert job is not None
        lease = Lease(rows_of(job.pk, job.token), job.progress)
        self.claimed = ClaimedJob(job, job.cut, job.token, lease)

    @precondition(is_held)
    @rule(done=PART)
    def it_tells(self, done: float) -> None:
        self.claimed.lease.report_progress(done, 1.0)
        self.claimed.lease.renew()

    @precondition(is_held)
    @rule()
    def it_begins_anew(self) -> None:
        self.claimed.lease.restart_progress()
        self.claimed.lease.renew()

    @precondition(is_held)
    @rule()
    def it_goes_on(self) -> None:
        self.claimed.lease.resume_progress()
        self.claimed.lease.renew()

    @precondition(is_held)
    @rule(number=st.integers(0, 2), done=PART)
    def a_piece_moves_or_is_given_back(self, number: int, done: float) -> None:
        TranscodeChunk.objects.filter(number=number).update(progress=done)
        self.claimed.lease.report_progress(*parallel.combined_progress(self.job.pk))
        self.claimed.lease.renew()

    @precondition(is_held)
    @rule()
    def its_worker_dies(self) -> None:
        Job.objects.update(lease_until=now() - timedelta(seconds=1))
        requeue_abandoned()
        self.claimed = None

    @precondition(is_held)
    @rule()
    def its_worker_dies_and_another_one_is_quick(self) -> None:
        Job.objects.update(lease_until=now() - timedelta(seconds=1))
        self.claimed = None
        self.a_worker_takes_it()

    @precondition(is_held)
    @rule()
    def its_worker_is_stopped(self) -> None:
        release_job(self.claimed.token, self.job.pk)
        self.claimed = None

    @precondition(is_held)
    @rule(code=st.sampled_from(["interrupted", "storage", "disk_full"]))
    def it_stumbles(self, code: str) -> None:
        retry_or_fail(self.claimed, Failure(code, "Words."), lambda job: None)
        self.claimed = None

    @precondition(is_held)
    @rule(done=PART)
    def a_worker_that_lost_it_says_something(self, done: float) -> None:
        late = Lease(rows_of(self.job.pk, uuid4()))
        late.report_progress(done, 1.0)
        late.renew()

    @invariant()
    def what_people_see_never_goes_back(self) -> None:
        job = Job.objects.get(pk=self.job.pk)
        assert self.seen <= job.progress <= 1
        assert 0 <= job.progress_before <= job.progress
        self.seen = job.progress


@pytest.mark.django_db
def test_a_job_never_goes_back_whatever_becomes_of_its_workers():
    steps = settings(
        max_examples=25,
        stateful_step_count=20,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Jobs, settings=steps)


@pytest.mark.django_db
def test_a_screen_shows_a_job_that_is_taken_over_where_it_was(signed_in, producer, media):
    job = job_of(media("silent.webm"))
    client, url = signed_in(producer), reverse("media_cut_state", args=[job.cut_id])
    seen = []

    def look():
        told = client.get(url).json()
        seen.append(told["percent"])
        return told["html"]

    look()
    for done in (0.5, 0.25, 0.5):
        claimed = claim(uuid4())
        look()
        lease = Lease(rows_of(claimed.pk, claimed.token), claimed.progress)
        lease.report_progress(done, 1.0)
        lease.renew()
        html = look()
        Job.objects.update(lease_until=now() - timedelta(seconds=1))
        requeue_abandoned()
        look()
    assert seen == [0, 0, 50, 50, 50, 62, 62, 62, 81, 81]
    assert "Attempt 3. The previous one was interrupted." in html
    assert "tried again" not in html


@pytest.mark.django_db
def test_a_new_try_by_a_person_begins_at_nothing_and_says_so(signed_in, producer):
    cut = CutFactory(state=Cut.State.FAILED, reason="It was interrupted.")
    Job.objects.create(cut=cut, state=Job.State.FAILED, failure="interrupted", progress=0.7)
    client = signed_in(producer)
    client.post(reverse("media_retry", args=[cut.pk]))
    claim(uuid4())
    told = client.get(reverse("media_cut_state", args=[cut.pk])).json()
    assert told["percent"] == 0
    assert "Somebody tried it again, so it is made from the start." in told["html"]


@pytest.mark.django_db
def test_a_sound_that_is_chosen_later_is_no_new_try(signed_in, producer):
    cut = ready_cut()
    Job.objects.create(cut=cut, state=Job.State.READY, progress=1)
    Job.objects.create(cut=cut)
    told = signed_in(producer).get(reverse("media_cut_state", args=[cut.pk])).json()
    assert "tried again" not in told["html"]


@pytest.mark.django_db
def test_the_release_before_goes_on_making_jobs_while_it_is_replaced():
    """It knows no column that came after it."""
    state = MigrationExecutor(connection).loader.project_state([("media", "0016_captions_inside")])
    cut = CutFactory()
    job = state.apps.get_model("media", "Job").objects.create(cut_id=cut.pk)
    assert Job.objects.get(pk=job.pk).progress_before == 0
