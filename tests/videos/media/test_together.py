"""A long cut made by several workers, with a small set before it."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils.timezone import now

from tests.queue import queued
from tests.s3 import s3, s3_footage  # noqa: F401
from tests.videos.media.conftest import X264, lavfi
from tests.videos.media.factories import job_of, set_folders
from videos.media.errors import EncodeFailed, LeaseLost
from videos.media.jobs import chunk_jobs, parallel, shutdown
from videos.media.jobs.maintenance import every_minute
from videos.media.jobs.tasks import claim, transcode
from videos.media.models import Cut, Job, RenditionSet, TranscodeChunk, footage
from videos.media.transcoding import chunks, hls, hls_output, pipeline
from videos.media.transcoding.chunks import ChunkMismatch
from videos.media.transcoding.hls_output import segment_frames
from videos.media.transcoding.probing.probe import probe
from videos.planning.models import Stage

pytestmark = pytest.mark.django_db
SECONDS = 14


@pytest.fixture(scope="session")
def long_source(tmp_path_factory):
    path = tmp_path_factory.mktemp("long") / "long.mp4"
    lavfi(
        "testsrc2=s=640x540:r=10", *X264, "-c:a", "aac", sound="sine=500:r=48000", seconds=SECONDS
    )(path)
    return path


@pytest.fixture(autouse=True)
def thresholds(settings):
    settings.FIRST_SET_SECONDS = 1
    settings.CHUNK_FROM_SECONDS = 8
    settings.CHUNK_SECONDS = 6


@pytest.fixture
def laid_out(long_source):
    """(job, plan) of a job whose holder has cut it up."""
    job = job_of(long_source)
    job = claim(uuid4())
    facts = probe(long_source)
    plan = chunks.make_plan(facts, pipeline.full_ladder(facts), 6)
    parallel.create_chunks(job, plan)
    return job, plan


def test_a_long_cut_shows_a_small_set_and_then_the_full_one_of_all_pieces(
    long_source, heard, monkeypatch, django_capture_on_commit_callbacks
):
    job = job_of(long_source)
    seen = []
    real = parallel.encode_in_chunks

    def looking(*arguments):
        cut = Cut.objects.select_related("current_set", "video").get()
        shown = cut.current_set
        seen.append((cut.state, shown.kind, shown.height, cut.video.stage, list(heard)))
        return real(*arguments)

    monkeypatch.setattr(parallel, "encode_in_chunks", looking)
    with django_capture_on_commit_callbacks(execute=True):
        transcode(job.pk)
    assert seen == [(Cut.State.WORKING, "first", 480, Stage.REVIEW, [])]
    cut = Cut.objects.select_related("current_set").get()
    job.refresh_from_db()
    assert (cut.state, job.state, job.attempts) == (Cut.State.READY, Job.State.READY, 1)
    assert heard == [("ready", cut.pk)]
    first, full = RenditionSet.objects.order_by("pk")
    assert (cut.current_set, full.kind, full.height) == (full, "full", 540)
    assert first.replaced_at
    assert not full.replaced_at
    with footage().open(f"{full.folder}/640x540/index.m3u8") as file:
        media = hls.parse(file.read().decode())
    assert [name for name, _seconds in media.segments] == ["00000.m4s", "00001.m4s", "00002.m4s"]
    for name in ("storyboard-1.jpg", full.storyboard):
        with (
            footage().open(f"{first.folder}/{name}") as one,
            footage().open(f"{full.folder}/{name}") as other,
        ):
            assert one.read() == other.read()
    assert footage().exists(f"{full.folder}/sound/00000.m4s")
    every_minute()
    assert not TranscodeChunk.objects.exists()
    assert chunk_jobs.delete_chunks_of_ended_jobs() == []  # the schedule has done so


def test_a_small_set_of_shorter_segments_is_gone_on_with(long_source, monkeypatch):
    """It was made by a version of the studio before, whose segments were of four seconds."""
    job = job_of(long_source)
    for name in ("GOP_SECONDS", "SEGMENT_SECONDS"):
        monkeypatch.setattr(hls_output, name, 4)
    plan = chunks.make_plan

    def planned(*arguments):
        for name in ("GOP_SECONDS", "SEGMENT_SECONDS"):
            monkeypatch.setattr(hls_output, name, 6)
        return plan(*arguments)

    monkeypatch.setattr(chunks, "make_plan", planned)
    transcode(job.pk)
    cut = Cut.objects.select_related("current_set").get()
    assert (cut.state, cut.reason, cut.current_set.kind) == (Cut.State.READY, "", "full")
    lengths = {}
    for name in ("sound", "640x540"):
        with footage().open(f"{cut.current_set.folder}/{name}/index.m3u8") as file:
            media = hls.parse(file.read().decode())
        lengths[name] = [round(seconds) for _name, seconds in media.segments]
    assert lengths == {"sound": [4, 4, 4, 2], "640x540": [6, 6, 2]}


@pytest.mark.slow
def test_a_long_cut_is_made_in_pieces_over_a_bucket(long_source, s3_footage):  # noqa: F811
    job = job_of(long_source)
    transcode(job.pk)
    cut = Cut.objects.select_related("current_set").get()
    assert (cut.state, cut.reason, cut.current_set.kind) == (Cut.State.READY, "", "full")
    folders, files = footage().listdir(cut.current_set.folder)
    assert {"sound", "640x540"} <= set(folders)
    assert {cut.current_set.master, cut.current_set.storyboard} <= set(files)
    assert footage().listdir("pieces")[0] == [str(job.pk)]
    assert chunk_jobs.delete_chunks_of_ended_jobs() == [str(job.pk)]
    assert footage().listdir(f"pieces/{job.pk}") == ([], [])
    assert chunk_jobs.delete_chunks_of_ended_jobs() == []


def test_a_full_set_that_fails_leaves_the_small_one_and_a_reason(long_source, monkeypatch):
    def broken(*arguments):
        raise EncodeFailed("It cannot be.", "damaged")

    before = set_folders()
    monkeypatch.setattr(parallel, "encode_in_chunks", broken)
    transcode(job_of(long_source).pk)
    cut = Cut.objects.select_related("current_set").get()
    assert (cut.state, cut.reason) == (Cut.State.FAILED, "It cannot be.")
    assert cut.current_set.kind == "first"
    assert set_folders() - before == {str(cut.current_set.key)}


def test_another_attempt_makes_no_second_first_set_and_keeps_what_is_done(
    long_source, monkeypatch, django_capture_on_commit_callbacks
):
    job = job_of(long_source)
    real, made = chunks.encode_span, []

    def broken_once(source, folder, facts, rungs, span, *, on_progress):
        made.append(span.number)
        if len(made) == 2:
            raise EncodeFailed("Somebody ended it.", "interrupted")
        real(source, folder, facts, rungs, span, on_progress=on_progress)

    monkeypatch.setattr(chunks, "encode_span", broken_once)
    with django_capture_on_commit_callbacks(execute=True):
        transcode(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.QUEUED
    first = Cut.objects.get().current_set
    assert first.kind == "first"
    transcode(job.pk)
    assert Cut.objects.get().state == Cut.State.READY
    assert made == [0, 1, 1, 2]
    assert RenditionSet.objects.filter(kind="first").get() == first


def test_what_does_not_fit_is_made_in_one_run(long_source, monkeypatch):
    def unfit(*arguments, on_progress):
        raise ChunkMismatch("a frame is missing")

    monkeypatch.setattr(chunks, "encode_span", unfit)
    transcode(job_of(long_source).pk)
    cut = Cut.objects.select_related("current_set").get()
    assert (cut.state, cut.current_set.kind) == (Cut.State.READY, "full")
    assert cut.current_set.height == 540


def test_a_helper_makes_pieces_and_asks_for_one_more(laid_out, settings):
    job, plan = laid_out
    settings.TRANSCODE_CLUSTER = ""
    parallel.help_with(job.pk)  # one piece, for others share the queue
    assert list(states()) == ["ready", "queued", "queued"]
    assert queued() == [(parallel.TASK, (job.pk,))] * 2
    monkey = Job.objects.filter(pk=job.pk)
    monkey.update(state=Job.State.CANCELLED)
    parallel.help_with(job.pk)
    assert list(states()) == ["ready", "queued", "queued"]
    assert footage().exists(chunk_jobs.chunk_output_name(TranscodeChunk.objects.get(number=0)))
    assert len(plan.spans) == 3


def test_in_a_cluster_of_its_own_a_helper_goes_on_until_somebody_waits(
    laid_out, long_source, settings, monkeypatch
):
    job, _plan = laid_out
    settings.TRANSCODE_CLUSTER = "transcode"
    monkeypatch.setattr(parallel, "wake", lambda job_id: None)
    parallel.help_with(job.pk)
    assert list(states()) == ["ready"] * 3
    TranscodeChunk.objects.update(state="queued", token=None)
    job_of(long_source)
    parallel.help_with(job.pk)
    assert list(states()) == ["ready", "queued", "queued"]


def states():
    return TranscodeChunk.objects.order_by("number").values_list("state", flat=True)


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_each_gets_a_piece_of_its_own(laid_out):
    job, plan = laid_out
    start, got = threading.Barrier(6), []

    def work() -> None:
        start.wait()
        piece = chunk_jobs.claim(job.pk, uuid4())
        got.append(piece.number if piece else None)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got, key=str) == [*range(len(plan.spans)), *[None] * (6 - len(plan.spans))]


def test_a_dead_helpers_piece_is_taken_over_and_its_late_work_is_nothing(laid_out):
    job, _plan = laid_out
    dead = chunk_jobs.claim(job.pk, uuid4())
    TranscodeChunk.objects.filter(pk=dead.pk).update(lease_until=now() - timedelta(seconds=1))
    heir = chunk_jobs.claim(job.pk, uuid4())
    assert (heir.pk, heir.attempts) == (dead.pk, 2)
    with pytest.raises(LeaseLost):
        chunk_jobs.mark_ready(dead)
    chunk_jobs.mark_ready(heir)
    chunk_jobs.mark_ready(heir)  # the answer was lost
    assert TranscodeChunk.objects.get(pk=heir.pk).state == TranscodeChunk.State.READY


def test_a_piece_is_tried_so_often_and_then_ends_the_attempt(laid_out, settings):
    job, _plan = laid_out
    for _ in range(settings.MAX_ATTEMPTS):
        assert chunk_jobs.claim(job.pk, uuid4()).number == 0
        TranscodeChunk.objects.filter(number=0).update(lease_until=now() - timedelta(seconds=1))
    assert chunk_jobs.claim(job.pk, uuid4()).number == 1
    with pytest.raises(EncodeFailed) as failure:
        parallel.all_ready(job.pk)
    assert failure.value.code == "interrupted"


def test_a_helper_that_is_told_to_stop_gives_its_piece_back_at_no_cost(laid_out, monkeypatch):
    job, _plan = laid_out
    monkeypatch.setattr(shutdown.Stopping, "asked", False)
    monkeypatch.setattr(
        chunks, "encode_span", lambda *arguments, on_progress: shutdown.note(15, None)
    )
    parallel.help_with(job.pk)
    piece = TranscodeChunk.objects.get(number=0)
    assert (piece.state, piece.attempts, piece.token) == (TranscodeChunk.State.QUEUED, 0, None)


def test_a_cancelled_job_ends_the_work_on_its_pieces(laid_out, long_source):
    job, plan = laid_out
    piece = chunk_jobs.claim(job.pk, uuid4())
    Job.objects.update(state=Job.State.CANCELLED)
    assert not chunk_jobs.rows_of(piece).update(progress=0.5)
    with pytest.raises(LeaseLost):
        chunk_jobs.encode_chunk(piece, long_source, plan)
    assert TranscodeChunk.objects.get(pk=piece.pk).state == TranscodeChunk.State.RUNNING
    assert chunk_jobs.delete_chunks_of_ended_jobs() == [str(job.pk)]
    assert not TranscodeChunk.objects.exists()


def test_a_helper_of_another_version_leaves_the_pieces_alone(laid_out, monkeypatch):
    job, _plan = laid_out
    monkeypatch.setattr(chunks, "recipe", lambda *arguments: "another")
    parallel.help_with(job.pk)
    assert set(states()) == {"queued"}
    assert set(TranscodeChunk.objects.values_list("attempts", flat=True)) == {0}


def test_a_holder_of_another_version_begins_anew(laid_out, long_source, monkeypatch):
    job, plan = laid_out
    chunk_jobs.encode_chunk(chunk_jobs.claim(job.pk, uuid4()), long_source, plan)
    parallel.create_chunks(job, plan)
    assert list(states()) == ["ready", "queued", "queued"]
    monkeypatch.setattr(chunks, "recipe", lambda *arguments: "another")
    parallel.create_chunks(job, chunks.make_plan(plan.info, plan.rungs, 6))
    assert list(states()) == ["queued"] * 3
    assert footage().listdir(f"pieces/{job.pk}")[1] == ["plan.json"]


def test_progress_is_that_of_all_pieces(laid_out):
    job, plan = laid_out
    TranscodeChunk.objects.filter(number=0).update(progress=1, state="ready")
    TranscodeChunk.objects.filter(number=1).update(progress=0.5, speed=2.0, state="queued")
    done, _speed = parallel.combined_progress(job.pk)
    segment = segment_frames(plan.info.constant_rate)
    assert done == pytest.approx(1.5 * segment / plan.info.frames)
