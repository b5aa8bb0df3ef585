import hashlib
from io import BytesIO

import pytest
from django.core.files.base import ContentFile, File

from tests.factories import CutFactory, VideoFactory
from tests.queue import queued
from tests.videos.media.factories import upload_of
from videos.media.errors import UploadRefused
from videos.media.models import Cut, Job, footage
from videos.media.uploads.intake import TAKES_CUTS, receive
from videos.planning.models import Stage

pytestmark = pytest.mark.django_db


def sources() -> set[str]:
    try:
        return set(footage().listdir("sources")[1])
    except FileNotFoundError:
        return set()


def test_a_source_is_stored_whole_with_its_checksum_before_it_is_reported(
    media, producer, django_capture_on_commit_callbacks
):
    video = VideoFactory(stage=Stage.EDITING)
    path = media("silent.webm")
    with django_capture_on_commit_callbacks(execute=True):
        cut = receive(video, upload_of(path, "../../Täglich <1>.webm"), by=producer)
    with cut.source.open() as stored:
        assert stored.read() == path.read_bytes()
    assert cut.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert cut.source_bytes == path.stat().st_size
    assert (cut.number, cut.state, cut.reason) == (1, Cut.State.WAITING, "")
    assert cut.source_name == "Täglich <1>.webm"
    assert cut.source.name.startswith("sources/")
    assert ".." not in cut.source.name
    assert cut.source_info["width"] == 320
    assert [job.state for job in cut.jobs.all()] == [Job.State.QUEUED]
    assert len(queued()) == 1
    video.refresh_from_db()
    assert video.stage == Stage.EDITING


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("text.mp4", "This is a text file, not a video."),
        ("playlist.mp4", "This is a playlist, not a video. Upload the video itself."),
        ("truncated.mp4", "The file is incomplete. Export or copy it again."),
    ],
)
def test_what_is_no_video_is_kept_and_marked_and_nothing_else_changes(
    media, producer, name, reason
):
    video = VideoFactory(stage=Stage.APPROVED)
    cut = receive(video, upload_of(media(name)), by=producer)
    assert (cut.state, cut.reason) == (Cut.State.REFUSED, reason)
    with cut.source.open() as stored:
        assert stored.read() == media(name).read_bytes()
    assert not cut.jobs.exists()
    video.refresh_from_db()
    assert video.stage == Stage.APPROVED
    assert not video.transitions.exists()


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage not in TAKES_CUTS])
def test_a_video_that_is_not_shot_or_is_over_takes_no_cut(media, producer, stage):
    video, before = VideoFactory(stage=stage, title="Why so dear?"), sources()
    with pytest.raises(UploadRefused) as refusal:
        receive(video, upload_of(media("text.mp4")), by=producer)
    assert refusal.value.messages == [
        f"Cuts cannot be uploaded to “Why so dear?” while its stage is “{Stage(stage).label}”."
    ]
    assert not Cut.objects.exists()
    assert sources() == before


def test_cuts_are_numbered_one_after_the_other_and_refused_files_are_not(media, producer):
    video = VideoFactory(stage=Stage.SHOT)
    names = ["silent.webm", "text.mp4", "silent.webm", "truncated.mp4", "silent.webm"]
    numbers = [receive(video, upload_of(media(name)), by=producer).number for name in names]
    assert numbers == [1, None, 2, None, 3]


def test_an_upload_larger_than_the_studio_takes_is_refused(media, producer, settings):
    settings.MAX_UPLOAD_BYTES, before = 10, sources()
    with pytest.raises(UploadRefused) as refusal:
        receive(VideoFactory(stage=Stage.SHOT), upload_of(media("text.mp4")), by=producer)
    assert refusal.value.messages == [
        "The file is 30\xa0bytes. The studio accepts up to 10\xa0bytes."
    ]
    assert sources() == before


def test_an_empty_upload_is_kept_and_marked_as_any_other(producer):
    cut = receive(VideoFactory(stage=Stage.SHOT), ContentFile(b"", "a.mp4"), by=producer)
    assert (cut.state, cut.reason, cut.source_bytes) == (Cut.State.REFUSED, "The file is empty.", 0)
    assert cut.source.storage.exists(cut.source.name)
    assert not cut.jobs.exists()


def test_a_failing_upload_leaves_no_partial_file(producer):
    class Breaking(BytesIO):
        def read(self, *args):
            if self.tell():
                raise ConnectionResetError
            return super().read(2)

    before = sources()
    with pytest.raises(ConnectionResetError):
        receive(VideoFactory(stage=Stage.SHOT), File(Breaking(b"half"), "a.mp4"), by=producer)
    assert sources() == before
    assert not Cut.objects.exists()


def test_an_upload_shorter_than_announced_is_not_kept(producer):
    file = ContentFile(b"half of it", "a.mp4")
    file.size = 100
    before = sources()
    with pytest.raises(UploadRefused, match="The upload was interrupted"):
        receive(VideoFactory(stage=Stage.SHOT), file, by=producer)
    assert sources() == before


def test_the_number_of_a_cut_is_given_once():
    cut = CutFactory(number=1)
    with pytest.raises(Exception, match=r"UNIQUE|unique"):
        CutFactory(video=cut.video, number=1)
