"""The viewset of deals."""

import datetime as dt

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.admin.ui.tables import TitleColumn
from wagtail.admin.viewsets.model import ModelViewSet

from studio.changes import keep_on_record
from studio.ui.tables import BadgeColumn, DayColumn, LabelledColumn
from videos.deals.admin.badges import deal_badge, deal_marks
from videos.deals.admin.forms import DealForm
from videos.deals.admin.views import deals
from videos.deals.models import Deal
from videos.deals.money import format_amount
from videos.deals.urls_for import deal_url

keep_on_record(Deal, "name", "company", "owner", "stage", "amount", "currency", "created_at")


def closed_at(deal: Deal) -> dt.datetime | None:
    """Returns when a deal closed; None while it is open."""
    return None if deal.is_open else deal.closed_at


class MarksColumn(LabelledColumn):
    """A column with several badges in a cell."""

    cell_template_name = "deals/marks_cell.html"


class DealViewSet(ModelViewSet):
    """Deals."""

    model = Deal
    url_prefix = "deals"
    url_namespace = "deals_deals"
    icon = "tag"
    menu_label = _("Deals")
    menu_order = 230
    add_to_admin_menu = True
    copy_view_enabled = False
    create_template_name = "once/create.html"
    inspect_view_enabled = True
    inspect_view_fields = ["pk"]
    list_per_page = 30
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
    usage_view_class = deals.DealUsage
    filterset_class = deals.DealFilterSet
    list_display = [
        TitleColumn("name", label=_("Deal"), get_url=deal_url, sort_key="name"),
        BadgeColumn("status", label=_("Status"), accessor=deal_badge, sort_key="status"),
        MarksColumn("marks", label=_("Remarks"), accessor=deal_marks),
        LabelledColumn("amount", label=_("Amount"), accessor=format_amount, classname="ui-number"),
        LabelledColumn("company", label=_("Company"), sort_key="company__name"),
        LabelledColumn(
            "owner_name", label=pgettext_lazy("deal", "Owner"), sort_key="owner__last_name"
        ),
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
            path("<int:pk>/contacts/add/", deals.AddContactView.as_view(), name="add_contact"),
            path(
                "<int:pk>/contacts/<int:part>/remove/",
                deals.RemoveContactView.as_view(),
                name="remove_contact",
            ),
        ]
