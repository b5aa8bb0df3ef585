"""Comments and verdicts on cuts."""

from importlib import import_module
from types import ModuleType

QUEUED_EARLIER = {"notices": "videos.review.notifications"}


def __getattr__(name: str) -> ModuleType:
    """Modules under the names that earlier versions have in their queues and schedules."""
    if name in QUEUED_EARLIER:
        return import_module(QUEUED_EARLIER[name])
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
