"""What the player needs in the Content-Security-Policy, see docs/decisions/0004."""

import json
from functools import cache
from typing import TypeVar

from django.conf import settings
from django.http import HttpResponse

Response = TypeVar("Response", bound=HttpResponse)

STYLES = settings.BASE_DIR / "build" / "player-styles.json"


@cache
def style_hashes() -> tuple[str, ...]:
    """The `style-src` hashes of the style sheets in the player's controls.

    Written by `npm run build`; empty before that.
    """
    try:
        return tuple(json.loads(STYLES.read_text()))
    except FileNotFoundError:
        return ()


def allow_player_styles(response: Response) -> Response:
    """Allow the player's style sheets on a page."""
    response._csp_update = {"style-src": list(style_hashes())}  # type: ignore[attr-defined]
    return response
