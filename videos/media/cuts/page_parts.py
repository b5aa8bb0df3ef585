"""Parts of the page of a cut that other apps add."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import get_token
from wagtail.admin.ui.components import Component

from videos.media.models import Cut


class CutPart(Component):
    """A part of the page of a cut.

    A subclass sets `heading` and `template_name`, says in `is_shown` who sees it, and adds to
    `get_context_data`. Its template prints the inside of a section.
    """

    heading: Any = ""

    def __init__(self, request: HttpRequest, cut: Cut) -> None:
        self.request = request
        self.cut = cut

    def is_shown(self) -> bool:
        """Whether the signed-in user sees this part of this cut."""
        raise NotImplementedError

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        return {"cut": self.cut, "request": self.request, "csrf_token": get_token(self.request)}


_parts: list[type[CutPart]] = []


def register_cut_part(part: type[CutPart]) -> type[CutPart]:
    """Register a part of the page of a cut; a class decorator for `wagtail_hooks.py`."""
    if part not in _parts:
        _parts.append(part)
    return part


def parts_for(request: HttpRequest, cut: Cut) -> Iterable[CutPart]:
    """The parts that the signed-in user sees, in the order of their registration."""
    return [part for part in (kind(request, cut) for kind in _parts) if part.is_shown()]
