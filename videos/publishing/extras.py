"""What the rooms below add to a video's public page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from laces.components import Component

if TYPE_CHECKING:
    from videos.publishing.models import VideoPage

Slot = Literal["beside", "foot"]  # right after the player; below everything else


class PageExtra(Component):
    """One room's part of a public video page: a laces component of a page.

    It knows no visitor, for the page is the same bytes for everybody.
    """

    def __init__(self, page: VideoPage, *, is_preview: bool) -> None:
        self.page = page
        self.is_preview = is_preview

    def is_shown(self) -> bool:
        """Whether the page has it."""
        return True


_extras: dict[str, list[type[PageExtra]]] = {"beside": [], "foot": []}


def register_page_extra(component: type[PageExtra], slot: Slot) -> type[PageExtra]:
    """Adds a part to every public video page; call it from a room's `apps.ready`."""
    if component not in _extras[slot]:
        _extras[slot].append(component)
    return component


def extras_for(page: VideoPage, slot: Slot, *, is_preview: bool) -> list[PageExtra]:
    """The parts that a page has in a slot, in the order of their registration."""
    made = (component(page, is_preview=is_preview) for component in _extras[slot])
    return [extra for extra in made if extra.is_shown()]
