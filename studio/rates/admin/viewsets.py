"""The viewset of rates of exchange."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.viewsets.model import ModelViewSet

from studio.changes import keep_on_record
from studio.formats import localized_numbers
from studio.rates.admin import views
from studio.rates.admin.forms import RateForm
from studio.rates.models import Rate
from studio.ui.tables import LabelledColumn
from studio.ui.usage import UsageView

keep_on_record(Rate, "day", "from_currency", "to_currency", "rate")


def rate_text(rate: Rate) -> str:
    """Formats a rate with all its digits."""
    return localized_numbers.shown(rate.rate) if rate.rate.is_finite() else gettext("out of bounds")


class RateViewSet(ModelViewSet):
    """Rates of exchange, imported or entered by hand."""

    model = Rate
    url_prefix = "rates"
    url_namespace = "rates_rates"
    icon = "rotate"
    menu_label = _("Rates of exchange")
    menu_order = 700
    add_to_settings_menu = True
    copy_view_enabled = False
    inspect_view_enabled = False
    list_per_page = 50
    search_fields = ["from_currency", "to_currency"]
    index_view_class = views.RateListView
    add_view_class = views.RateCreateView
    edit_view_class = views.RateEditView
    usage_view_class = UsageView
    filterset_class = views.RateFilterSet
    list_display = [
        "day",
        LabelledColumn("from_currency", label=_("From"), sort_key="from_currency"),
        LabelledColumn("to_currency", label=_("To"), sort_key="to_currency"),
        LabelledColumn("rate", label=_("Rate"), accessor=rate_text, classname="ui-number"),
    ]

    def get_form_class(self, for_update: bool = False) -> type:
        return RateForm
