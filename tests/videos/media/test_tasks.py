import threading
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from botocore.exceptions import EndpointConnectionError
from django.db import connection, transaction
from django.utils.timezone import now

from tests.queue import queued
from tests.videos.media.factories import abandoned, job_of, set_folders
from videos.media.errors import EncodeFailed
from videos.media.jobs import shutdown, tasks
from videos.media.jobs.actions import retry
from videos.media.jobs.tasks import claim, transcode
from videos.media.models import Cut, Job, Rendition, RenditionSet, footage
from videos.media.transcoding import pipeline
from videos.media.transcoding.failures import MAX_DEFERRALS
from videos.media.transcoding.sandbox.process import Interrupted
from videos.planning.models import Stage, Video

pytestmark = pytest.mark.django_db


def test_a_transcode_ends_ready_with_a_whole_set(media, heard, django_capture_on_commit_callbacks):
    job = job_of(media("silent.webm"))
    with django_capture_on_commit_callbacks(execute=True):
        transcode(job.pk)
    job.refresh_from_db()
    cut = job.cut
    cut.refresh_from_db()
    assert (job.state, job.progress, job.attempts, job.reason) == (Job.State.READY, 1, 1, "")
    assert (cut.state, cut.reason) == (Cut.State.READY, "")
    current = cut.current_set
    assert (current.width, current.height, float(current.seconds)) == (320, 180, 2.0)
    assert [(r.width, r.height) for r in current.renditions.all()] == [(320, 180)]
    for name in [current.master, current.poster, current.storyboard]:
        assert footage().exists(f"{current.folder}/{name}")
    assert current.is_public is False
    assert cut.video.stage == Stage.REVIEW
    [transition] = cut.video.transitions.all()
    assert (transition.from_stage, transition.to_stage, transition.room, transition.by) == (
        Stage.EDITING,
        Stage.REVIEW,
        "media",
        cut.uploaded_by,
    )
    assert heard == [("ready", cut.pk)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Stage.SHOT, Stage.REVIEW),
        (Stage.EDITING, Stage.REVIEW),
        (Stage.APPROVED, Stage.REVIEW),
        (Stage.REVIEW, Stage.REVIEW),
        (Stage.PUBLISHED, Stage.PUBLISHED),
        (Stage.CANCELLED, Stage.CANCELLED),
    ],
)
def test_a_new_cut_asks_for_a_new_review_but_moves_nothing_that_is_public_or_over(
    media, made_before, before, after
):
    job = job_of(media("silent.webm"))
    Video.objects.filter(pk=job.cut.video_id).update(stage=before)
    transcode(job.pk)
    assert Video.objects.get().stage == after
    assert Video.objects.get().transitions.count() == (before != after)


def test_a_transcode_ends_failed_with_a_reason_a_producer_understands(
    media, heard, django_capture_on_commit_callbacks
):
    job = job_of(media("truncated.mp4"))
    before = set_folders()
    source = job.cut.source.read()
    with django_capture_on_commit_callbacks(execute=True):
        transcode(job.pk)
    job.refresh_from_db()
    cut = Cut.objects.select_related("video").get()
    reason = "The file is incomplete. Export or copy it again."
    assert (job.state, job.reason) == (Job.State.FAILED, reason)
    assert (cut.state, cut.reason, cut.current_set) == (Cut.State.FAILED, reason, None)
    assert cut.video.stage == Stage.EDITING
    assert heard == [("failed", cut.pk)]
    assert set_folders() == before
    with cut.source.open() as stored:
        assert stored.read() == source
    assert not RenditionSet.objects.exists()


def test_a_task_that_comes_twice_changes_nothing(media, made_before):
    job = job_of(media("silent.webm"))
    transcode(job.pk)
    first = Cut.objects.get().current_set_id
    transcode(job.pk)
    assert Cut.objects.get().current_set_id == first
    assert RenditionSet.objects.count() == 1
    assert Rendition.objects.count() == 1
    assert Job.objects.get().attempts == 1


def test_what_is_asked_for_first_is_made_first_whichever_task_arrives(media):
    first, usual, later, soon = (
        job_of(media("text.mp4"), priority=priority) for priority in (0, 0, -1, 1)
    )
    claimed = [claim(uuid4()).pk for _ in range(4)]
    assert claimed == [soon.pk, first.pk, usual.pk, later.pk]
    assert claim(uuid4()) is None


def test_a_job_that_waits_for_better_times_is_not_claimed_before(media):
    job = job_of(media("text.mp4"), not_before=now() + timedelta(seconds=30))
    assert claim(uuid4()) is None
    Job.objects.update(not_before=now())
    assert claim(uuid4()) == job


def test_a_job_whose_lease_ran_out_is_claimed_until_its_attempts_are_used_up(media, settings):
    job_of(media("text.mp4"))
    claims = []
    for _ in range(settings.MAX_ATTEMPTS + 1):
        claims.append(claim(uuid4()) is not None)
        Job.objects.update(lease_until=now() - timedelta(seconds=1))
    assert claims == [True] * settings.MAX_ATTEMPTS + [False]


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_at_the_same_instant_one_gets_the_job(media):
    job_of(media("text.mp4"))
    together, won = threading.Barrier(4), []

    def work() -> None:
        together.wait()
        won.append(claim(uuid4()) is not None)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False, False, False, True]


def test_a_worker_that_lost_its_lease_throws_its_work_away(media, monkeypatch):
    job = job_of(media("silent.webm"))
    other = uuid4()
    before = set_folders()
    real = pipeline.create_set

    def overtaken(source, folder, facts, *, on_progress):
        made = real(source, folder, facts, on_progress=on_progress)
        Job.objects.update(token=other, lease_until=now() + timedelta(seconds=60))
        return made

    monkeypatch.setattr(pipeline, "create_set", overtaken)
    transcode(job.pk)
    job.refresh_from_db()
    assert (job.state, job.token) == (Job.State.RUNNING, other)
    assert not RenditionSet.objects.exists()
    assert Cut.objects.get().current_set is None
    assert set_folders() == before
    assert Video.objects.get().stage == Stage.EDITING


def test_two_workers_never_publish_the_same_job(
    media, monkeypatch, heard, django_capture_on_commit_callbacks
):
    """The first is so slow that another takes over; both come to the end of their work."""
    job, before = job_of(media("silent.webm")), set_folders()
    real, workers = pipeline.create_set, []

    def slow(source, folder, facts, *, on_progress):
        made = real(source, folder, facts, on_progress=on_progress)
        workers.append(folder)
        if len(workers) == 1:
            Job.objects.update(lease_until=now() - timedelta(seconds=1))
            transcode(job.pk)
        return made

    monkeypatch.setattr(pipeline, "create_set", slow)
    with django_capture_on_commit_callbacks(execute=True):
        transcode(job.pk)
    job.refresh_from_db()
    assert (len(workers), job.state, job.attempts) == (2, Job.State.READY, 2)
    [shown] = RenditionSet.objects.all()
    assert Cut.objects.get().current_set == shown
    assert set_folders() - before == {str(shown.key)}
    assert heard == [("ready", job.cut_id)]
    assert job.cut.video.transitions.count() == 1


def failing(monkeypatch, error: Exception) -> None:
    """From now on a transcode fails with an error, and leaves half a file."""

    def broken(source, folder, facts, *, on_progress):
        (folder / "half.m4s").write_bytes(b"half")
        raise error

    monkeypatch.setattr(pipeline, "create_set", broken)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ZeroDivisionError(), "unexpected"),
        (EncodeFailed("", "interrupted"), "interrupted"),
        (Interrupted(4, "a tool was killed"), "interrupted"),
    ],
)
def test_an_interrupted_attempt_is_made_again_and_in_the_end_fails_with_a_reason(
    media, settings, monkeypatch, heard, django_capture_on_commit_callbacks, error, code
):
    failing(monkeypatch, error)
    job, before = job_of(media("silent.webm")), set_folders()
    seen = []
    for _ in range(settings.MAX_ATTEMPTS + 1):
        with django_capture_on_commit_callbacks(execute=True):
            transcode(job.pk)
        job.refresh_from_db()
        seen.append((job.state, job.attempts, Cut.objects.get().state))
    assert seen == [
        ("queued", 1, "waiting"),
        ("queued", 2, "waiting"),
        ("failed", 3, "failed"),
        ("failed", 3, "failed"),
    ]
    assert set_folders() == before
    assert job.failure == code
    assert queued() == [(tasks.TASK, (job.pk,))] * 2 + [
        ("videos.media.jobs.notifications.tell", (job.pk,))
    ]
    assert Cut.objects.get().reason.startswith("The studio tried 3 times")
    assert heard == [("failed", job.cut_id)]


@pytest.mark.parametrize(
    "error",
    [
        ZeroDivisionError(),
        MemoryError(),
        OSError(28, "No space left"),
        EndpointConnectionError(endpoint_url="http://s3"),
        EncodeFailed("The file is damaged.", "damaged"),
        EncodeFailed("", "interrupted"),
        Interrupted(4, "a tool was killed"),
    ],
    ids=lambda error: getattr(error, "code", None) or type(error).__name__,
)
def test_a_failing_transcode_neither_changes_nor_deletes_its_source(media, monkeypatch, error):
    failing(monkeypatch, error)
    job = job_of(media("silent.webm"))
    before = Cut.objects.values("source", "source_bytes", "sha256").get()
    for _ in range(100):  # more than any failure is tried
        transcode(job.pk)
        Job.objects.update(not_before=None)
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert Cut.objects.values("source", "source_bytes", "sha256").get() == before
    with footage().open(before["source"]) as stored:
        assert stored.read() == media("silent.webm").read_bytes()


@pytest.mark.parametrize(
    ("error", "code", "reason"),
    [
        (
            EndpointConnectionError(endpoint_url="http://s3"),
            "storage",
            "The studio's storage does not respond.",
        ),
        (OSError(28, "No space left"), "disk_full", "There is not enough space"),
    ],
)
def test_a_trouble_that_is_not_the_files_fault_is_waited_for_and_costs_no_attempt(
    media, monkeypatch, error, code, reason
):
    failing(monkeypatch, error)
    job = job_of(media("silent.webm"))
    waits = []
    for _ in range(MAX_DEFERRALS[code]):
        transcode(job.pk)
        job.refresh_from_db()
        assert (job.state, job.attempts, job.failure) == (Job.State.QUEUED, 0, code)
        waits.append(round((job.not_before - now()).total_seconds()))
        transcode(job.pk)  # a task that comes too early changes nothing
        Job.objects.update(not_before=now())
    assert waits == [min(15 * 2**n, 600) for n in range(MAX_DEFERRALS[code])]
    transcode(job.pk)
    job.refresh_from_db()
    assert (job.state, job.failure) == (Job.State.FAILED, code)
    assert Cut.objects.get().reason.startswith(reason)


def test_a_source_that_is_not_found_fails_the_job_in_words_and_may_be_tried_again(
    media, disk_footage
):
    job = job_of(media("silent.webm"))
    source = job.cut.source.path
    Path(source).rename(f"{source}.away")
    transcode(job.pk)
    job.refresh_from_db()
    assert (job.state, job.failure) == (Job.State.FAILED, "source_gone")
    assert "could not be found" in job.reason
    Path(f"{source}.away").rename(source)
    assert retry(job.cut)


def test_a_worker_that_is_told_to_stop_lets_its_job_go_at_no_cost(
    media, monkeypatch, django_capture_on_commit_callbacks
):
    def told(source, folder, facts, *, on_progress):
        (folder / "half.m4s").write_bytes(b"half")
        shutdown.note(15, None)

    monkeypatch.setattr(pipeline, "create_set", told)
    monkeypatch.setattr(shutdown.Stopping, "asked", False)
    job, before = job_of(media("silent.webm")), set_folders()
    with django_capture_on_commit_callbacks(execute=True):
        transcode(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.token) == (Job.State.QUEUED, 0, None)
    assert Cut.objects.get().state == Cut.State.WAITING
    assert set_folders() == before
    assert queued() == [(tasks.TASK, (job.pk,))]


def test_a_worker_that_is_told_to_stop_takes_nothing_more(media, monkeypatch):
    monkeypatch.setattr(shutdown.Stopping, "asked", True)
    job = job_of(media("text.mp4"))
    transcode(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.QUEUED, 0)
    assert queued() == [(tasks.TASK, (job.pk,))]


def test_an_answer_lost_with_the_connection_does_not_publish_twice(media, monkeypatch, heard):
    """The commit arrived, its answer did not: what is shown stays, and other rooms hear of it."""
    from django.db import OperationalError

    from videos.media.jobs import outcome

    job = job_of(media("silent.webm"))
    real, tries = outcome.save_set, []

    def answer_lost(*args):
        tries.append(1)
        real(*args)
        if len(tries) == 1:
            raise OperationalError("server closed the connection")

    monkeypatch.setattr(outcome, "save_set", answer_lost)
    monkeypatch.setattr("videos.media.jobs.leases.connection.close", lambda: None)
    transcode(job.pk)
    job.refresh_from_db()
    current = Cut.objects.get().current_set
    assert (len(tries), job.state) == (2, Job.State.READY)
    assert footage().exists(f"{current.folder}/{current.master}")
    assert RenditionSet.objects.count() == 1
    assert heard == [("ready", job.cut_id)]


def test_a_job_is_taken_over_by_any_wake_up_once_its_lease_ran_out(media, made_before):
    job = abandoned(job_of(media("silent.webm")))
    transcode(0)
    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.READY, 2)


def test_nothing_is_queued_before_the_transaction_commits(media):
    job = job_of(media("text.mp4"))
    with transaction.atomic():
        tasks.enqueue(job)
        assert len(queued()) == 0


def test_a_queue_that_is_away_takes_nothing_back(
    media, monkeypatch, django_capture_on_commit_callbacks
):
    def away(*args, **kwargs):
        raise ConnectionError("the queue")

    monkeypatch.setattr(tasks, "async_task", away)
    job = job_of(media("text.mp4"))
    with django_capture_on_commit_callbacks(execute=True):
        tasks.enqueue(job)
    assert Job.objects.get().state == Job.State.QUEUED


def test_a_transcode_cluster_of_its_own_gets_the_task(
    media, settings, django_capture_on_commit_callbacks, monkeypatch
):
    sent = []
    monkeypatch.setattr(tasks, "async_task", lambda *args, **kwargs: sent.append((args, kwargs)))
    settings.TRANSCODE_CLUSTER = "transcode"
    job = job_of(media("text.mp4"))
    with django_capture_on_commit_callbacks(execute=True):
        tasks.enqueue(job)
    assert sent == [((tasks.TASK, job.pk), {"cluster": "transcode"})]
