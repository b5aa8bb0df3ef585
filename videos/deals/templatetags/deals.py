"""Template tags for what deals show."""

from decimal import Decimal
from typing import Any

from django import template
from django.utils import formats

from videos.deals.addresses import deal_url
from videos.deals.badges import deal_badge
from videos.deals.models import Deal

register = template.Library()
register.filter(deal_url)


@register.inclusion_tag("planning/badge.html")
def deal_status(deal: Deal) -> dict[str, Any]:
    """`{% deal_status deal %}`: the status as a word with its icon."""
    return {"badge": deal_badge(deal)}


@register.filter
def seconds(value: Decimal | None) -> str:
    """`{{ view.seconds_watched|seconds }}`: to a tenth, with the unit."""
    if value is None:
        return ""
    whole = value == value.to_integral_value()
    number = formats.number_format(value, decimal_pos=0 if whole else 1, force_grouping=True)
    return f"{number}\N{NO-BREAK SPACE}s"
