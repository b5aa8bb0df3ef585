"""The pages of deals: list, forms, the page of a deal, and its actions."""

from collections.abc import Sequence
from typing import Any, ClassVar

import django_filters
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Table
from wagtail.admin.views import generic
from wagtail.admin.views.generic.history import HistoryView
from wagtail.admin.widgets.button import HeaderButton

from studio.clock import which_text
from studio.formats.plain_numbers import key_of
from studio.once.views import ActOnceView, Once
from studio.ui.usage import UsageView
from studio.ui.views import CheckedEditView, ListView, PageOfOne
from videos.deals.access import (
    is_visible,
    may_change_contacts,
    may_close,
    may_import,
    may_reopen,
    may_see_influence,
    visible_deals,
)
from videos.deals.admin.forms import CloseForm, DealContactForm, ReasonForm
from videos.deals.closed_deals import change_refusal
from videos.deals.deal_contacts import add_contact, remove_contact
from videos.deals.deal_status import close, reopen
from videos.deals.imports.reconcile import notes_on
from videos.deals.models import Deal, DealContact, DealQuerySet
from videos.deals.money import format_amount
from videos.deals.reports.evidence import deals_with_related, evidence, mark_late, touches_on
from videos.deals.urls_for import deal_url, evidence_url

TOUCHES_SHOWN = 50  # latest touches on the page of a deal; the evidence page has all of them


class DealFilterSet(WagtailFilterSet):
    """Filters of the list of deals."""

    status = django_filters.MultipleChoiceFilter(
        choices=Deal.Status.choices,
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("Status"),
        method="with_status",
    )
    closed_at = django_filters.DateFromToRangeFilter(label=gettext_lazy("Closed"))

    class Meta:
        model = Deal
        fields = ["status", "closed_at"]

    def with_status(self, deals: DealQuerySet, name: str, statuses: list[str]) -> DealQuerySet:
        """Filters by status today."""
        return deals.with_status(*statuses) if statuses else deals

    def filter_queryset(self, queryset: "QuerySet[Deal]") -> "QuerySet[Deal]":
        """Leaves deals that close in the future out of a filter by close."""
        found: QuerySet[Deal] = super().filter_queryset(queryset)
        is_asked = self.form.cleaned_data.get("closed_at")
        return found.filter(closed_at__lte=timezone.now()) if is_asked else found


class DealListView(ListView):
    """The list of the deals that the user may see."""

    empty_text = gettext_lazy(
        "No deals yet. Import them from the CRM, or add one by hand with its contacts: every video "
        "they watch before the deal closes counts as a touch."
    )

    def get_base_queryset(self) -> "QuerySet[Deal]":
        deals: QuerySet[Deal] = super().get_base_queryset()
        return deals.filter(pk__in=visible_deals(self.request.user)).select_related(
            "company", "owner"
        )

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        found: list[HeaderButton] = super().header_buttons
        if not may_import(self.request.user):
            return found
        url = reverse("deals_imports:add")
        return [*found, HeaderButton(_("Import files"), url=url, icon_name="upload")]

    def get_table(self, object_list: "QuerySet[Deal]") -> Table:
        mark_late(object_list)
        return super().get_table(object_list)


class DealCreateView(Once, generic.CreateView):
    """Adds an open deal."""

    def get_success_url(self) -> str:
        return deal_url(self.object)

    def get_success_message(self, instance: Deal) -> str:
        return with_occurrence(super().get_success_message(instance), instance)

    def get_success_buttons(self) -> list[Any]:
        return []


class DealEditView(CheckedEditView):
    """Edits a deal, with its row locked so that no concurrent close is overwritten."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        deal = visible_deals(request.user).filter(pk=key_of(self.object_pk)).first()
        if deal and not deal.is_open and (refusal := change_refusal(deal, request.user)):
            messages.error(request, " ".join(refusal.messages))
            return redirect(deal_url(deal))
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with transaction.atomic():
            response: HttpResponse = super().post(request, *args, **kwargs)
        return response

    def get_object(self, queryset: Any = None) -> Model:
        if self.request.method == "POST":
            queryset = Deal.objects.select_for_update()
        return super().get_object(queryset)

    def get_success_message(self) -> str:
        return with_occurrence(super().get_success_message(), self.object)


def with_occurrence(said: str, deal: Deal) -> str:
    """Adds which occurrence the creation time is, if the clock showed it twice."""
    return f"{said} {which_text(deal.created_at)}".strip()


class DealPage(PageOfOne):
    """The page of a deal: contacts, latest touches and status."""

    template_name = "deals/deal.html"

    def get_object(self, queryset: Any = None) -> Deal:
        deal = get_object_or_404(deals_with_related(), pk=self.pk)
        if not is_visible(self.request.user, deal):
            raise Http404
        return deal

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        deal, user = self.object, self.request.user
        acts, changes_parts = may_close(user, deal), may_change_contacts(user, deal)
        found = touches_on(deal)
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {
            "deal": deal,
            "amount": format_amount(deal),
            "known_by": deal.close_state.known_by,
            "parts": deal.deal_contacts.select_related("contact__company"),
            "touches": evidence(found[: -TOUCHES_SHOWN - 1 : -1], settings.CURRENCY),
            "count": len(found),
            "late": sum(one.touch.is_late for one in found),
            "late_amount": affected_amount(deal, [one.touch.is_late for one in found]),
            "early": sum(one.touch.is_early for one in found),
            "early_amount": affected_amount(deal, [one.touch.is_early for one in found]),
            "changed_amount": affected_amount(deal, [deal.changed_after_close for _one in found]),
            "evidence_url": evidence_url(deal=deal.public_id) if may_see_influence(user) else "",
            "may_act": acts,
            "may_reopen": may_reopen(user, deal),
            "may_change_contacts": changes_parts,
            "contact_form": DealContactForm(deal=deal) if changes_parts else None,
            "reason_form": None if deal.is_open else ReasonForm(),
            "why_not": None if deal.is_open else change_refusal(deal, user),
            "notes": notes_on(deal),
            "media": DealContactForm(deal=deal).media if changes_parts else "",
            "close_form": CloseForm() if acts else None,
            "may_see_contacts": user.has_perm("audience.view_contact"),
            "may_see_videos": user.has_perm("planning.view_video"),
        }


def affected_amount(deal: Deal, affected: Sequence[bool]) -> str:
    """Returns the amount of a won deal if all its touches are affected; else an empty text."""
    is_won = deal.status == Deal.Status.WON and not deal.is_open
    is_lost = is_won and affected and all(affected)
    return format_amount(deal) if is_lost else ""


class DealAct(ActOnceView):
    """An action on a deal, for users who may close it."""

    @cached_property
    def deal(self) -> Deal:
        return get_object_or_404(visible_deals(self.by), pk=self.kwargs["pk"])

    def may_act(self) -> bool:
        return may_close(self.by, self.deal)

    def back(self) -> str:
        return deal_url(self.deal)


def cleaned_data(form: Any) -> Any:
    """Returns the cleaned data of a form. Raises ValidationError with its errors."""
    if not form.is_valid():
        raise ValidationError([text for errors in form.errors.values() for text in errors])
    return form.cleaned_data


class CloseView(DealAct):
    """Marks a deal won or lost."""

    status: ClassVar[Deal.Status] = Deal.Status.WON

    def act(self) -> str:
        at = cleaned_data(CloseForm(self.request.POST, deal=self.deal))["at"]
        deal = close(self.deal.pk, self.status, by=self.by, at=at)
        text = _("“%(deal)s” was marked as %(status)s.")
        said = text % {"deal": deal, "status": deal.get_status_display()}
        return f"{said} {which_text(deal.closed_at)}".strip() if at and deal.closed_at else said


class WinView(CloseView):
    """Marks a deal won."""


class LoseView(CloseView):
    """Marks a deal lost."""

    status = Deal.Status.LOST


class ReopenView(DealAct):
    """Reopens a closed deal."""

    def act(self) -> str:
        deal = reopen(self.deal.pk, by=self.by, reason=self.request.POST.get("reason", ""))
        return _("“%(deal)s” was reopened.") % {"deal": deal}


class AddContactView(DealAct):
    """Adds a contact to a deal."""

    def act(self) -> str:
        told = cleaned_data(DealContactForm(self.request.POST, deal=self.deal))
        part = add_contact(
            self.deal.pk,
            told["contact"],
            told["role"],
            by=self.by,
            reason=told.get("reason", ""),
        )
        return _("%(contact)s was added to this deal.") % {"contact": part.contact}


class RemoveContactView(DealAct):
    """Removes a contact from a deal."""

    def act(self) -> str:
        reason = self.request.POST.get("reason", "")
        try:
            part = remove_contact(self.deal.pk, self.kwargs["part"], by=self.by, reason=reason)
        except DealContact.DoesNotExist as gone:
            raise Http404 from gone
        return _("%(contact)s was removed from this deal.") % {"contact": part}


class DealHistory(HistoryView):
    """The history of a deal, for users who may see the deal."""

    def get_object(self) -> Deal:
        deal: Deal = super().get_object()
        if not is_visible(self.request.user, deal):
            raise Http404
        return deal


class DealUsage(UsageView):
    """The references to a deal, for users who may see the deal."""

    def get_object(self) -> Deal:
        deal: Deal = super().get_object()
        if not is_visible(self.request.user, deal):
            raise Http404
        return deal
