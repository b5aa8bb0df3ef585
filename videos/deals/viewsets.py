"""Deals in the admin, as Wagtail's viewsets."""

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import TitleColumn
from wagtail.admin.viewsets.model import ModelViewSet

from videos.deals.addresses import deal_url
from videos.deals.badges import deal_badge
from videos.deals.forms import DealForm
from videos.deals.models import Deal
from videos.deals.money import amount_shown
from videos.deals.views import deals
from videos.planning.badges import BadgeColumn, DayColumn, LabelledColumn


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
    inspect_view_enabled = True
    inspect_view_fields = ["pk"]
    list_per_page = 30
    search_backend_name = None
    search_fields = ["name", "company__name", "owner_email", "stage"]
    index_view_class = deals.DealListView
    add_view_class = deals.DealCreateView
    edit_view_class = deals.DealEditView
    inspect_view_class = deals.DealPage
    history_view_class = deals.DealHistory
    filterset_class = deals.DealFilterSet
    list_display = [
        TitleColumn("name", label=_("Deal"), get_url=deal_url, sort_key="name"),
        BadgeColumn("status", label=_("Status"), accessor=deal_badge, sort_key="status"),
        LabelledColumn(
            "amount", label=_("Amount"), accessor=amount_shown, classname="planning-number"
        ),
        LabelledColumn("company", label=_("Company"), sort_key="company__name"),
        LabelledColumn("owner_email", label=_("Owner"), sort_key="owner_email"),
        LabelledColumn("stage", label=_("Sales stage")),
        DayColumn("closed_at", label=_("Closed"), sort_key="closed_at"),
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
