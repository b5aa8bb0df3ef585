"""Describes the parameters of a report in sentences, for pages and terminals."""

import datetime as dt

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from studio.clock import instant_text
from videos.deals.attribution.input import ReportParams


def describe_params(params: ReportParams) -> list[str]:
    """Returns sentences on the period, the instant, the currency, touches and the landmark."""
    return [
        describe_period(params),
        _("As of %(as_of)s (%(zone)s). Amounts in %(currency)s.")
        % {"as_of": format_instant(params), "zone": params.zone, "currency": params.currency},
        describe_touch(params),
        describe_landmark(params),
    ]


def describe_period(params: ReportParams) -> str:
    """Describes in which period the deals closed."""
    words = {
        "from": format_day(params.from_day),
        "to": format_day(params.to_day),
        "zone": params.zone,
    }
    if params.from_day and params.to_day:
        return (
            _("Deals that closed from %(from)s to %(to)s, both days included (%(zone)s).") % words
        )
    if params.from_day:
        return _("Deals that closed on %(from)s or later (%(zone)s).") % words
    if params.to_day:
        return _("Deals that closed on %(to)s or before (%(zone)s).") % words
    return _("Deals that closed on any day.")


def describe_touch(params: ReportParams) -> str:
    """Describes what a touch is, with the look-back."""
    if params.lookback_days is None:
        return _(
            "A touch is a counted view by a contact of the deal that started before the deal "
            "closed. There is no look-back limit."
        )
    return ngettext(
        "A touch is a counted view by a contact of the deal that started before the deal closed, "
        "at most %(days)d day (24 h) before.",
        "A touch is a counted view by a contact of the deal that started before the deal closed, "
        "at most %(days)d days (of 24 h) before.",
        params.lookback_days,
    ) % {"days": params.lookback_days}


def describe_landmark(params: ReportParams) -> str:
    """Describes the landmark of the comparison."""
    return ngettext(
        "The landmark is %(days)d day (of 24 h) after a deal was created.",
        "The landmark is %(days)d days (of 24 h) after a deal was created.",
        params.landmark_days,
    ) % {"days": params.landmark_days}


def format_day(day: dt.date | None) -> str:
    """Format a day, such as 31 Mar 2026; empty for None."""
    return formats.date_format(day, "DATE_FORMAT") if day else ""


def format_instant(params: ReportParams) -> str:
    """Format the instant of the report in the studio's time zone."""
    to_the_second = _("j M Y, H:i:s")
    try:
        return instant_text(params.as_of, to_the_second, params.zone)
    except OverflowError:  # near the year 9999, other time zones cannot show it
        return formats.date_format(params.as_of, to_the_second)
