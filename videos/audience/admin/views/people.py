"""The audience's lists and pages in the admin."""

from typing import Any

import django_filters
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.views import generic
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.admin.widgets.button import HeaderButton

from studio.collation.listing import CollatedListing
from studio.once.views import Once
from studio.ui.tables import CARDS
from studio.ui.views import CheckedEditView, ClearFilters, PageOfOne, page_of
from videos.audience import links
from videos.audience.access import may_see_contacts, may_share, visible_links, visible_views
from videos.audience.admin.choosers import CompanyChooser, ContactChooser
from videos.audience.admin.forms import ShareForm
from videos.audience.admin.tables import CardTable, link_columns, view_columns
from videos.audience.models import Company, Contact, ShareLink, View
from videos.audience.public import visibility_of_video
from videos.audience.tracking.evidence import EVIDENCE
from videos.audience.urls_for import contact_url, link_url, share_url
from videos.planning.admin.choosers import video_chooser
from videos.planning.models import Video


class ListView(CollatedListing, ClearFilters, generic.IndexView):
    """A list that explains the first step when it is empty."""

    results_template_name = "audience/list_results.html"
    table_classname = CARDS
    first_step: Any = ""

    def get_list_buttons(self, instance: Any) -> list[Any]:
        return []


# Companies and contacts


class CompanyListView(ListView):
    """Companies with the number of their contacts."""

    default_ordering = "name"  # the annotation drops the model's ordering
    first_step = gettext_lazy("Import companies from the CRM, or add them one by one.")

    def get_base_queryset(self) -> QuerySet[Company]:
        standing = Count("contacts", filter=Q(contacts__merged_into=None))
        return Company.objects.annotate(people=standing)


class CompanyCreateView(Once, generic.CreateView):
    """Adds a company."""


class CompanyPage(PageOfOne):
    """A company with its contacts."""

    template_name = "audience/company.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        people = self.object.contacts.filter(merged_into=None)
        return {**super().get_context_data(**kwargs), "people": people}


class ContactFilterSet(WagtailFilterSet):
    """Filters contacts by company."""

    company = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Company"), queryset=Company.objects.all(), widget=CompanyChooser
    )

    class Meta:
        model = Contact
        fields = ["company"]


class ContactListView(ListView):
    """Contacts, without those that were merged into others."""

    first_step = gettext_lazy(
        "Import contacts from the CRM, or add them with a name and an e-mail address."
    )

    def get_base_queryset(self) -> QuerySet[Contact]:
        return Contact.objects.filter(merged_into=None).select_related("company")


class ContactCreateView(Once, generic.CreateView):
    """Adds a contact in a few taps, and goes on to their page."""

    def save_instance(self) -> Contact:
        self.form.instance.created_at = now()
        contact: Contact = super().save_instance()
        return contact

    def get_success_url(self) -> str:
        return contact_url(self.object)

    def get_success_buttons(self) -> list[Any]:
        return []


class ContactPage(PageOfOne):
    """A contact with the share links made for them and what they watched."""

    template_name = "audience/contact.html"

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        buttons = super().header_buttons
        if may_share(self.request.user):
            url = share_url(contact=self.object)
            buttons = [HeaderButton(_("Send a video"), url=url, icon_name="link"), *buttons]
        return buttons

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        made = visible_links(user).filter(contact=self.object).with_watched()
        made = made.select_related("video", "contact", "rep")
        seen = views_of(self.object, visible_views(user)).select_related(*EVIDENCE)
        columns = link_columns(with_rep=True, with_contact=False)
        return {
            **super().get_context_data(**kwargs),
            **page_of_views(seen, self.request),
            "links": CardTable(columns, made) if made else None,
            "sees_links": user.has_perm("audience.view_sharelink"),
            "share_url": share_url(contact=self.object) if may_share(user) else "",
        }


class ContactEditView(CheckedEditView):
    """Changes a contact, and goes back to their page."""

    inspect_url_name = "audience_contacts:inspect"


class CompanyEditView(CheckedEditView):
    """Changes a company, and goes back to its page."""

    inspect_url_name = "audience_companies:inspect"


def views_of(contact: Contact, views: QuerySet[View]) -> QuerySet[View]:
    """Filter views by contact: imported views, and views through the contact's share links."""
    # Primary keys, not a join, for which the database would read every view
    links = list(contact.share_links.order_by().values_list("pk", flat=True))
    return views.filter(Q(contact=contact) | Q(share_link__in=links))


def page_of_views(views: QuerySet[View], request: HttpRequest) -> dict[str, Any]:
    """Context for the page of another object: one page of the views, as the table `views`."""
    page = page_of(views, request)
    seen = page["page_obj"].object_list
    return {
        **page,
        "views": CardTable(view_columns(with_contact=False), seen) if seen else None,
    }


# Share links


class ShareLinkListView(ListView):
    """Share links: everyone's or one's own, with how often they were watched."""

    first_step = gettext_lazy(
        "Create a link to a published video for one prospect."
        " You will get an e-mail when it is watched."
    )
    add_item_label = gettext_lazy("Send to a prospect")

    def get_base_queryset(self) -> QuerySet[ShareLink]:
        links = visible_links(self.request.user).with_watched()
        return links.select_related("video", "contact", "rep")

    @cached_property
    def columns(self) -> list[Any]:
        sees_all = self.request.user.has_perm("audience.view_every_sharelink")
        return link_columns(with_rep=sees_all)


class ShareLinkPage(PageOfOne):
    """A share link: its URL, the text to send it with, and the views through it."""

    template_name = "audience/share_link.html"

    def get_object(self, queryset: Any = None) -> ShareLink:
        mine = visible_links(self.request.user).with_watched()
        link: ShareLink = get_object_or_404(
            mine.select_related("video", "contact", "rep"), pk=self.pk
        )
        return link

    def may_edit(self) -> bool:
        return False

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        link = self.object
        return {
            **super().get_context_data(**kwargs),
            **page_of_views(link.views.select_related(*EVIDENCE), self.request),
            "address": links.absolute_url(link),
            "text": links.mail_text(link),
            "mail_address": links.mailto_url(link),
            "warning": visibility_of_video(link.video).warning,
            "contact_url": contact_url(link.contact),
        }


class ShareView(PermissionCheckedMixin, WagtailAdminTemplateMixin, FormView):
    """Creates a share link to a published video for a contact."""

    model = ShareLink
    permission_required = "add"
    template_name = "audience/share.html"
    form_class = ShareForm
    page_title = gettext_lazy("Send to a prospect")
    header_icon = "link"
    index_url_name = "audience_share_links:index"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        lists = {"url": reverse(self.index_url_name), "label": _("Share links")}
        return [*self.breadcrumbs_items, lists, {"url": "", "label": self.page_title}]

    @cached_property
    def contact(self) -> Contact | None:
        """The contact named in the query string; None if there is none."""
        public_id = self.request.GET.get("contact", "")
        return Contact.objects.filter(public_id=public_id).first() if public_id else None

    def get_initial(self) -> dict[str, Any]:
        public_id = self.request.GET.get("video", "")
        return {"video": Video.objects.filter(public_id=public_id).first()}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "by": self.request.user, "contact": self.contact}

    def form_valid(self, form: ShareForm) -> HttpResponse:
        try:
            link = form.save()
        except ValidationError as refusal:
            form.add_error("video", refusal)
            return self.form_invalid(form)
        messages.success(self.request, _("The link for %(who)s is ready.") % {"who": link.contact})
        return redirect(link_url(link))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.get_initial()["video"]
        return {
            **super().get_context_data(**kwargs),
            "contact": self.contact,
            "asked": asked,
            "warning": visibility_of_video(asked).warning if asked else "",
            "action_url": self.request.get_full_path(),
            "submit_button_label": _("Create the link"),
            "submit_button_active_label": _("Creating the link…"),
        }


# Views


class ViewFilterSet(WagtailFilterSet):
    """Filters views by video and contact."""

    video = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Video"), queryset=Video.objects.all(), widget=video_chooser()
    )
    contact = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Contact"),
        queryset=Contact.objects.filter(merged_into=None),
        widget=ContactChooser,
        method="of_contact",
    )

    class Meta:
        model = View
        fields = ["video"]

    def of_contact(self, views: QuerySet[View], name: str, contact: Contact) -> QuerySet[View]:
        """Filter views by contact."""
        return views_of(contact, views)


class ViewListView(ListView):
    """Every view as evidence: who watched what, for how long, and whether it counts."""

    page_title = gettext_lazy("Views")
    first_step = gettext_lazy("A view appears here as soon as somebody plays a published video.")
    default_ordering = "-started_at"

    def get_base_queryset(self) -> QuerySet[View]:
        if not self.request.user.has_perm("audience.view_view"):
            raise PermissionDenied
        return visible_views(self.request.user).select_related(*EVIDENCE)

    def get_add_url(self) -> None:
        """Returns None: not even superusers add views by hand."""

    @cached_property
    def columns(self) -> list[Any]:
        return view_columns(opens_contacts=may_see_contacts(self.request.user))
