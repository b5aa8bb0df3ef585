"""The deals: their list, their forms, the page of a deal, and the acts on it."""

from collections.abc import Sequence
from typing import Any, ClassVar

import django_filters
from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Table
from wagtail.admin.views import generic
from wagtail.admin.views.generic.history import HistoryView

from studio.clock import which_text
from studio.once.views import Once
from studio.people.models import User
from videos.deals.access import (
    is_visible,
    may_change_parts,
    may_close,
    may_reopen,
    may_see_influence,
    visible_deals,
)
from videos.deals.addresses import deal_url, evidence_url
from videos.deals.closing import close, reopen
from videos.deals.evidence import evidence, mark_late, shown_deals, touches_on
from videos.deals.forms import CloseForm, PartForm
from videos.deals.models import Deal, DealContact, DealQuerySet
from videos.deals.money import amount_shown
from videos.deals.parts import add_part, remove_part
from videos.planning.views.generic import CheckedEditView, ListView, PageOfOne

SHOWN = 50  # touches on the page of a deal, the newest; the evidence has all, in pages


class DealFilterSet(WagtailFilterSet):
    """Narrows the list of deals."""

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
        """Deals that have one of the statuses today."""
        return deals.standing(*statuses) if statuses else deals

    def filter_queryset(self, queryset: "QuerySet[Deal]") -> "QuerySet[Deal]":
        """A close that is still to come is none that a period could hold."""
        found: QuerySet[Deal] = super().filter_queryset(queryset)
        is_asked = self.form.cleaned_data.get("closed_at")
        return found.filter(closed_at__lte=timezone.now()) if is_asked else found


class DealListView(ListView):
    """The deals that the user may see."""

    empty_text = gettext_lazy(
        "No deals yet. Import them from the CRM, or add one by hand and say which contacts take "
        "part: what they watch before the deal closes is counted as a touch."
    )

    def get_base_queryset(self) -> "QuerySet[Deal]":
        deals: QuerySet[Deal] = super().get_base_queryset()
        return deals.filter(pk__in=visible_deals(self.request.user)).select_related(
            "company", "owner"
        )

    def get_table(self, object_list: "QuerySet[Deal]") -> Table:
        mark_late(object_list)
        return super().get_table(object_list)


class DealCreateView(Once, generic.CreateView):
    """A new deal, open."""

    def get_success_url(self) -> str:
        return deal_url(self.object)

    def get_success_message(self, instance: Deal) -> str:
        return with_which(super().get_success_message(instance), instance)

    def get_success_buttons(self) -> list[Any]:
        return []


class DealEditView(CheckedEditView):
    """What is known of a deal, put right, one at a time: nobody's close is undone by a form."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with transaction.atomic():
            response: HttpResponse = super().post(request, *args, **kwargs)
        return response

    def get_object(self, queryset: Any = None) -> Model:
        if self.request.method == "POST":
            queryset = Deal.objects.select_for_update()
        return super().get_object(queryset)

    def get_success_message(self) -> str:
        return with_which(super().get_success_message(), self.object)


def with_which(said: str, deal: Deal) -> str:
    """What was said, and which of two its creation is, where that time comes twice."""
    return f"{said} {which_text(deal.created_at)}".strip()


class DealPage(PageOfOne):
    """One deal: who takes part, what they watched of late, and how it ended."""

    template_name = "deals/deal.html"

    def get_object(self, queryset: Any = None) -> Deal:
        deal = get_object_or_404(shown_deals(), pk=self.pk)
        if not is_visible(self.request.user, deal):
            raise Http404
        return deal

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        deal, user = self.object, self.request.user
        acts, changes_parts = may_close(user, deal), may_change_parts(user, deal)
        found = touches_on(deal)
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {
            "deal": deal,
            "amount": amount_shown(deal),
            "known_by": deal.standing.known_by,
            "parts": deal.deal_contacts.select_related("contact__company"),
            "touches": evidence(found[: -SHOWN - 1 : -1], settings.CURRENCY),
            "count": len(found),
            "late": sum(one.touch.is_late for one in found),
            "late_amount": hanging_amount(deal, [one.touch.is_late for one in found]),
            "early": sum(one.touch.is_early for one in found),
            "early_amount": hanging_amount(deal, [one.touch.is_early for one in found]),
            "changed_amount": hanging_amount(deal, [deal.changed_after_close for _one in found]),
            "evidence_url": evidence_url(deal=deal.public_id) if may_see_influence(user) else "",
            "may_act": acts,
            "may_reopen": may_reopen(user, deal),
            "may_change_parts": changes_parts,
            "part_form": PartForm(deal=deal) if changes_parts else None,
            "close_form": CloseForm() if acts else None,
            "may_see_contacts": user.has_perm("audience.view_contact"),
            "may_see_videos": user.has_perm("planning.view_video"),
        }


def hanging_amount(deal: Deal, marked: Sequence[bool]) -> str:
    """The amount of a won deal all of whose touches are marked, so that it hangs on them; else
    empty.
    """
    is_won = deal.status == Deal.Status.WON and not deal.is_open
    hangs = is_won and marked and all(marked)
    return amount_shown(deal) if hangs else ""


class DealAct(Once, View):
    """An act on a deal, by POST, for those who may close it."""

    http_method_names = ["post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may_close(self.user, self.deal):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def form_url(self, request: HttpRequest) -> str:
        return deal_url(self.deal)

    @cached_property
    def user(self) -> User:
        assert isinstance(self.request.user, User)
        return self.request.user

    @cached_property
    def deal(self) -> Deal:
        return get_object_or_404(visible_deals(self.user), pk=self.kwargs["pk"])

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            said = self.act()
        except ValidationError as refusal:
            self.is_refused = True
            messages.error(request, " ".join(refusal.messages))
        else:
            messages.success(request, said)
        return redirect(deal_url(self.deal))

    def act(self) -> str:
        """Does it, and says what was done. Raises ValidationError."""
        raise NotImplementedError


def checked(form: Any) -> Any:
    """What a form holds. Raises ValidationError with what is wrong in it."""
    if not form.is_valid():
        raise ValidationError([text for errors in form.errors.values() for text in errors])
    return form.cleaned_data


class CloseView(DealAct):
    """Marks a deal won or lost."""

    status: ClassVar[Deal.Status] = Deal.Status.WON

    def act(self) -> str:
        at = checked(CloseForm(self.request.POST, deal=self.deal))["at"]
        deal = close(self.deal.pk, self.status, by=self.user, at=at)
        text = _("“%(deal)s” is marked: %(status)s.")
        said = text % {"deal": deal, "status": deal.get_status_display()}
        return f"{said} {which_text(deal.closed_at)}".strip() if at and deal.closed_at else said


class WinView(CloseView):
    """Marks a deal won."""


class LoseView(CloseView):
    """Marks a deal lost."""

    status = Deal.Status.LOST


class ReopenView(DealAct):
    """Opens a closed deal again."""

    def act(self) -> str:
        return _("“%(deal)s” is open again.") % {"deal": reopen(self.deal.pk, by=self.user)}


class AddPartView(DealAct):
    """Says that a contact takes part."""

    def act(self) -> str:
        told = checked(PartForm(self.request.POST, deal=self.deal))
        part = add_part(self.deal.pk, told["contact"], told["role"], by=self.user)
        return _("%(contact)s takes part in this deal.") % {"contact": part.contact}


class RemovePartView(DealAct):
    """Takes a contact out of a deal."""

    def act(self) -> str:
        try:
            part = remove_part(self.deal.pk, self.kwargs["part"], by=self.user)
        except DealContact.DoesNotExist as gone:
            raise Http404 from gone
        return _("%(contact)s no longer takes part in this deal.") % {"contact": part}


class DealHistory(HistoryView):
    """What became of a deal, for those who may see the deal."""

    def get_object(self) -> Deal:
        deal: Deal = super().get_object()
        if not is_visible(self.request.user, deal):
            raise Http404
        return deal
