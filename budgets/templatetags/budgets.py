"""Money and states on the pages of the budget."""

from typing import Any

from django import template

from budgets.models import Estimate
from studio.formats.money import shown

register = template.Library()
register.filter("money", shown)

# State of an estimate: icon, and tone of planning's badges
LOOKS = {
    Estimate.State.DRAFT: ("draft", "quiet"),
    Estimate.State.REQUESTED: ("time", "busy"),
    Estimate.State.GREENLIT: ("circle-check", "good"),
    Estimate.State.DECLINED: ("circle-xmark", "bad"),
}


@register.filter
def figure(minor: int, currency: str) -> str:
    """The amount without its currency, for tables whose head names it."""
    return shown(minor, currency).rsplit("\N{NO-BREAK SPACE}", 1)[0]


@register.inclusion_tag("ui/badge.html")
def estimate_state(estimate: Estimate) -> dict[str, Any]:
    """`{% estimate_state estimate %}`: its state as a word with its icon."""
    icon, tone = LOOKS[Estimate.State(estimate.state)]
    return {"badge": {"label": estimate.get_state_display(), "icon": icon, "tone": tone}}
