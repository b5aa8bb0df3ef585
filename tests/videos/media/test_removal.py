"""Files that came to nothing are removed: by whom, on record, whole, and once."""

import threading
from uuid import uuid4

import pytest
from botocore.exceptions import EndpointConnectionError
from django.contrib.messages import get_messages
from django.core.files.base import ContentFile
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from studio.people.roles import Role
from tests.factories import CutFactory, ExpertFactory, RenditionSetFactory, UserFactory, ready_cut
from tests.s3 import s3, s3_footage  # noqa: F401
from tests.videos.media.factories import job_of, set_folders, set_with_files
from tests.videos.media.test_checking import sent
from tests.videos.publishing.factories import draft_page
from videos.media.captions import editing
from videos.media.errors import CutStays
from videos.media.jobs.actions import begin, retry
from videos.media.jobs.metrics import numbers
from videos.media.jobs.orphans import find_missing, owners
from videos.media.jobs.tasks import claim, release_job, transcode
from videos.media.log_actions import CUT_REMOVED
from videos.media.models import Caption, Cut, Job, PublicCaption, RenditionSet, Upload, footage
from videos.media.storage.quota import stored_bytes
from videos.media.transcoding import pipeline
from videos.media.uploads import removal
from videos.media.uploads.intake import receive
from videos.media.uploads.removal import remove, why_it_stays
from videos.media.uploads.verification import check
from videos.review.models import Comment, Verdict

pytestmark = pytest.mark.django_db
REASON = "This is a text file, not a video."


@pytest.fixture(params=["disk", "s3"])
def place(request) -> str:
    request.getfixturevalue(f"{request.param}_footage")
    return request.param


def refused(**fields) -> Cut:
    return CutFactory(**{"state": Cut.State.REFUSED, "reason": REASON} | fields)


def said(response) -> str:
    return str(list(get_messages(response.wsgi_request))[-1]).strip()


def url_of(cut) -> str:
    return reverse("media_remove", args=[cut.pk])


def test_source_sets_poster_and_room_go_and_it_is_on_record(
    place, producer, django_capture_on_commit_callbacks
):
    cut = set_with_files().cut
    poster = footage().save("posters/one.jpg", ContentFile(b"\xff\xd8"))
    other_set = RenditionSetFactory(cut=cut)
    footage().save(f"{other_set.folder}/master.m3u8", ContentFile(b"#EXTM3U\n"))
    RenditionSet.objects.update(bytes=1000, kind=RenditionSet.Kind.FIRST)
    Cut.objects.update(
        state=Cut.State.FAILED, reason="It broke.", poster=poster, source_name="talk.mp4"
    )
    Caption.objects.create(cut=cut, webvtt="WEBVTT")
    other = CutFactory(video=cut.video)
    before = stored_bytes()
    cut.refresh_from_db()
    source, number = cut.source.name, cut.number
    with django_capture_on_commit_callbacks(execute=True):
        remove(cut, by=producer)
    assert not footage().exists(source)
    assert not footage().exists(poster)
    assert set_folders() == set()
    assert list(Cut.objects.all()) == [other]
    assert footage().exists(other.source.name)
    assert (RenditionSet.objects.count(), Caption.objects.count()) == (0, 0)
    assert before - stored_bytes() == 16 + 2000
    assert (find_missing(), {source, poster} & owners()) == ([], set())
    entry = ModelLogEntry.objects.for_instance(cut.video).get(action=CUT_REMOVED)
    assert (entry.user, entry.message, entry.comment) == (
        producer,
        f"Removed cut {number}, the file “talk.mp4” that {cut.uploaded_by} uploaded",
        "It broke.",
    )
    assert (entry.data["sha256"], entry.data["bytes"]) == (cut.sha256, 16)


def test_of_what_fails_to_be_removed_nothing_is(producer, monkeypatch):
    def broken(cut):
        raise ZeroDivisionError

    cut = refused()
    monkeypatch.setattr(removal, "empty", broken)
    with pytest.raises(ZeroDivisionError):
        remove(cut, by=producer)
    assert footage().exists(Cut.objects.get().source.name)
    assert not ModelLogEntry.objects.filter(action=CUT_REMOVED).exists()


def test_a_storage_that_is_away_keeps_nobody_from_it(
    producer, monkeypatch, django_capture_on_commit_callbacks
):
    """What stays there has no owner, and is found by who looks for orphans."""
    cut = refused()

    def away(name):
        raise EndpointConnectionError(endpoint_url="http://s3")

    monkeypatch.setattr(type(footage()), "delete", lambda self, name: away(name))
    with django_capture_on_commit_callbacks(execute=True):
        remove(cut, by=producer)
    assert not Cut.objects.exists()
    assert cut.source.name not in owners()


@pytest.mark.parametrize("state", [Cut.State.REFUSED, Cut.State.FAILED, Cut.State.CANCELLED])
def test_what_came_to_nothing_is_removed(state, producer):
    remove(refused(state=state), by=producer)
    assert not Cut.objects.exists()


@pytest.mark.parametrize("state", [Cut.State.WAITING, Cut.State.WORKING, Cut.State.READY])
def test_what_came_to_something_or_may_still_stays(state, producer):
    cut = ready_cut()
    Cut.objects.update(state=state)
    with pytest.raises(CutStays, match="can be watched or is still being processed"):
        remove(cut, by=producer)
    assert Cut.objects.exists()


def verdict(cut, by):
    Verdict.objects.create(
        cut=cut, kind=Verdict.Kind.APPROVED, sha256=cut.sha256, by=by, at=timezone.now()
    )


def comment(cut, by):
    Comment.objects.create(cut=cut, by=by, text="Too loud.")


def page(cut, by):
    page = draft_page(cut.video)
    type(page).objects.filter(pk=page.pk).update(cut=cut)


def public(cut, by):
    RenditionSetFactory(cut=cut, is_public=True)


def public_captions(cut, by):
    PublicCaption.objects.create(cut=cut, webvtt="WEBVTT", published_at=timezone.now())


@pytest.mark.parametrize("thing", [verdict, comment, page, public, public_captions])
def test_what_people_judged_or_viewers_have_stays(thing, producer, sales_manager, signed_in):
    cut = refused(state=Cut.State.FAILED)
    thing(cut, sales_manager)
    job = Job.objects.create(cut=cut, kind=Job.Kind.EMBEDDED_CAPTIONS)
    client = signed_in(producer)
    for answer in (client.get(url_of(cut)), client.post(url_of(cut))):
        assert answer.status_code == 302
        assert said(answer) == why_it_stays(cut) != ""
    assert Cut.objects.get() == cut
    job.refresh_from_db()
    assert job.state == Job.State.QUEUED


SAID = "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nIt pays.\n"


def test_captions_that_a_person_wrote_do_not_go_with_the_file(producer):
    """An expert who uploads may not take captions away, and so not by removing their file."""
    expert = UserFactory(role=Role.EXPERT)
    cut = refused(state=Cut.State.CANCELLED, uploaded_by=expert)
    caption = Caption.objects.create(cut=cut, webvtt=SAID, changed_by=producer)
    with pytest.raises(CutStays, match="Somebody wrote captions"):
        remove(cut, by=expert)
    assert list(cut.captions.all()) == [caption]
    editing.remove(caption, by=producer)
    remove(cut, by=expert)
    assert not Cut.objects.exists()


@pytest.mark.parametrize(
    "fields", [{"is_automatic": True}, {"changed_by": None}, {"webvtt": "WEBVTT\n"}]
)
def test_captions_that_nobody_wrote_go_with_the_file(fields, producer):
    cut = refused()
    written = {"webvtt": SAID, "changed_by": None if "webvtt" not in fields else producer}
    Caption.objects.create(cut=cut, **written | fields)
    remove(cut, by=producer)
    assert not Caption.objects.exists()


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.PRODUCER, True),
        (Role.EXPERT, False),
        (Role.SALES_MANAGER, False),
        (Role.FINANCE, False),
        (Role.LEADER, False),
        (None, False),
    ],
)
def test_of_those_who_did_not_upload_it_producers_alone_remove_a_file(role, may, signed_in):
    user = UserFactory(role=role) if role else None
    cut = refused()
    if role == Role.EXPERT:  # on camera, and so may upload, cancel and try again
        cut.video.experts.add(ExpertFactory(user=user))
    client = signed_in(user)
    assert (client.get(url_of(cut)).status_code == 200) is may
    client.post(url_of(cut))
    assert Cut.objects.exists() is not may
    assert ModelLogEntry.objects.filter(action=CUT_REMOVED).exists() is may


def test_who_uploaded_a_file_removes_it_and_no_other(signed_in):
    expert = ExpertFactory()
    mine, other = refused(uploaded_by=expert.user), refused()
    for cut in (mine, other):
        cut.video.experts.add(expert)
    client = signed_in(expert.user)
    queue = client.get(reverse("media_cuts")).content.decode()
    assert url_of(mine) in queue
    assert url_of(other) not in queue
    for cut in (mine, other):
        client.post(url_of(cut))
    assert list(Cut.objects.all()) == [other]


def test_the_page_asks_first_and_leads_back_to_where_one_was(signed_in, producer):
    cut = refused(source_name="notes.mp4")
    client = signed_in(producer)
    asked = client.get(url_of(cut), {"tab": "failed"}).content.decode()
    for told in ("notes.mp4", "16", REASON, "Yes, remove it", "/admin/cuts/?state=failed"):
        assert told in asked
    assert Cut.objects.get().removed_at is None
    done = client.post(url_of(cut), {"tab": "failed"})
    assert (done.url, said(done)) == ("/admin/cuts/?state=failed", "“notes.mp4” was removed.")
    again = client.post(url_of(cut), {"tab": "https://elsewhere.example"})
    assert again.url == f"{reverse('planning_videos:inspect', args=[cut.video_id])}#cuts"
    assert said(again) == "“notes.mp4” was removed."
    assert ModelLogEntry.objects.filter(action=CUT_REMOVED).count() == 1
    history = client.get(reverse("planning_videos:history", args=[cut.video_id])).content.decode()
    assert "Removed the file “notes.mp4”" in history
    video = client.get(reverse("planning_videos:inspect", args=[cut.video_id])).content.decode()
    for told in ("1 file was removed", "“notes.mp4”", REASON, f"removed by {producer}"):
        assert told in video
    for name in ("media_cut", "media_cut_state", "review_cuts:cut", "media_source"):
        assert client.get(reverse(name, args=[cut.pk])).status_code == 404
    assert "notes.mp4" not in client.get(reverse("media_cuts")).content.decode()


def test_a_video_shows_the_latest_of_many_removed_files(signed_in, producer, monkeypatch):
    monkeypatch.setattr(removal, "MOST_SHOWN", 2)
    video = refused(source_name="one.mp4").video
    for name in ("two.mp4", "three.mp4"):
        refused(video=video, source_name=name)
    for cut in Cut.objects.order_by("pk"):
        remove(cut, by=producer)
    url = reverse("planning_videos:inspect", args=[video.pk])
    page = " ".join(signed_in(producer).get(url).content.decode().split())
    assert "3 files were removed" in page
    assert "Only the latest 2 are shown." in page
    assert "one.mp4" not in page
    assert page.index("three.mp4") < page.index("two.mp4")


@pytest.mark.parametrize("cut", [ready_cut, refused], ids=["ready", "refused"])
def test_it_is_not_removed_past_the_page_that_asks(cut, signed_in, producer):
    made = cut()
    assert signed_in(producer).delete(url_of(made)).status_code == 405
    assert Cut.objects.get() == made


@pytest.mark.django_db(transaction=True)
def test_of_two_clicks_at_the_same_instant_one_removes_it(producer):
    cut, together, ended = refused(), threading.Barrier(3), []

    def click() -> None:
        together.wait()
        try:
            remove(Cut.everything.get(pk=cut.pk), by=producer)
            ended.append("done")
        except CutStays as stays:
            ended.append(stays.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ended) == ["done", "removed", "removed"]
    assert ModelLogEntry.objects.filter(action=CUT_REMOVED).count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_removing_and_trying_again_at_the_same_instant_one_wins(producer):
    cut, together, won = refused(state=Cut.State.FAILED), threading.Barrier(2), []

    def act(what) -> None:
        together.wait()
        try:
            won.append(what())
        finally:
            connection.close()

    def removed() -> bool:
        try:
            remove(cut, by=producer)
        except CutStays:
            return False
        return True

    threads = [threading.Thread(target=act, args=[what]) for what in (removed, lambda: retry(cut))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False, True]
    assert Cut.objects.exists() == Job.objects.filter(state=Job.State.QUEUED).exists()


def test_a_worker_that_is_still_at_it_throws_its_work_away(media, producer, monkeypatch, heard):
    """Somebody cancels and removes it before the worker's next beat."""
    job, before = job_of(media("silent.webm")), set_folders()
    real = pipeline.create_set

    def meanwhile(source, folder, facts, *, on_progress):
        made = real(source, folder, facts, on_progress=on_progress)
        Job.objects.update(state=Job.State.CANCELLED, lease_until=None)
        Cut.objects.update(state=Cut.State.CANCELLED)
        remove(Cut.objects.get(), by=producer)
        return made

    monkeypatch.setattr(pipeline, "create_set", meanwhile)
    transcode(job.pk)
    assert not Cut.objects.exists()
    assert not RenditionSet.objects.exists()
    assert set_folders() == before
    assert heard == []
    assert Job.objects.get().state == Job.State.CANCELLED


def test_a_worker_that_takes_a_job_at_that_instant_does_nothing(media, producer, monkeypatch):
    job = job_of(media("silent.webm"))
    real = claim

    def removed_meanwhile(token):
        claimed = real(token)
        Job.objects.update(state=Job.State.CANCELLED, lease_until=None)
        Cut.objects.update(state=Cut.State.CANCELLED)
        remove(Cut.objects.get(), by=producer)
        return claimed

    monkeypatch.setattr("videos.media.jobs.tasks.claim", removed_meanwhile)
    transcode(job.pk)
    assert Job.objects.get().state == Job.State.CANCELLED
    release_job(uuid4(), job.pk)


def test_open_work_beside_the_renditions_ends_with_the_file(producer):
    cut = refused(state=Cut.State.FAILED, number=2)
    job = Job.objects.create(cut=cut, kind=Job.Kind.EMBEDDED_CAPTIONS, reserved_bytes=100)
    remove(cut, by=producer)
    job.refresh_from_db()
    assert (job.state, job.reserved_bytes) == (Job.State.CANCELLED, 0)
    assert claim(uuid4()) is None


def test_no_work_begins_on_a_cut_that_was_removed_after_it_was_read(producer):
    cut = refused(state=Cut.State.FAILED, number=2)
    remove(Cut.objects.get(), by=producer)
    assert not begin(cut, Job.Kind.CAPTIONS)
    assert not Job.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_removing_and_asking_for_words_at_the_same_instant_none_is_left_behind(producer):
    cut, together = refused(state=Cut.State.FAILED, number=2), threading.Barrier(2)

    def act(what) -> None:
        together.wait()
        try:
            what()
        finally:
            connection.close()

    acts = (lambda: remove(cut, by=producer), lambda: begin(cut, Job.Kind.CAPTIONS))
    threads = [threading.Thread(target=act, args=[what]) for what in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not Cut.objects.exists()
    assert not Job.objects.filter(state=Job.State.QUEUED).exists()


def test_the_number_of_a_removed_cut_is_never_given_again(media, producer):
    cut = refused(state=Cut.State.CANCELLED, number=4)
    remove(cut, by=producer)
    file = ContentFile(media("silent.webm").read_bytes(), "new.webm")
    assert receive(cut.video, file, by=producer).number == 5


def test_what_a_monitor_counted_stays_counted(producer):
    """A counter that goes down looks like a restart, and raises alarms."""
    cut = refused(state=Cut.State.FAILED)
    Job.objects.create(cut=cut, state=Job.State.FAILED, failure="damaged", attempts=2)
    before = numbers()
    remove(cut, by=producer)
    after = numbers()
    assert (after.failures, after.attempts) == (before.failures, before.attempts)
    assert after.source_bytes == before.source_bytes - 16


def test_an_upload_of_a_removed_file_says_so(signed_in, producer, disk_footage):
    video = CutFactory(number=1).video
    upload = sent(video, producer)
    check(upload.pk)
    upload.refresh_from_db()
    remove(upload.cut, by=producer)
    told = signed_in(producer).get(reverse("media_one_upload", args=[upload.key])).json()
    assert (told["state"], told["said"]) == ("stored", "The cut was removed from the studio.")
    assert "cut" not in told


def test_who_was_asked_whether_the_same_file_is_meant_twice_is_asked_no_more(
    producer, disk_footage, signed_in
):
    video = CutFactory(number=1).video
    first, second = sent(video, producer), sent(video, producer)
    for upload in (first, second):
        check(upload.pk)
        upload.refresh_from_db()
    assert second.duplicate_of == first.cut
    remove(first.cut, by=producer)
    second.refresh_from_db()
    assert (second.state, second.duplicate_of) == (Upload.State.CHECKING, None)
    late = signed_in(producer).delete(reverse("media_one_upload", args=[second.key]))
    assert (late.status_code, late.json()["state"]) == (409, "checking")  # “Use cut 2”
    assert late.json()["refusal"].startswith("The upload is complete.")
    check(second.pk)
    second.refresh_from_db()
    assert second.state == Upload.State.STORED
    assert footage().exists(second.cut.source.name)
