import subprocess
import threading
import time
from uuid import uuid4

import pytest
from django.db import connection

from tests.factories import CutFactory
from tests.queue import queued
from tests.videos.media.conftest import tools_running
from tests.videos.media.factories import job_of, set_folders, set_with_files
from videos.media.jobs.actions import cancel, prioritise, retry
from videos.media.jobs.tasks import claim, transcode
from videos.media.models import Cut, Job
from videos.media.transcoding.failures import FILES_OWN
from videos.media.transcoding.sandbox import binaries

pytestmark = pytest.mark.django_db


def test_a_failed_cut_is_tried_again_once(media, django_capture_on_commit_callbacks):
    job = job_of(media("text.mp4"), state="failed", failure="interrupted")
    Cut.objects.update(state=Cut.State.FAILED, reason="It was interrupted.")
    with django_capture_on_commit_callbacks(execute=True):
        assert retry(job.cut)
        assert not retry(job.cut)
    assert [j.state for j in Job.objects.order_by("pk")] == [Job.State.FAILED, Job.State.QUEUED]
    cut = Cut.objects.get()
    assert (cut.state, cut.reason) == (Cut.State.WAITING, "")
    assert len(queued()) == 1


def test_what_was_cancelled_may_be_tried_as_its_source_is_there(media):
    job = job_of(media("text.mp4"), state="cancelled")
    Cut.objects.update(state=Cut.State.CANCELLED)
    assert retry(job.cut)
    assert Job.objects.filter(state=Job.State.QUEUED).count() == 1


@pytest.mark.parametrize("code", sorted(FILES_OWN))
def test_where_the_file_is_at_fault_nothing_is_tried_again(media, code):
    job = job_of(media("text.mp4"), state="failed", failure=code)
    Cut.objects.update(state=Cut.State.FAILED, reason="Upload another one.")
    assert not retry(job.cut)
    assert Job.objects.get() == job


@pytest.mark.parametrize("code", ["source_gone", "unknown", "timeout"])
def test_what_may_be_over_by_now_is_tried_again(media, code):
    job = job_of(media("text.mp4"), state="failed", failure=code)
    Cut.objects.update(state=Cut.State.FAILED, reason="It was not to be found.")
    assert retry(job.cut)


def test_a_refused_file_is_not_tried_again():
    assert not retry(CutFactory(state=Cut.State.REFUSED, reason="It is no video."))
    assert not Job.objects.exists()


def test_what_a_person_cancelled_after_a_bad_end_may_be_tried(media):
    """The newest try counts."""
    job = job_of(media("text.mp4"), state="failed", failure="damaged")
    Job.objects.create(cut=job.cut, state="cancelled")
    Cut.objects.update(state=Cut.State.CANCELLED)
    assert retry(job.cut)


def test_without_a_source_nothing_is_tried(media):
    job = job_of(media("text.mp4"), state="failed")
    Cut.objects.update(state=Cut.State.FAILED, reason="It is gone.", source="")
    assert not retry(job.cut)


def test_a_waiting_cut_is_cancelled_and_nobody_claims_it(media):
    job = job_of(media("text.mp4"))
    assert cancel(job.cut)
    assert not cancel(job.cut)
    job.refresh_from_db()
    assert (job.state, Cut.objects.get().state) == (Job.State.CANCELLED, Cut.State.CANCELLED)
    assert claim(uuid4()) is None


def test_what_shows_a_full_set_goes_on_showing_it(media):
    shown = set_with_files()
    Job.objects.create(cut=shown.cut)
    assert cancel(shown.cut)
    cut = Cut.objects.get()
    assert (cut.state, cut.current_set) == (Cut.State.READY, shown)


def test_a_waiting_job_is_moved_in_line_and_a_running_one_is_not(media):
    first, second = job_of(media("text.mp4")), job_of(media("text.mp4"))
    assert prioritise(second.cut, Job.Priority.NEXT)
    assert claim(uuid4()) == second
    assert not prioritise(second.cut, Job.Priority.LATER)
    assert prioritise(first.cut, Job.Priority.LATER)


@pytest.mark.django_db(transaction=True)
def test_a_cancelled_encode_ends_within_seconds_and_leaves_nothing(tmp_path):
    """Wherever it runs: its worker hears of it from the database."""
    source = tmp_path / "long.mp4"
    command = [
        *(binaries.ffmpeg(), "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=1280x720:r=25:d=40"),
        *("-c:v", "libx264", "-preset", "ultrafast", str(source)),
    ]
    subprocess.run(command, check=True, timeout=120)
    job, before = job_of(source), set_folders()

    def work() -> None:
        transcode(job.pk)
        connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    end = time.monotonic() + 60
    while not (Job.objects.filter(progress__gt=0).exists() and tools_running()):
        assert time.monotonic() < end
        time.sleep(0.05)
    assert cancel(job.cut)
    worker.join(15)
    assert not worker.is_alive()
    job.refresh_from_db()
    assert (job.state, Cut.objects.get().state) == (Job.State.CANCELLED, Cut.State.CANCELLED)
    assert set_folders() == before
