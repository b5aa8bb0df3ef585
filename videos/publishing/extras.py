"""What the rooms below add to a video's public page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from django.http import HttpRequest
from laces.components import Component

if TYPE_CHECKING:
    from videos.publishing.models import VideoPage

Slot = Literal["notice", "foot"]  # above the player; below everything else


class PageExtra(Component):
    """One room's part of a public video page: a laces component of a request and a page."""

    def __init__(self, request: HttpRequest, page: VideoPage) -> None:
        self.request = request
        self.page = page

    def is_shown(self) -> bool:
        """Whether this visitor sees it."""
        return True


_extras: dict[str, list[type[PageExtra]]] = {"notice": [], "foot": []}


def register_page_extra(component: type[PageExtra], slot: Slot) -> type[PageExtra]:
    """Adds a part to every public video page; call it from a room's `apps.ready`."""
    if component not in _extras[slot]:
        _extras[slot].append(component)
    return component


def extras_for(request: HttpRequest, page: VideoPage, slot: Slot) -> list[PageExtra]:
    """The parts that this visitor sees in a slot, in the order of their registration."""
    made = (component(request, page) for component in _extras[slot])
    return [extra for extra in made if extra.is_shown()]
