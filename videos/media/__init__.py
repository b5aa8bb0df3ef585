"""Videos as files: sources, cuts, and what is made of them.

Its packages, and which of them may import which: the contracts of import-linter in pyproject.toml.
"""

from importlib import import_module
from types import ModuleType

# Where the tasks are that an earlier version left in a queue: the worker looks for them by path
QUEUED_EARLIER = {
    "checking": "videos.media.uploads.verification",
    "tasks": "videos.media.jobs.tasks",
    "telling": "videos.media.jobs.notifications",
    "together": "videos.media.jobs.parallel",
    "upkeep": "videos.media.jobs.maintenance",
}


def __getattr__(name: str) -> ModuleType:
    if name in QUEUED_EARLIER:
        return import_module(QUEUED_EARLIER[name])
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
