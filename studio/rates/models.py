"""The rates of exchange that deals and budgets are converted at."""

from django.db import models
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from studio.fields import ExactDecimalField
from studio.formats.localized_numbers import shown
from studio.rates.conversion import Rates


class RateQuerySet(models.QuerySet["Rate"]):
    """Rates, as conversions use them."""

    def rates_to(self, currency: str) -> Rates:
        """Returns every known rate into `currency`."""
        rows = self.order_by().filter(to_currency=currency)
        return {
            (from_currency, to_currency, day): rate
            for from_currency, to_currency, day, rate in rows.values_list(
                "from_currency", "to_currency", "day", "rate"
            )
        }


class Rate(models.Model):
    """On a day, one of `from_currency` was `rate` of `to_currency`."""

    day = models.DateField(_("day"))
    from_currency = models.CharField(_("from"), max_length=3)
    to_currency = models.CharField(_("to"), max_length=3)
    rate = ExactDecimalField(_("rate"))

    objects = RateQuerySet.as_manager()

    class Meta:
        verbose_name = _("rate of exchange")
        verbose_name_plural = _("rates of exchange")
        ordering = ["-day", "from_currency", "to_currency"]
        constraints = [
            models.UniqueConstraint(
                fields=["day", "from_currency", "to_currency"],
                name="rates_rate_once",
                violation_error_message=_(
                    "There is a rate of this pair for this day already: change that one."
                ),
            )
        ]

    def __str__(self) -> str:
        rate = shown(self.rate) if self.rate.is_finite() else _("out of bounds")
        day = date_format(self.day, "DATE_FORMAT")
        return f"{day}: 1 {self.from_currency} = {rate} {self.to_currency}"
