"""Guards against changing the audio track of a cut, registered by other apps.

They are asked when somebody chooses a track, and again before the new set is shown.
"""

from collections.abc import Callable

from videos.media.models import Cut

# Returns why the audio track must stay; empty if it may change
Guard = Callable[[Cut], str]

_guards: list[Guard] = []


def register_sound_guard(guard: Guard) -> Guard:
    """Register a guard; a decorator."""
    if guard not in _guards:
        _guards.append(guard)
    return guard


def why_sound_stays(cut: Cut) -> str:
    """The reason why the audio track must stay; empty if it may change."""
    return next((reason for guard in _guards if (reason := guard(cut))), "")
