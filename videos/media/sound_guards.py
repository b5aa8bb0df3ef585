"""Who holds a cut back from sounding otherwise: rooms below say so, and media asks them.

Asked when somebody chooses a track, and once more when the set with it is to be shown.
"""

from collections.abc import Callable

from videos.media.models import Cut

# Why a cut has to sound as it does; empty where nothing is in the way.
Guard = Callable[[Cut], str]

_guards: list[Guard] = []


def register_sound_guard(guard: Guard) -> Guard:
    """Asks a room before what people heard is changed; a decorator."""
    if guard not in _guards:
        _guards.append(guard)
    return guard


def why_sound_stays(cut: Cut) -> str:
    """The first reason of any room; empty where nothing is in the way."""
    return next((reason for guard in _guards if (reason := guard(cut))), "")
