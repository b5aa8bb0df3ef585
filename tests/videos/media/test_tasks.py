import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.utils.timezone import now
from django_q.models import Schedule

from tests.queue import queued
from tests.videos.media.factories import job_of
from videos.media import tasks
from videos.media.errors import LeaseLost
from videos.media.models import Cut, Job, Rendition, RenditionSet, footage
from videos.media.signals import cut_failed, cut_ready
from videos.media.tasks import MAX_ATTEMPTS, claim, held, requeue_stale, retry, transcode
from videos.planning.models import Stage, Video

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard():
    """What the signals said: [(name, cut)]."""
    said: list[tuple[str, int]] = []

    def ready(sender, cut, **kwargs):
        said.append(("ready", cut.pk))

    def failed(sender, cut, **kwargs):
        said.append(("failed", cut.pk))

    cut_ready.connect(ready)
    cut_failed.connect(failed)
    yield said
    cut_ready.disconnect(ready)
    cut_failed.disconnect(failed)


def folders() -> set[str]:
    try:
        return set(footage().listdir("sets")[0])
    except FileNotFoundError:
        return set()


def dead(job: Job, attempts: int = 1) -> Job:
    """The job as a worker leaves it that was killed."""
    job.state, job.token, job.attempts = Job.State.RUNNING, uuid4(), attempts
    job.lease_until = now() - timedelta(seconds=1)
    job.save()
    return job


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
    [move] = cut.video.moves.all()
    assert (move.was, move.now, move.room, move.by) == (
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
    media, transcode_made, before, after
):
    job = job_of(media("silent.webm"))
    Video.objects.filter(pk=job.cut.video_id).update(stage=before)
    transcode_made(job)
    assert Video.objects.get().stage == after
    assert Video.objects.get().moves.count() == (before != after)


@pytest.fixture
def transcode_made(monkeypatch, transcoded):
    """Runs a job over a set that was made already: what is tested here is not the encoding."""
    from videos.media import pipeline

    made = {}

    def once(source, folder, *, tell):
        if not made:
            made["set"] = real(source, folder, tell=tell)
        return made["set"]

    real = pipeline.transcode
    monkeypatch.setattr(pipeline, "transcode", once)
    return lambda job: transcode(job.pk)


def test_a_transcode_ends_failed_with_a_reason_a_producer_understands(
    media, heard, django_capture_on_commit_callbacks
):
    job = job_of(media("truncated.mp4"))
    before = folders()
    source = job.cut.source.read()
    with django_capture_on_commit_callbacks(execute=True):
        transcode(job.pk)
    job.refresh_from_db()
    cut = Cut.objects.select_related("video").get()
    reason = "The file ends in the middle: upload it again."
    assert (job.state, job.reason) == (Job.State.FAILED, reason)
    assert (cut.state, cut.reason, cut.current_set) == (Cut.State.FAILED, reason, None)
    assert cut.video.stage == Stage.EDITING
    assert heard == [("failed", cut.pk)]
    assert folders() == before
    with cut.source.open() as stored:
        assert stored.read() == source
    assert not RenditionSet.objects.exists()


def test_a_task_that_comes_twice_changes_nothing(media, transcode_made):
    job = job_of(media("silent.webm"))
    transcode_made(job)
    first = Cut.objects.get().current_set_id
    transcode_made(job)
    assert Cut.objects.get().current_set_id == first
    assert RenditionSet.objects.count() == 1
    assert Rendition.objects.count() == 1
    assert Job.objects.get().attempts == 1


def test_a_held_job_is_not_claimed_again(media):
    job = job_of(media("text.mp4"))
    assert claim(job.pk, uuid4())
    assert not claim(job.pk, uuid4())


def test_a_job_whose_lease_ran_out_is_claimed_until_its_attempts_are_used_up(media):
    job = job_of(media("text.mp4"))
    claims = []
    for _ in range(MAX_ATTEMPTS + 1):
        claims.append(claim(job.pk, uuid4()))
        Job.objects.update(lease_until=now() - timedelta(seconds=1))
    assert claims == [True] * MAX_ATTEMPTS + [False]


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_at_the_same_instant_one_gets_the_job(media):
    job = job_of(media("text.mp4"))
    together, won = threading.Barrier(4), []

    def work() -> None:
        together.wait()
        won.append(claim(job.pk, uuid4()))
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False, False, False, True]


def test_a_worker_that_lost_its_lease_throws_its_work_away(media, monkeypatch):
    from videos.media import pipeline

    job = job_of(media("silent.webm"))
    other = uuid4()
    before = folders()
    real = pipeline.transcode

    def overtaken(source, folder, *, tell):
        made = real(source, folder, tell=tell)
        Job.objects.update(token=other, lease_until=now() + timedelta(seconds=60))
        return made

    monkeypatch.setattr(pipeline, "transcode", overtaken)
    transcode(job.pk)
    job.refresh_from_db()
    assert (job.state, job.token) == (Job.State.RUNNING, other)
    assert not RenditionSet.objects.exists()
    assert Cut.objects.get().current_set is None
    assert folders() == before
    assert Video.objects.get().stage == Stage.EDITING


def test_progress_renews_the_lease_and_a_lost_lease_stops_the_encode(media):
    job = job_of(media("text.mp4"))
    token = uuid4()
    claim(job.pk, token)
    Job.objects.update(lease_until=now() + timedelta(seconds=1))
    mine = Job.objects.filter(state=Job.State.RUNNING, token=token)
    with held(mine) as tell:
        tell(0.5, 2.0)
    job.refresh_from_db()
    assert (job.progress, job.speed) == (0.5, 2.0)
    assert job.lease_until > now() + timedelta(seconds=50)
    Job.objects.update(token=uuid4())
    with pytest.raises(LeaseLost), held(mine) as tell:
        tell(0.6, 2.0)
    job.refresh_from_db()
    assert job.progress == 0.5


def test_an_unexpected_error_frees_the_job_for_another_try(media, monkeypatch):
    from videos.media import pipeline

    def broken(source, folder, *, tell):
        (folder / "half.m4s").write_bytes(b"half")
        raise ZeroDivisionError

    monkeypatch.setattr(pipeline, "transcode", broken)
    job, before = job_of(media("text.mp4")), folders()
    with pytest.raises(ZeroDivisionError):
        transcode(job.pk)
    assert folders() == before
    job.refresh_from_db()
    assert job.state == Job.State.RUNNING
    assert job.lease_until <= now()


def test_a_dead_workers_job_is_taken_over(media, django_capture_on_commit_callbacks):
    job = dead(job_of(media("text.mp4")))
    with django_capture_on_commit_callbacks(execute=True):
        requeue_stale()
    job.refresh_from_db()
    assert (job.state, job.token, job.attempts) == (Job.State.QUEUED, None, 1)
    assert len(queued()) == 1
    with django_capture_on_commit_callbacks(execute=True):
        requeue_stale()  # it was sent a moment ago
    assert len(queued()) == 1


def test_a_queued_job_that_nobody_claimed_for_a_minute_is_sent_again(
    media, django_capture_on_commit_callbacks
):
    job = job_of(media("text.mp4"), sent_at=now() - timedelta(seconds=59))
    with django_capture_on_commit_callbacks(execute=True):
        requeue_stale()
    assert len(queued()) == 0
    Job.objects.filter(pk=job.pk).update(sent_at=now() - timedelta(seconds=61))
    with django_capture_on_commit_callbacks(execute=True):
        requeue_stale()
    assert len(queued()) == 1


def test_a_job_out_of_attempts_fails_with_a_reason(
    media, heard, django_capture_on_commit_callbacks
):
    job = dead(job_of(media("text.mp4")), attempts=MAX_ATTEMPTS)
    with django_capture_on_commit_callbacks(execute=True):
        requeue_stale()
    job.refresh_from_db()
    cut = Cut.objects.get()
    assert job.state == Job.State.FAILED
    assert cut.state == Cut.State.FAILED
    assert cut.reason.startswith("The studio tried 3 times")
    assert len(queued()) == 0
    assert heard == [("failed", cut.pk)]


def test_a_running_job_within_its_lease_is_left_alone(media):
    job = dead(job_of(media("text.mp4")))
    Job.objects.update(lease_until=now() + timedelta(seconds=30))
    requeue_stale()
    before = (job.token, job.attempts)
    job.refresh_from_db()
    assert (job.state, job.token, job.attempts) == (Job.State.RUNNING, *before)


def test_leftovers_of_failed_attempts_go_and_what_is_owned_stays(media, transcode_made):
    done = job_of(media("silent.webm"))
    transcode_made(done)
    running = dead(job_of(media("text.mp4")))
    Job.objects.filter(pk=running.pk).update(lease_until=now() + timedelta(seconds=30))
    for name in (str(running.token), "leftover"):
        footage().save(f"sets/{name}/00000.m4s", ContentFile(b"half"))
    requeue_stale()
    assert "leftover" not in folders()
    assert {str(running.token), str(Cut.objects.get(jobs=done).current_set.key)} <= folders()


def test_a_failed_cut_is_tried_again_once(media, django_capture_on_commit_callbacks):
    job = job_of(media("truncated.mp4"))
    transcode(job.pk)
    with django_capture_on_commit_callbacks(execute=True):
        assert retry(job.cut)
        assert not retry(job.cut)
    assert [j.state for j in Job.objects.order_by("pk")] == [Job.State.FAILED, Job.State.QUEUED]
    cut = Cut.objects.get()
    assert (cut.state, cut.reason) == (Cut.State.WAITING, "")


def test_nothing_is_queued_before_the_transaction_commits(media):
    job = job_of(media("text.mp4"))
    with transaction.atomic():
        tasks.enqueue(job)
        assert len(queued()) == 0


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


def test_stale_jobs_are_looked_for_every_minute():
    [schedule] = Schedule.objects.filter(func="videos.media.tasks.requeue_stale")
    assert (schedule.schedule_type, schedule.minutes) == (Schedule.MINUTES, 1)
