"""Puts what people do to rates of exchange on the administrators' record."""

from django.utils.translation import gettext_lazy as _

from studio.rates.models import Rate
from studio.record import by_somebody, is_not, logged, of_rows, register_acts

register_acts(
    "rates",
    by_somebody()
    & is_not("by_import")
    & logged("wagtail.create", "wagtail.edit", "wagtail.delete")
    & of_rows(Rate),
    _("Rates of exchange"),
)
