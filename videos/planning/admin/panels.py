"""The panels of a video's page, which the rooms below add to."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import get_token
from wagtail.admin.ui.components import Component

from videos.planning.models import Video


class VideoPanel(Component):
    """One room's part of a video's page.

    A subclass sets `order`, `heading`, `icon`, `anchor` and `template_name`, says in `is_shown`
    who sees it, and adds to `get_context_data`. Its template prints the inside of the panel, which
    is one of the page's tabs; with `is_screen` it stands at the head instead, where the film is.
    One that has much to read sets `comes_later`: it is fetched when its tab is opened.
    """

    order = 100
    heading: Any = ""
    icon = "doc-empty"
    anchor = ""
    comes_later = False
    is_screen = False

    def __init__(self, request: HttpRequest, video: Video) -> None:
        self.request = request
        self.video = video

    @property
    def standing(self) -> str:
        """What the room adds to the facts at the page's head; "" for nothing."""
        return ""

    @property
    def is_asking(self) -> bool:
        """Whether it waits for an answer of who looks: its tab is the open one, then."""
        return False

    def is_shown(self) -> bool:
        """Whether the signed-in user sees this panel on this video. Every panel decides."""
        raise NotImplementedError

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        # A component's template is rendered without the request, and so without its context
        # processors; the forms of a panel need the token all the same.
        return {
            "panel": self,
            "video": self.video,
            "request": self.request,
            "csrf_token": get_token(self.request),
        }


_panels: list[type[VideoPanel]] = []


def register_video_panel(panel: type[VideoPanel]) -> type[VideoPanel]:
    """Adds a panel to every video's page; a class decorator, for a room's `wagtail_hooks.py`."""
    if panel not in _panels:
        _panels.append(panel)
    return panel


def panels_for(request: HttpRequest, video: Video) -> Iterable[VideoPanel]:
    """The panels that the signed-in user sees, in their order."""
    shown = (panel(request, video) for panel in sorted(_panels, key=lambda panel: panel.order))
    return [panel for panel in shown if panel.is_shown()]


def panel_for(request: HttpRequest, video: Video, anchor: str) -> VideoPanel | None:
    """The panel with that anchor, if the signed-in user sees it."""
    return next((panel for panel in panels_for(request, video) if panel.anchor == anchor), None)
