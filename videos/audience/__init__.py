"""Companies and contacts, share links, viewers and their views."""

from importlib import import_module
from types import ModuleType

QUEUED_EARLIER = {
    "earned": "videos.audience.tracking.av1_promotion",
    "telling": "videos.audience.tracking.notifications",
}


def __getattr__(name: str) -> ModuleType:
    """Modules under the names that earlier versions have in their queues."""
    if name in QUEUED_EARLIER:
        return import_module(QUEUED_EARLIER[name])
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
