"""What anyone may play: the current set of a published cut, and nothing else of the studio."""

from videos.media.models import Cut, RenditionSet
from videos.planning.models import Video


def show(cut: Cut) -> None:
    """Let anyone play the current set of a cut, and note its length on the video."""
    RenditionSet.objects.filter(pk=cut.current_set_id).update(is_public=True)
    if cut.current_set:
        Video.objects.filter(pk=cut.video_id).update(duration_seconds=cut.current_set.seconds)


def withdraw(cut: Cut) -> None:
    """Let only staff play the sets of a cut."""
    cut.sets.update(is_public=False)


def public_set(cut: Cut | None) -> RenditionSet | None:
    """The set that anyone may play, if the cut is shown."""
    return cut.sets.filter(is_public=True).first() if cut else None
