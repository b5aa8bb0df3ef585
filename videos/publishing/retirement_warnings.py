"""Warnings by other apps that are shown before a page is retired."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from videos.publishing.models import VideoPage

# Returns one sentence, or an empty string
Warning = Callable[["VideoPage"], str]

_warnings: list[Warning] = []


def register_retirement_warning(warning: Warning) -> Warning:
    """Register a function that warns before a page is retired. Call it from `apps.ready`."""
    if warning not in _warnings:
        _warnings.append(warning)
    return warning


def retirement_warnings(page: VideoPage) -> list[str]:
    """The warnings for a page, in the order of registration."""
    return [text for warning in _warnings if (text := warning(page))]
