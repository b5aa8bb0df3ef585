from datetime import timedelta

import pytest
from django.core import mail
from django.core.files.base import ContentFile
from django.db import connection
from django.utils.timezone import now
from django_q.models import Schedule

from tests.factories import RenditionSetFactory
from tests.queue import empty_queue, queued
from tests.videos.media.factories import abandoned, job_of, set_folders, set_with_files
from videos.media import access
from videos.media.jobs import maintenance
from videos.media.jobs.maintenance import every_minute
from videos.media.jobs.outcome import fail
from videos.media.jobs.tasks import transcode
from videos.media.models import Cut, Job, RenditionSet, footage
from videos.media.renditions import sets
from videos.media.renditions.sets import key_of, publish_set

pytestmark = pytest.mark.django_db


@pytest.fixture
def minute(django_capture_on_commit_callbacks):
    """The upkeep once, with what follows its commits."""

    def run() -> None:
        with django_capture_on_commit_callbacks(execute=True):
            every_minute()

    return run


def test_a_dead_workers_job_is_taken_over(media, minute):
    job = abandoned(job_of(media("text.mp4")))
    Cut.objects.update(state=Cut.State.WORKING)
    minute()
    job.refresh_from_db()
    assert (job.state, job.token, job.attempts) == (Job.State.QUEUED, None, 1)
    assert Cut.objects.get().state == Cut.State.WAITING
    assert len(queued()) == 1
    minute()  # it was sent a moment ago
    assert len(queued()) == 1


def test_a_running_job_within_its_lease_is_left_alone(media, minute):
    job = abandoned(job_of(media("text.mp4")))
    Job.objects.update(lease_until=now() + timedelta(seconds=30))
    before = (job.token, job.attempts)
    minute()
    job.refresh_from_db()
    assert (job.state, job.token, job.attempts) == (Job.State.RUNNING, *before)


def test_a_job_that_nobody_claimed_for_a_minute_is_sent_again(media, minute):
    job = job_of(media("text.mp4"), sent_at=now() - timedelta(seconds=59))
    minute()
    assert len(queued()) == 0
    Job.objects.filter(pk=job.pk).update(sent_at=now() - timedelta(seconds=61))
    minute()
    assert len(queued()) == 1


def test_the_queue_does_not_grow_while_everyone_is_busy(media, minute):
    for _ in range(3):
        job_of(media("text.mp4"))
    for _ in range(5):
        Job.objects.update(sent_at=now() - timedelta(hours=1))
        minute()
    assert len(queued()) == 3
    empty_queue()
    Job.objects.update(sent_at=now() - timedelta(hours=1))
    minute()
    assert len(queued()) == 3


def test_a_job_that_waits_for_better_times_is_not_sent_before(media, minute):
    job_of(media("text.mp4"), not_before=now() + timedelta(seconds=5))
    minute()
    assert queued() == []
    Job.objects.update(not_before=now())
    minute()
    assert len(queued()) == 1


def test_a_job_out_of_attempts_fails_with_a_reason(media, heard, minute, settings):
    job = abandoned(job_of(media("text.mp4")), attempts=settings.MAX_ATTEMPTS)
    minute()
    job.refresh_from_db()
    cut = Cut.objects.get()
    assert (job.state, job.failure) == (Job.State.FAILED, "interrupted")
    assert cut.state == Cut.State.FAILED
    assert cut.reason.startswith("The studio tried 3 times")
    assert heard == [("failed", cut.pk)]


def test_a_job_that_cannot_be_given_up_stops_no_other(media, minute, settings, monkeypatch):
    bad, other = (
        abandoned(job_of(media("text.mp4")), attempts=settings.MAX_ATTEMPTS) for _ in range(2)
    )

    def broken(rows, job, failure):
        if job == bad:
            raise ZeroDivisionError
        return fail(rows, job, failure)

    monkeypatch.setattr(maintenance, "fail", broken)
    minute()
    states = dict(Job.objects.values_list("pk", "state"))
    assert states == {bad.pk: Job.State.RUNNING, other.pk: Job.State.FAILED}


def test_a_job_that_a_removed_cut_left_open_ends_and_the_cut_stays_removed(
    media, heard, minute, settings
):
    job = abandoned(job_of(media("text.mp4")), attempts=settings.MAX_ATTEMPTS)
    Cut.objects.update(removed_at=now(), state=Cut.State.CANCELLED)
    minute()
    job.refresh_from_db()
    cut = Cut.everything.get()
    assert (job.state, cut.state, cut.reason) == (Job.State.FAILED, Cut.State.CANCELLED, "")
    assert heard == []


def test_leftovers_of_failed_attempts_go_and_what_is_owned_stays(media, minute):
    shown = set_with_files()
    running = abandoned(job_of(media("text.mp4")))
    Job.objects.filter(pk=running.pk).update(lease_until=now() + timedelta(seconds=30))
    made = {str(key_of(running.token, kind)) for kind in RenditionSet.Kind.values}
    for name in (*made, "leftover"):
        footage().save(f"sets/{name}/00000.m4s", ContentFile(b"half"))
    minute()
    assert "leftover" not in set_folders()
    assert made | {str(shown.key)} <= set_folders()


def test_a_set_that_is_finished_while_the_sweep_asks_for_owners_is_owned(media):
    """Between two questions to the database a job may end, and its set be there."""
    running = abandoned(job_of(media("text.mp4")))
    key = key_of(running.token, RenditionSet.Kind.FULL)
    asked = []

    def ends_after_the_first(execute, sql, params, many, context):
        found = execute(sql, params, many, context)
        asked.append(sql)
        if len(asked) == 1:
            RenditionSetFactory(cut=running.cut, key=key)
            Job.objects.filter(pk=running.pk).update(state=Job.State.READY)
        return found

    with connection.execute_wrapper(ends_after_the_first):
        assert str(key) in sets.owned_folders()


def test_where_most_sets_have_no_row_none_is_removed(minute, monkeypatch):
    """Then the database is likely another one than the storage's: a backup, say."""
    monkeypatch.setattr(sets, "MANY", 3)
    names = {f"unknown-{n}" for n in range(4)}
    for name in names:
        footage().save(f"sets/{name}/master.m3u8", ContentFile(b"#EXTM3U"))
    minute()
    assert names <= set_folders()
    for name in names:
        sets.remove(name)


def test_a_replaced_set_goes_when_nobody_can_be_playing_it(minute, settings):
    old, public, current = (set_with_files() for _ in range(3))
    long_ago = now() - timedelta(hours=settings.SET_KEEP_HOURS, minutes=1)
    for replaced in (old, public, current):
        RenditionSet.objects.filter(pk=replaced.pk).update(replaced_at=long_ago)
    for other in (old, public):
        Cut.objects.filter(pk=other.cut_id).update(current_set=None, state=Cut.State.WAITING)
    RenditionSet.objects.filter(pk=public.pk).update(is_public=True)
    young = set_with_files()
    RenditionSet.objects.filter(pk=young.pk).update(replaced_at=now() - timedelta(hours=1))
    Cut.objects.filter(pk=young.cut_id).update(current_set=None, state=Cut.State.WAITING)
    minute()
    assert set(RenditionSet.objects.all()) == {public, current, young}
    assert str(old.key) not in set_folders()
    assert {str(kept.key) for kept in (public, current, young)} <= set_folders()


def test_a_part_that_fails_stops_no_other(media, minute, monkeypatch):
    def broken() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(maintenance, "fail_exhausted", broken)
    abandoned(job_of(media("text.mp4")))
    minute()
    assert len(queued()) == 1


def test_stale_jobs_are_looked_for_every_minute():
    [schedule] = Schedule.objects.filter(func="videos.media.jobs.maintenance.every_minute")
    assert (schedule.schedule_type, schedule.minutes) == (Schedule.MINUTES, 1)


def test_a_new_set_takes_the_place_of_the_old_one_and_both_can_be_played(media, made_before):
    """One pointer changes; who plays the old one plays on, and what was public stays so."""
    job = job_of(media("silent.webm"))
    transcode(job.pk)
    old = Cut.objects.get().current_set
    publish_set(Cut.objects.get())
    Job.objects.create(cut=job.cut)
    transcode(0)
    cut = Cut.objects.get()
    new = cut.current_set
    old.refresh_from_db()
    assert new != old
    assert (new.is_public, new.replaced_at) == (True, None)
    assert (old.is_public, access.is_for_anyone(old), access.is_shown(old)) == (False, True, True)
    assert old.replaced_at is not None
    past = now() - timedelta(hours=13)
    RenditionSet.objects.filter(pk=old.pk).update(replaced_at=past, public_until=past)
    old.refresh_from_db()
    assert (access.is_for_anyone(old), access.is_shown(old)) == (False, False)


def test_who_waits_for_a_cut_is_told_though_its_worker_died_at_the_last_step(
    media, minute, made_before, heard
):
    job = job_of(media("silent.webm"))
    transcode(job.pk)  # nothing that follows a commit came to be
    assert (heard, len(mail.outbox)) == ([], 0)
    Job.objects.update(ended_at=now() - timedelta(minutes=2), started_at=None)
    minute()
    assert heard == [("ready", job.cut_id)]
    assert ("videos.media.jobs.notifications.tell", (job.pk,)) in queued()
