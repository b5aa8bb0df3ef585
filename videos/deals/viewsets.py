"""Deals in the admin, as Wagtail's viewsets."""

import datetime as dt

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import TitleColumn
from wagtail.admin.viewsets.model import ModelViewSet

from studio.changes import keep_on_record
from videos.deals.addresses import deal_url
from videos.deals.badges import deal_badge, deal_marks
from videos.deals.forms import DealForm, RateForm
from videos.deals.models import Deal, Rate
from videos.deals.money import amount_shown, rate_shown
from videos.deals.views import deals, rates
from videos.planning.badges import BadgeColumn, DayColumn, LabelledColumn

keep_on_record(Deal, "name", "company", "owner", "amount", "currency", "created_at")
keep_on_record(Rate, "day", "from_currency", "to_currency", "rate")


def closed_at(deal: Deal) -> dt.datetime | None:
    """When a deal closed; None for one whose close is still to come."""
    return None if deal.is_open else deal.closed_at


class MarksColumn(LabelledColumn):
    """A column of several badges a cell."""

    cell_template_name = "deals/marks_cell.html"


class DealViewSet(ModelViewSet):
    """Sales in the making, and how they ended."""

    model = Deal
    url_prefix = "deals"
    url_namespace = "deals"
    icon = "tag"
    menu_label = _("Deals")
    menu_order = 230
    add_to_admin_menu = True
    copy_view_enabled = False
    create_template_name = "planning/create.html"
    inspect_view_enabled = True
    inspect_view_fields = ["pk"]
    list_per_page = 30
    search_backend_name = None
    search_fields = [
        "name",
        "company__name",
        "owner__first_name",
        "owner__last_name",
        "owner_email",
        "stage",
    ]
    index_view_class = deals.DealListView
    add_view_class = deals.DealCreateView
    edit_view_class = deals.DealEditView
    inspect_view_class = deals.DealPage
    history_view_class = deals.DealHistory
    filterset_class = deals.DealFilterSet
    list_display = [
        TitleColumn("name", label=_("Deal"), get_url=deal_url, sort_key="name"),
        BadgeColumn("status", label=_("Status"), accessor=deal_badge, sort_key="status"),
        MarksColumn("marks", label=_("Remarks"), accessor=deal_marks),
        LabelledColumn(
            "amount", label=_("Amount"), accessor=amount_shown, classname="planning-number"
        ),
        LabelledColumn("company", label=_("Company"), sort_key="company__name"),
        LabelledColumn("owner_shown", label=_("Owner"), sort_key="owner__last_name"),
        LabelledColumn("stage", label=_("Sales stage")),
        DayColumn("closed_at", label=_("Closed"), accessor=closed_at, sort_key="closed_at"),
    ]

    def get_form_class(self, for_update: bool = False) -> type:
        return DealForm

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("<int:pk>/won/", deals.WinView.as_view(), name="win"),
            path("<int:pk>/lost/", deals.LoseView.as_view(), name="lose"),
            path("<int:pk>/open/", deals.ReopenView.as_view(), name="reopen"),
            path("<int:pk>/contacts/add/", deals.AddPartView.as_view(), name="add_part"),
            path(
                "<int:pk>/contacts/<int:part>/remove/",
                deals.RemovePartView.as_view(),
                name="remove_part",
            ),
        ]


class RateViewSet(ModelViewSet):
    """Rates of exchange, imported or entered by hand."""

    model = Rate
    url_prefix = "rates"
    url_namespace = "deals_rates"
    icon = "rotate"
    menu_label = _("Rates of exchange")
    menu_order = 700
    add_to_settings_menu = True
    copy_view_enabled = False
    inspect_view_enabled = False
    list_per_page = 50
    search_backend_name = None
    search_fields = ["from_currency", "to_currency"]
    index_view_class = rates.RateListView
    add_view_class = rates.RateCreateView
    edit_view_class = rates.RateEditView
    filterset_class = rates.RateFilterSet
    list_display = [
        "day",
        LabelledColumn("from_currency", label=_("From"), sort_key="from_currency"),
        LabelledColumn("to_currency", label=_("To"), sort_key="to_currency"),
        LabelledColumn("rate", label=_("Rate"), accessor=rate_shown, classname="planning-number"),
    ]

    def get_form_class(self, for_update: bool = False) -> type:
        return RateForm
