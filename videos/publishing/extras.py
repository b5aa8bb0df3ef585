"""Parts that other apps add to a video's public page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from laces.components import Component

if TYPE_CHECKING:
    from videos.publishing.models import VideoPage

Slot = Literal["beside", "foot"]  # below the player; at the end of the page


class PageExtra(Component):
    """A part of a public video page: a laces component.

    It cannot depend on the visitor, because the page is cached and the same for everybody.
    """

    def __init__(self, page: VideoPage, *, is_preview: bool) -> None:
        self.page = page
        self.is_preview = is_preview

    def is_shown(self) -> bool:
        """Whether to render this part."""
        return True


_extras: dict[str, list[type[PageExtra]]] = {"beside": [], "foot": []}


def register_page_extra(component: type[PageExtra], slot: Slot) -> type[PageExtra]:
    """Add a part to every public video page. Call it from `apps.ready`."""
    if component not in _extras[slot]:
        _extras[slot].append(component)
    return component


def extras_for(page: VideoPage, slot: Slot, *, is_preview: bool) -> list[PageExtra]:
    """The parts of a page's slot, in the order of registration."""
    made = (component(page, is_preview=is_preview) for component in _extras[slot])
    return [extra for extra in made if extra.is_shown()]
