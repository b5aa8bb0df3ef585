"""Cuts have numbers, refused files have none, and no number is given twice."""

import re

import pytest
from django.db import IntegrityError, connection
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse

from tests.factories import CutFactory, ExpertFactory, RenditionSetFactory, VideoFactory, ready_cut
from tests.videos.media.factories import job_of, upload_of
from tests.videos.media.test_checking import CONTENT, sent
from videos.media.jobs.outcome import fail
from videos.media.jobs.tasks import transcode
from videos.media.models import Cut, Job, RenditionSet
from videos.media.transcoding.failures import Failure
from videos.media.uploads.intake import receive
from videos.media.uploads.verification import check
from videos.planning.models import Stage
from videos.review.approvals import newest_early_cut

pytestmark = pytest.mark.django_db
REFUSED = "This is a text file, not a video."


@pytest.fixture
def video():
    return VideoFactory(stage=Stage.EDITING, title="Why so dear?")


def unseen(media, name, video, by):
    """A cut into whose file nobody has looked, with its job."""
    cut = receive(video, upload_of(media(name)), by=by, probed=False)
    return cut, Job.objects.get(cut=cut)


def test_who_looks_into_a_file_first_gives_its_number(media, video, producer, made_before):
    cut, job = unseen(media, "silent.webm", video, producer)
    assert (cut.number, str(cut)) == (None, "Why so dear?, “silent.webm”")
    transcode(job.pk)
    cut.refresh_from_db()
    assert (cut.number, cut.state, str(cut)) == (1, Cut.State.READY, "Why so dear?, cut 1")
    assert cut.source_info["width"] == 320


def test_a_number_is_given_once_however_often_the_work_begins(media, video, producer, monkeypatch):
    cut, job = unseen(media, "silent.webm", video, producer)

    def broken(*args, **kwargs):
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr("videos.media.transcoding.pipeline.create_set", broken)
        transcode(job.pk)
    later = receive(video, upload_of(media("silent.webm")), by=producer)
    Job.objects.filter(pk=job.pk).update(not_before=None)
    transcode(job.pk)
    cut.refresh_from_db()
    assert (cut.number, cut.state, later.number) == (1, Cut.State.READY, 2)


def test_a_file_that_its_job_refuses_takes_no_number(media, video, producer, monkeypatch):
    monkeypatch.setattr("videos.media.uploads.intake.check_first_bytes", lambda source: "")
    cut, job = unseen(media, "truncated.mp4", video, producer)
    transcode(job.pk)
    cut.refresh_from_db()
    reason = "The file is incomplete. Export or copy it again."
    assert (cut.number, cut.state, cut.reason) == (None, Cut.State.REFUSED, reason)
    assert receive(video, upload_of(media("silent.webm")), by=producer).number == 1


def test_a_cut_that_had_its_number_keeps_it_whatever_becomes_of_it(media):
    """People have read “cut 7”: another file never is it."""
    job = job_of(media("silent.webm"))
    Cut.objects.update(number=7)
    assert fail(Job.objects.all(), job, Failure("refused", REFUSED, is_refusal=True))
    cut = Cut.objects.get()
    assert (cut.number, cut.state) == (7, Cut.State.FAILED)
    assert receive(cut.video, upload_of(media("silent.webm")), by=cut.uploaded_by).number == 8


def test_the_check_after_an_upload_numbers_what_it_takes(media, video, producer, disk_footage):
    uploads = [
        sent(video, producer, content)
        for content in (CONTENT, media("silent.webm").read_bytes(), media("odd.mov").read_bytes())
    ]
    for upload in (uploads[2], uploads[0], uploads[1]):
        check(upload.pk)
        upload.refresh_from_db()
    assert [upload.cut.number for upload in uploads] == [None, 2, 1]


def test_the_database_holds_that_a_ready_cut_has_a_number():
    cut = ready_cut()
    with pytest.raises(IntegrityError, match="number"):
        Cut.objects.filter(pk=cut.pk).update(number=None)


def test_the_latest_numbers_come_first_and_files_without_one_last(video):
    refused = CutFactory(video=video, state=Cut.State.REFUSED, reason=REFUSED)
    cuts = [CutFactory(video=video, number=number) for number in (1, 3, 2)]
    assert list(video.cuts.all()) == [cuts[1], cuts[2], cuts[0], refused]


@pytest.mark.parametrize("number", [None, 2])  # 2: of a file that was refused before it took none
def test_every_page_tells_a_refused_file_by_its_name_and_reason(signed_in, producer, video, number):
    video.stage = Stage.REVIEW
    video.save()
    ready = ready_cut(video=video, number=1)
    refused = CutFactory(
        video=video,
        number=number,
        state=Cut.State.REFUSED,
        reason=REFUSED,
        source_name="notes.mp4",
    )
    client = signed_in(producer)
    pages = {
        "video": reverse("planning_videos:inspect", args=[video.pk]),
        "queue": reverse("media_cuts"),
        "cut": reverse("media_cut", args=[refused.pk]),
        "review": reverse("review_cuts:cut", args=[refused.pk]),
        "desk": reverse("wagtailadmin_home"),
    }
    for name, url in pages.items():
        html = client.get(url).content.decode()
        assert REFUSED in html, name
        assert f"Cut {number}" not in html, name
        assert f"cut {number}" not in html, name
    assert "notes.mp4" in client.get(pages["video"]).content.decode()
    other = client.get(reverse("review_cuts:cut", args=[ready.pk])).content.decode()
    assert "Other cuts of this video" not in other
    state = client.get(reverse("media_cut_state", args=[refused.pk])).json()
    assert (state["state"], state["under_way"]) == ("refused", False)


def test_a_waiting_file_without_a_number_is_told_by_its_name(signed_in, producer, video):
    CutFactory(video=video, number=1, source_name="old.mp4")
    new = CutFactory(video=video, number=None, source_name="new.mp4")
    for cut in video.cuts.all():
        Job.objects.create(cut=cut)
    client = signed_in(producer)
    for url in (
        reverse("planning_videos:inspect", args=[video.pk]),
        reverse("media_cuts"),
        reverse("media_cut", args=[new.pk]),
        reverse("review_cuts:cut", args=[new.pk]),
    ):
        html = client.get(url).content.decode()
        assert "new.mp4" in html
        assert "ut None" not in html


def test_a_refused_file_asks_for_another_one_and_offers_no_new_try(signed_in, producer, video):
    cut = CutFactory(video=video, state=Cut.State.REFUSED, reason=REFUSED)
    client = signed_in(producer)
    for url in (
        reverse("media_cuts"),
        reverse("planning_videos:inspect", args=[video.pk]),
        reverse("media_cut", args=[cut.pk]),
    ):
        html = " ".join(client.get(url).content.decode().split())
        assert not re.search(r">\s*Try again\s*<", html)
        assert reverse("media_retry", args=[cut.pk]) not in html
        assert "The file cannot be used as a cut. Upload another file." in html
    client.post(reverse("media_retry", args=[cut.pk]))
    assert Cut.objects.get().state == Cut.State.REFUSED
    assert not Job.objects.exists()


def test_who_may_not_upload_is_not_asked_for_another_file(signed_in, video):
    cut = CutFactory(video=video, state=Cut.State.REFUSED, reason=REFUSED)
    html = signed_in(ExpertFactory().user).get(reverse("media_cut", args=[cut.pk])).content.decode()
    assert "The file cannot be used as a cut." in html
    assert "Upload another file." not in html
    assert "It uses space in the studio" not in html


def test_a_refused_file_says_its_name_once_and_a_long_one_stands_on_no_button(
    signed_in, producer, video
):
    name = f"{'interview_' * 20}final.mp4"
    cut = CutFactory(video=video, state=Cut.State.REFUSED, reason=REFUSED, source_name=name)
    html = signed_in(producer).get(reverse("media_cut_state", args=[cut.pk])).json()["html"]
    seen = re.sub(r'<span class="w-sr-only">[^<]*</span>', "", html)
    assert seen.count(name) == 1
    assert re.search(r'class="media-number">“interview_', seen)
    assert html.count(f"“{name}”") - seen.count(f"“{name}”") == 2  # Open, Remove


def test_the_page_of_a_refused_file_awaits_nothing(signed_in, producer, video):
    cut = CutFactory(video=video, state=Cut.State.REFUSED, reason=REFUSED)
    html = signed_in(producer).get(reverse("media_cut", args=[cut.pk])).content.decode()
    assert "There is nothing to watch." in html
    for awaited in ("yet.", "No captions", "No verdict", "Processing"):
        assert awaited not in html


@pytest.mark.parametrize(("code", "offered"), [("damaged", False), ("interrupted", True)])
def test_a_new_try_is_offered_where_it_may_help(signed_in, producer, code, offered):
    cut = CutFactory(state=Cut.State.FAILED, reason="It came to nothing.")
    Job.objects.create(cut=cut, state=Job.State.FAILED, failure=code)
    client = signed_in(producer)
    for url in (reverse("media_cuts"), reverse("media_cut", args=[cut.pk])):
        html = client.get(url).content.decode()
        assert (reverse("media_retry", args=[cut.pk]) in html) is offered
        assert ("Trying again does not help." in html) is not offered
    client.post(reverse("media_retry", args=[cut.pk]))
    assert Job.objects.filter(state=Job.State.QUEUED).exists() is offered


@pytest.mark.django_db(transaction=True)
def test_numbers_that_were_given_before_stay_and_none_is_given_twice(media, producer):
    """Also those of refused files: people have read them."""
    before = [("media", "0016_captions_inside")]
    after = MigrationExecutor(connection).loader.graph.leaf_nodes("media")
    video = VideoFactory(stage=Stage.EDITING)
    kept = CutFactory(video=video, number=1)
    refused = CutFactory(video=video, number=None, state=Cut.State.REFUSED, reason=REFUSED)
    failed = CutFactory(video=video, number=3, state=Cut.State.FAILED, reason="It broke.")

    def migrate(target):
        executor = MigrationExecutor(connection)
        executor.migrate(target)
        cuts = MigrationExecutor(connection).loader.project_state(target).apps.get_model
        return dict(cuts("media", "Cut").objects.values_list("pk", "number"))

    try:
        numbers = migrate(before)
    finally:
        again = migrate(after)
    assert numbers == again == {kept.pk: 1, refused.pk: 4, failed.pk: 3}
    assert receive(video, upload_of(media("silent.webm")), by=producer).number == 5


def test_a_refused_file_that_has_a_number_from_before_hides_no_small_version(video):
    working = CutFactory(video=video, number=1, state=Cut.State.WORKING)
    first = RenditionSetFactory(cut=working, kind=RenditionSet.Kind.FIRST)
    Cut.objects.update(current_set=first)
    CutFactory(video=video, number=2, state=Cut.State.REFUSED, reason=REFUSED)
    assert newest_early_cut(video.pk) == working
