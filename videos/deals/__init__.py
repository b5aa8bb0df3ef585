"""Deals, imports from the CRM, and attribution: which videos influenced which deals."""

from importlib import import_module
from types import ModuleType


def __getattr__(name: str) -> ModuleType:
    """`importing`, under which an earlier version left tasks of imports in a queue."""
    if name == "importing":
        import_module("videos.deals.imports.browser.actions")
        return import_module("videos.deals.imports.browser")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
