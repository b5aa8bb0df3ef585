"""Template tags and filters for money and the states of estimates."""

from typing import Any

from django import template

from budgets.models import Estimate
from studio.formats.money import shown

register = template.Library()
register.filter("money", shown)

# Icon and badge tone of each state
BADGES = {
    Estimate.State.DRAFT: ("draft", "quiet"),
    Estimate.State.REQUESTED: ("time", "busy"),
    Estimate.State.GREENLIT: ("circle-check", "good"),
    Estimate.State.DECLINED: ("circle-xmark", "bad"),
}


@register.filter
def figure(minor: int, currency: str) -> str:
    """Format minor units without the currency, for tables whose header names it."""
    return shown(minor, currency).rsplit("\N{NO-BREAK SPACE}", 1)[0]


@register.inclusion_tag("ui/badge.html")
def estimate_state(estimate: Estimate) -> dict[str, Any]:
    """Render the state of an estimate as a badge with an icon."""
    icon, tone = BADGES[Estimate.State(estimate.state)]
    return {"badge": {"label": estimate.get_state_display(), "icon": icon, "tone": tone}}
