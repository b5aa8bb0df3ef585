"""What a person asks of the influence report at a terminal, read into terms."""

import datetime as dt
from collections.abc import Mapping

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from studio.money import is_currency
from videos.deals.credit import DEFAULT_MODEL, MODELS
from videos.deals.load import studio_terms
from videos.deals.times import day_of, instant_of
from videos.deals.world import Terms

LANDMARK_DAYS = 14


class UnclearQuestion(ValidationError):
    """The report cannot be made of what was asked."""


def terms_of(asked: Mapping[str, object]) -> Terms:
    """The terms that `asked` means: missing entries stand for the defaults, empty ones for nothing.

    Known entries: model, lookback_days, landmark_days, from, to, currency, as_of; as text or as
    what they mean; and skip_missing_rates. Raises UnclearQuestion.
    """
    skip_missing_rates = bool(asked.get("skip_missing_rates"))
    given = {name: str(value).strip() for name, value in asked.items() if value is not None}
    from_day, to_day = day(given.get("from")), day(given.get("to"))
    if from_day and to_day and from_day > to_day:
        raise UnclearQuestion(
            _("The first day, %(from)s, is after the last, %(to)s.")
            % {"from": from_day.isoformat(), "to": to_day.isoformat()}
        )
    landmark_days = days(given.get("landmark_days"))
    return studio_terms(
        as_of=instant(given.get("as_of")),
        model=model(given.get("model", DEFAULT_MODEL)),
        currency=currency(given.get("currency", settings.CURRENCY)),
        lookback_days=days(given.get("lookback_days")),
        landmark_days=LANDMARK_DAYS if landmark_days is None else landmark_days,
        from_day=from_day,
        to_day=to_day,
        skip_missing_rates=skip_missing_rates,
    )


def model(text: str) -> str:
    """The name of one of the models."""
    if text not in MODELS:
        raise UnclearQuestion(
            _("There is no model “%(model)s”; there are %(models)s.")
            % {"model": text, "models": ", ".join(MODELS)}
        )
    return text


def currency(text: str) -> str:
    """An ISO 4217 code."""
    if not is_currency(text):
        raise UnclearQuestion(_("“%(code)s” is no currency's code.") % {"code": text})
    return text


def days(text: str | None) -> int | None:
    """A whole number of days from 0; None where nothing is given."""
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise UnclearQuestion(
            _("“%(days)s” is not a number of days: give a whole number from 0.") % {"days": text}
        )
    return int(text)


def day(text: str | None) -> dt.date | None:
    """A day such as 2026-03-31; None where nothing is given."""
    if text is None:
        return None
    try:
        return day_of(text)
    except ValueError:
        raise UnclearQuestion(
            _("There is no day “%(day)s”: give one such as 2026-03-31.") % {"day": text}
        ) from None


def instant(text: str | None) -> dt.datetime:
    """An instant with its offset, such as 2026-03-31T18:00:00+02:00; now where none is given."""
    if text is None:
        return timezone.now()
    try:
        return instant_of(text)
    except ValueError:
        raise UnclearQuestion(
            _(
                "“%(instant)s” is not an instant: give day, time and offset, such as "
                "2026-03-31T18:00:00+02:00."
            )
            % {"instant": text}
        ) from None
