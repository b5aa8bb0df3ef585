"""Choosing a contact or a company by search, wherever a form asks for one."""

from typing import Any

from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import HttpRequest
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from studio.collation.functions import SortKey
from studio.formats.plain_numbers import key_of
from studio.ui.choosers import MoreColumn, RowChooserViewSet
from videos.audience.access import may_name_companies, may_name_contacts
from videos.audience.models import Company, Contact

COMPANY = "company"  # query parameter of the chooser: the contacts of this company come first


class ContactChooserViewSet(RowChooserViewSet):
    """Chooses a contact that was not merged into another; those of a given company come first."""

    name = "audience_contact_chooser"
    url_prefix = "choose/contact"
    model = Contact
    icon = "user"
    choose_one_text = _("Choose a contact")
    choose_another_text = _("Choose another contact")
    creation_form_class = "videos.audience.admin.forms.NewContactForm"
    creation_tab_label = _("New contact")
    create_action_label = _("Add and choose")
    preserve_url_parameters = [COMPANY]
    search_fields = ["name", "email", "company__name"]
    columns = [
        MoreColumn("company", label=_("Company"), accessor=lambda one: one.company or ""),
        MoreColumn("email", label=_("E-mail address")),
    ]
    may_choose = staticmethod(may_name_contacts)

    @staticmethod
    def rows(request: HttpRequest) -> "QuerySet[Contact]":
        first = When(company=key_of(request.GET.get(COMPANY, "")), then=Value(0))
        order = Case(first, default=Value(1), output_field=IntegerField())
        contacts = Contact.objects.filter(merged_into=None).select_related("company")
        return contacts.order_by(order, SortKey("name"), SortKey("email"), "pk")

    @staticmethod
    def save_new(view: Any, form: Any) -> Contact:
        form.instance.created_at = now()
        new: Any = RowChooserViewSet.save_new(view, form)
        return new  # type: ignore[no-any-return]


class CompanyChooserViewSet(RowChooserViewSet):
    """Chooses a company."""

    name = "audience_company_chooser"
    url_prefix = "choose/company"
    model = Company
    icon = "home"
    choose_one_text = _("Choose a company")
    choose_another_text = _("Choose another company")
    creation_form_class = "videos.audience.admin.forms.NewCompanyForm"
    creation_tab_label = _("New company")
    create_action_label = _("Add and choose")
    search_fields = ["name", "domain"]
    columns = [MoreColumn("domain", label=_("Domain"))]
    may_choose = staticmethod(may_name_companies)

    @staticmethod
    def rows(request: HttpRequest) -> "QuerySet[Company]":
        return Company.objects.all()


contact_chooser = ContactChooserViewSet()
company_chooser = CompanyChooserViewSet()
ContactChooser = contact_chooser.widget_class
CompanyChooser = company_chooser.widget_class


def contact_chooser_for(company_id: int | None) -> Any:
    """The widget to choose a contact with; those of the company come first."""
    return ContactChooser(query=f"?{COMPANY}={company_id}" if company_id else "")
