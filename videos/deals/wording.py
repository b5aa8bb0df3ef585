"""A report's question in words, for pages and terminals: no number without what it is of."""

import datetime as dt

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from studio.clock import instant_text
from videos.deals.world import Terms

DAY_FORMAT = "j M Y"
INSTANT_FORMAT = "j M Y, H:i:s"


def question_in_words(terms: Terms) -> list[str]:
    """Which deals, as of when, in which money, and what a touch is; a sentence each."""
    return [
        period_in_words(terms),
        _("As of %(as_of)s (%(zone)s). Amounts in %(currency)s.")
        % {"as_of": instant_in_words(terms), "zone": terms.zone, "currency": terms.currency},
        touch_in_words(terms),
        landmark_in_words(terms),
    ]


def period_in_words(terms: Terms) -> str:
    """The days of the close, where the studio is."""
    words = {
        "from": day_in_words(terms.from_day),
        "to": day_in_words(terms.to_day),
        "zone": terms.zone,
    }
    if terms.from_day and terms.to_day:
        return (
            _("Deals that closed from %(from)s to %(to)s, both days included (%(zone)s).") % words
        )
    if terms.from_day:
        return _("Deals that closed on %(from)s or later (%(zone)s).") % words
    if terms.to_day:
        return _("Deals that closed on %(to)s or before (%(zone)s).") % words
    return _("Deals that closed on any day.")


def touch_in_words(terms: Terms) -> str:
    """What a touch is, with the look-back."""
    if terms.lookback_days is None:
        return _(
            "A touch is a view that counts, by a contact of the deal, that started before the deal "
            "closed, however long before: there is no look-back."
        )
    return ngettext(
        "A touch is a view that counts, by a contact of the deal, that started before the deal "
        "closed and at most %(days)d day (of 24 h) before: the look-back.",
        "A touch is a view that counts, by a contact of the deal, that started before the deal "
        "closed and at most %(days)d days (of 24 h) before: the look-back.",
        terms.lookback_days,
    ) % {"days": terms.lookback_days}


def landmark_in_words(terms: Terms) -> str:
    """Where the landmark of the fair comparison is."""
    return ngettext(
        "The landmark is %(days)d day (of 24 h) after a deal was created.",
        "The landmark is %(days)d days (of 24 h) after a deal was created.",
        terms.landmark_days,
    ) % {"days": terms.landmark_days}


def day_in_words(day: dt.date | None) -> str:
    """A day such as 31 Mar 2026; empty where there is none."""
    return formats.date_format(day, DAY_FORMAT) if day else ""


def instant_in_words(terms: Terms) -> str:
    """The instant of the report where the studio is."""
    try:
        return instant_text(terms.as_of, INSTANT_FORMAT, terms.zone)
    except OverflowError:  # at the end of all time
        return formats.date_format(terms.as_of, INSTANT_FORMAT)
