"""Template tags of deals."""

from decimal import Decimal
from typing import Any

from django import template
from django.utils import formats
from django.utils.translation import gettext as _

from studio.clock import instant_text
from videos.deals.admin.badges import changed_badge, deal_badge, earlier_close_badge, entered_badge
from videos.deals.attribution.compare import Interval
from videos.deals.models import Deal
from videos.deals.reports.evidence import Evidence
from videos.deals.urls_for import deal_url

register = template.Library()
register.filter(deal_url)
register.filter("instant", instant_text)


@register.inclusion_tag("deals/status.html")
def deal_status(deal: Deal, with_closes: bool = True) -> dict[str, Any]:
    """`{% deal_status deal %}`: the badge of the status, and the badges of `deal_closes`."""
    return {**(deal_closes(deal) if with_closes else {}), "badge": deal_badge(deal)}


@register.inclusion_tag("deals/closes.html")
def deal_closes(deal: Deal) -> dict[str, Any]:
    """`{% deal_closes deal %}`: badges if the deal closed twice (with the earlier close), was
    entered by hand, or changed after its close.
    """
    return {
        "deal": deal,
        "earlier": earlier_close_badge(deal),
        "earlier_closed_at": deal.earlier_closed_at,
        "entered": entered_badge(deal),
        "changed": changed_badge(deal),
    }


@register.inclusion_tag("deals/named_by.html")
def named_by(touch: Evidence) -> dict[str, Any]:
    """`{% named_by touch %}`: what assigned the view to the contact, if not its share link."""
    through = touch.through
    return {
        "at": through and through.at,
        "known_at": through and through.known_at,
        "by_import": through.known_at is None if through else touch.imported,
    }


@register.filter
def company_beside(deal: Deal) -> str:
    """`{{ deal|company_beside }}`: the company, unless the deal's name contains it."""
    name = deal.company.name if deal.company else ""
    return "" if name.casefold() in deal.name.casefold() else name


@register.filter
def seconds(value: Decimal | None) -> str:
    """`{{ view.seconds_watched|seconds }}`: to a tenth, with the unit."""
    if value is None:
        return ""
    if not value.is_finite():
        return _("out of bounds")
    whole = value == value.to_integral_value()
    number = formats.number_format(value, decimal_pos=0 if whole else 1, force_grouping=True)
    return f"{number}\N{NO-BREAK SPACE}s"


@register.filter
def percent(rate: float | None) -> str:
    """`{{ side.close_rate|percent }}`: a rate from 0 to 1 in percent, a dash where unknown."""
    return "–" if rate is None else _("%(number)s %%") % {"number": whole(rate * 100)}


@register.filter
def percent_interval(interval: Interval | None) -> str:
    """`{{ side.close_rate_interval|percent_interval }}`: in brackets, nothing where unknown."""
    if interval is None:
        return ""
    low, high = (whole(rate * 100) for rate in interval)
    return _("(%(low)s to %(high)s)") % {"low": low, "high": high}


@register.filter
def days_interval(interval: Interval | None) -> str:
    """`{{ side.median_days_interval|days_interval }}`: in brackets, nothing where unknown."""
    if interval is None:
        return ""
    low, high = (formats.number_format(days, decimal_pos=1) for days in interval)
    return _("(%(low)s to %(high)s)") % {"low": low, "high": high}


def whole(number: float) -> str:
    """A number without decimals."""
    return str(formats.number_format(round(number), decimal_pos=0))
