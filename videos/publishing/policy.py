"""What the player needs of the Content-Security-Policy, see docs/decisions/0004."""

import json
from functools import cache
from typing import TypeVar

from django.conf import settings
from django.http import HttpResponse

Response = TypeVar("Response", bound=HttpResponse)

STYLES = settings.BASE_DIR / "build" / "player-styles.json"


@cache
def style_hashes() -> tuple[str, ...]:
    """The sources for `style-src` of the style sheets inside the player's controls.

    Written by `npm run build`; none before that.
    """
    try:
        return tuple(json.loads(STYLES.read_text()))
    except FileNotFoundError:
        return ()


def with_player(response: Response) -> Response:
    """The response, allowed to carry the player."""
    response._csp_update = {"style-src": list(style_hashes())}  # type: ignore[attr-defined]
    return response
