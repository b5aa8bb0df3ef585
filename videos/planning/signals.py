"""Planning's own reactions to stage changes."""

from typing import Any

from django.dispatch import receiver

from studio.people.models import User
from videos.planning.models import Stage, StageTransition, Video
from videos.planning.shoots import remove_from_coming_shoots
from videos.planning.stages import stage_changed


@receiver(stage_changed, dispatch_uid="planning.release_shoots")
def release_shoots(
    sender: type[Video], video: Video, transition: StageTransition, by: User | None, **kwargs: Any
) -> None:
    """Free the time that was booked for a cancelled video."""
    if transition.to_stage == Stage.CANCELLED:
        remove_from_coming_shoots(video, by)
