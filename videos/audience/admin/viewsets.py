"""The audience's lists, forms and pages, as Wagtail's viewsets."""

from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import TitleColumn
from wagtail.admin.viewsets.model import ModelViewSet

from studio.changes import keep_on_record
from studio.ui.acts import ActedOnViewSet
from studio.ui.tables import LabelledColumn
from studio.ui.usage import UsageView
from videos.audience.admin.forms import ContactForm
from videos.audience.admin.tables import LinkColumn, NumberColumn
from videos.audience.admin.views import people
from videos.audience.models import Company, Contact, ShareLink, View
from videos.audience.urls_for import company_url, contact_url

keep_on_record(Company, "name", "domain")
keep_on_record(Contact, "name", "email", "company", "created_at", "merged_into")


class CompanyViewSet(ModelViewSet):
    """Buyers' companies."""

    model = Company
    url_prefix = "companies"
    url_namespace = "audience_companies"
    icon = "home"
    menu_order = 220
    add_to_admin_menu = True
    copy_view_enabled = False
    inspect_view_enabled = True
    inspect_view_fields = ["pk"]
    form_fields = ["name", "domain"]
    create_template_name = "once/create.html"
    index_view_class = people.CompanyListView
    add_view_class = people.CompanyCreateView
    inspect_view_class = people.CompanyPage
    edit_view_class = people.CompanyEditView
    usage_view_class = UsageView
    search_fields = ["name", "domain"]
    list_per_page = 30
    list_display = [
        TitleColumn("name", label=_("Name"), get_url=company_url, sort_key="name"),
        LabelledColumn("domain", label=_("Domain"), sort_key="domain"),
        NumberColumn("people", label=_("Contacts"), sort_key="people"),
    ]


class ContactViewSet(ModelViewSet):
    """People at buyers' companies."""

    model = Contact
    url_prefix = "contacts"
    url_namespace = "audience_contacts"
    icon = "user"
    menu_order = 210
    add_to_admin_menu = True
    copy_view_enabled = False
    inspect_view_enabled = True
    inspect_view_fields = ["pk"]
    create_template_name = "once/create.html"
    index_view_class = people.ContactListView
    add_view_class = people.ContactCreateView
    inspect_view_class = people.ContactPage
    edit_view_class = people.ContactEditView
    usage_view_class = UsageView
    filterset_class = people.ContactFilterSet
    search_fields = ["name", "email", "company__name"]
    list_per_page = 30
    list_display = [
        TitleColumn("name", label=_("Name"), accessor=str, get_url=contact_url, sort_key="name"),
        LinkColumn(
            "company",
            label=_("Company"),
            get_url=lambda contact: company_url(contact.company) if contact.company else None,
            sort_key="company__name",
        ),
        LabelledColumn("email", label=_("E-mail address"), sort_key="email"),
    ]

    def get_form_class(self, for_update: bool = False) -> type[ContactForm]:
        return ContactForm


class ShareLinkViewSet(ActedOnViewSet):
    """Share links: they are created and shown, but never edited."""

    model = ShareLink
    url_prefix = "share-links"
    url_namespace = "audience_share_links"
    icon = "link"
    menu_order = 200
    add_to_admin_menu = True
    exclude_form_fields = ["rep"]
    index_view_class = people.ShareLinkListView
    inspect_view_class = people.ShareLinkPage
    search_fields = ["video__title", "contact__name", "contact__email", "contact__company__name"]
    list_per_page = 30

    @property
    def add_view(self) -> Any:
        return self.construct_view(people.ShareView)


class ViewViewSet(ModelViewSet):
    """The list of views, as evidence."""

    model = View
    url_prefix = "views"
    url_namespace = "audience_views"
    icon = "view"
    copy_view_enabled = False
    add_to_reference_index = False
    form_fields: list[str] = []
    index_view_class = people.ViewListView
    filterset_class = people.ViewFilterSet
    list_per_page = 50

    @cached_property
    def search_fields(self) -> None:
        return None

    def get_urlpatterns(self) -> list[URLPattern]:
        return only(super().get_urlpatterns(), "index", "index_results")

    def register_admin_url_finder(self) -> None:
        """Registers none, since a view has no page of its own."""


def only(patterns: list[URLPattern], *names: str) -> list[URLPattern]:
    """The URL patterns with one of the names."""
    return [pattern for pattern in patterns if pattern.name in names]


class ViewsMenuItem(MenuItem):
    """The list of views in the menu of reports, for users who may see views."""

    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm("audience.view_view")


def views_menu_item() -> ViewsMenuItem:
    """The menu item of the list of views."""
    return ViewsMenuItem(_("Views"), reverse("audience_views:index"), icon_name="view", order=900)
