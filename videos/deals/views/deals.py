"""The deals: their list, their forms, the page of a deal, and the acts on it."""

from typing import Any, ClassVar

import django_filters
from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.views import generic
from wagtail.admin.views.generic.history import HistoryView

from studio.people.models import User
from videos.deals.access import is_visible, may_close, visible_deals
from videos.deals.addresses import deal_url
from videos.deals.closing import close, reopen
from videos.deals.evidence import evidence, touches_on
from videos.deals.forms import CloseForm, PartForm
from videos.deals.models import Deal, DealContact
from videos.deals.money import amount_shown
from videos.planning.views.generic import CheckedEditView, ListView, PageOfOne


class DealFilterSet(WagtailFilterSet):
    """Narrows the list of deals."""

    status = django_filters.MultipleChoiceFilter(
        choices=Deal.Status.choices,
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("Status"),
    )
    closed_at = django_filters.DateFromToRangeFilter(label=gettext_lazy("Closed"))

    class Meta:
        model = Deal
        fields = ["status", "closed_at"]


class DealListView(ListView):
    """The deals that the user may see."""

    empty_text = gettext_lazy(
        "No deals yet. Import them from the CRM, or add one by hand and say which contacts take "
        "part: what they watch before the deal closes is counted as a touch."
    )

    def get_base_queryset(self) -> "QuerySet[Deal]":
        deals: QuerySet[Deal] = super().get_base_queryset()
        return deals.filter(pk__in=visible_deals(self.request.user)).select_related("company")


class DealCreateView(generic.CreateView):
    """A new deal, open."""

    def get_success_url(self) -> str:
        return deal_url(self.object)

    def get_success_buttons(self) -> list[Any]:
        return []


class DealEditView(CheckedEditView):
    """What is known of a deal, put right."""


class DealPage(PageOfOne):
    """One deal: who takes part, what they watched, and how it ended."""

    template_name = "deals/deal.html"

    def get_object(self, queryset: Any = None) -> Deal:
        deal = get_object_or_404(Deal.objects.select_related("company"), pk=self.pk)
        if not is_visible(self.request.user, deal):
            raise Http404
        return deal

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        deal, user = self.object, self.request.user
        acts = may_close(user, deal)
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {
            "deal": deal,
            "amount": amount_shown(deal),
            "parts": deal.deal_contacts.select_related("contact__company"),
            "touches": evidence(touches_on(deal), settings.CURRENCY),
            "may_act": acts,
            "part_form": PartForm(deal=deal) if acts else None,
            "close_form": CloseForm() if acts else None,
            "may_see_contacts": user.has_perm("audience.view_contact"),
            "may_see_videos": user.has_perm("planning.view_video"),
        }


class DealAct(View):
    """An act on a deal, by POST, for those who may close it."""

    http_method_names = ["post"]

    @cached_property
    def user(self) -> User:
        assert isinstance(self.request.user, User)
        return self.request.user

    @cached_property
    def deal(self) -> Deal:
        return get_object_or_404(visible_deals(self.user), pk=self.kwargs["pk"])

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not may_close(self.user, self.deal):
            raise PermissionDenied
        try:
            said = self.act()
        except ValidationError as refusal:
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
        at = checked(CloseForm(self.request.POST))["at"]
        deal = close(self.deal.pk, self.status, by=self.user, at=at)
        text = _("“%(deal)s” is marked: %(status)s.")
        return text % {"deal": deal, "status": deal.get_status_display()}


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
        form = PartForm(self.request.POST, deal=self.deal)
        checked(form)
        return _("%(contact)s takes part in this deal.") % {"contact": form.save().contact}


class RemovePartView(DealAct):
    """Takes a contact out of a deal."""

    def act(self) -> str:
        part = get_object_or_404(
            DealContact.objects.select_related("contact"),
            pk=self.kwargs["part"],
            deal=self.deal,
        )
        part.delete()
        return _("%(contact)s no longer takes part in this deal.") % {"contact": part}


class DealHistory(HistoryView):
    """What became of a deal, for those who may see the deal."""

    def get_object(self) -> Deal:
        deal: Deal = super().get_object()
        if not is_visible(self.request.user, deal):
            raise Http404
        return deal
