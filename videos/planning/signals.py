"""What follows a move within planning itself."""

from typing import Any

from django.dispatch import receiver

from studio.people.models import User
from videos.planning.models import Move, Stage, Video
from videos.planning.shoots import release
from videos.planning.stages import moved


@receiver(moved, dispatch_uid="planning.release_shoots")
def release_shoots(
    sender: type[Video], video: Video, move: Move, by: User | None, **kwargs: Any
) -> None:
    """A cancelled video gives back the time that was booked for it."""
    if move.now == Stage.CANCELLED:
        release(video, by)
