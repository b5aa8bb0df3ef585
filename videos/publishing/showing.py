"""What anyone may play: the current set of a published cut, and nothing else of the studio."""

from videos.media import sets
from videos.media.models import Cut
from videos.planning.models import Video


def show(cut: Cut) -> None:
    """Let anyone play the current set of a cut, and note its length on the video."""
    shown = sets.publish_set(cut)
    if shown:
        Video.objects.filter(pk=cut.video_id).update(duration_seconds=shown.seconds)
