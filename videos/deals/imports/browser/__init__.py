"""Imports in the browser: files are uploaded, checked and, once somebody confirms, imported."""

from types import ModuleType


def __getattr__(name: str) -> ModuleType:
    """`acts`, under which an earlier version left tasks of imports in a queue."""
    if name == "acts":
        from videos.deals.imports.browser import actions

        return actions
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
