"""Reads the parameters of the influence report as the command line takes them."""

import datetime as dt
from collections.abc import Mapping

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from studio.formats.money import is_currency
from videos.deals.attribution.credit import DEFAULT_MODEL, MODELS
from videos.deals.attribution.input import ReportParams
from videos.deals.attribution.load import studio_params
from videos.deals.times import day_of, instant_of

LANDMARK_DAYS = 14


class InvalidParams(ValidationError):
    """The parameters of a report are not valid."""


def parse_params(given: Mapping[str, object]) -> ReportParams:
    """Returns the report parameters in `given`; a missing entry or None means the default.

    Entries: model, lookback_days, landmark_days, from, to, currency and as_of, as text or as values
    of their type, and skip_missing_rates. Raises InvalidParams.
    """
    skip_missing_rates = bool(given.get("skip_missing_rates"))
    texts = {name: str(value).strip() for name, value in given.items() if value is not None}
    from_day, to_day = day(texts.get("from")), day(texts.get("to"))
    if from_day and to_day and from_day > to_day:
        raise InvalidParams(
            _("The first day, %(from)s, is after the last, %(to)s.")
            % {"from": from_day.isoformat(), "to": to_day.isoformat()}
        )
    landmark_days = days(texts.get("landmark_days"))
    return studio_params(
        as_of=instant(texts.get("as_of")),
        model=model(texts.get("model", DEFAULT_MODEL)),
        currency=currency(texts.get("currency", settings.CURRENCY)),
        lookback_days=days(texts.get("lookback_days")),
        landmark_days=LANDMARK_DAYS if landmark_days is None else landmark_days,
        from_day=from_day,
        to_day=to_day,
        skip_missing_rates=skip_missing_rates,
    )


def model(text: str) -> str:
    """Returns the name of an attribution model. Raises InvalidParams."""
    if text not in MODELS:
        raise InvalidParams(
            _("There is no model “%(model)s”; there are %(models)s.")
            % {"model": text, "models": ", ".join(MODELS)}
        )
    return text


def currency(text: str) -> str:
    """Returns an ISO 4217 code. Raises InvalidParams."""
    if not is_currency(text):
        raise InvalidParams(_("“%(code)s” is not a currency code.") % {"code": text})
    return text


def days(text: str | None) -> int | None:
    """Returns a whole number of days from 0; None for None. Raises InvalidParams."""
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise InvalidParams(
            _("“%(days)s” is not a number of days: give a whole number, 0 or more.")
            % {"days": text}
        )
    return int(text)


def day(text: str | None) -> dt.date | None:
    """Returns a day such as 2026-03-31; None for None. Raises InvalidParams."""
    if text is None:
        return None
    try:
        return day_of(text)
    except ValueError:
        raise InvalidParams(
            _("“%(day)s” is not a valid date: give one such as 2026-03-31.") % {"day": text}
        ) from None


def instant(text: str | None) -> dt.datetime:
    """Returns an instant such as 2026-03-31T18:00:00+02:00; now for None. Raises InvalidParams."""
    if text is None:
        return timezone.now()
    try:
        return instant_of(text)
    except ValueError:
        raise InvalidParams(
            _(
                "“%(instant)s” is not a valid time: give date, time and UTC offset, such as "
                "2026-03-31T18:00:00+02:00."
            )
            % {"instant": text}
        ) from None
