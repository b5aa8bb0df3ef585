import pytest

from studio.people.models import User
from tests.factories import ExpertFactory, VideoFactory, ready_cut
from videos.media.models import Cut
from videos.planning.models import Expert, Stage


@pytest.fixture
def on_camera(db: None) -> Expert:
    return ExpertFactory()


@pytest.fixture
def cut(on_camera: Expert, producer: User) -> Cut:
    """A ready cut of a video in review, uploaded by the producer."""
    video = VideoFactory(stage=Stage.REVIEW, experts=[on_camera], producer=producer)
    return ready_cut(video=video, uploaded_by=producer, number=1)
