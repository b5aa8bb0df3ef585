"""The panels of a video's page. Other apps register their own."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import get_token
from wagtail.admin.ui.components import Component

from videos.planning.models import Video


class VideoPanel(Component):
    """One app's part of a video's page.

    A subclass sets `order`, `heading`, `icon`, `anchor` and `template_name`, decides in `is_shown`
    who sees it, and extends `get_context_data`. Each panel is a tab of the page; with `is_screen`
    it is shown at the top instead, in place of the player. A panel that is slow to load sets
    `comes_later`: it is fetched when its tab is opened.
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
        """A short text among the facts at the top of the page; empty for none."""
        return ""

    @property
    def is_asking(self) -> bool:
        """Whether it needs an answer from the current user; its tab is then opened first."""
        return False

    def is_shown(self) -> bool:
        """Whether the signed-in user sees this panel on this video."""
        raise NotImplementedError

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        # Components are rendered without a request, and so without context processors, but the
        # forms of a panel need the CSRF token.
        return {
            "panel": self,
            "video": self.video,
            "request": self.request,
            "csrf_token": get_token(self.request),
        }


_panels: list[type[VideoPanel]] = []


def register_video_panel(panel: type[VideoPanel]) -> type[VideoPanel]:
    """Add a panel to every video's page. A class decorator, for `wagtail_hooks.py` of an app."""
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
