"""Views to post an expense, reverse an entry and close a period."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView, TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from budgets import access, errors, ledger, periods
from budgets.admin.forms import ExpenseForm, ReasonForm, expense_day, open_lines
from budgets.admin.views.base import PermissionMixin, breadcrumbs, budget_breadcrumb, show_refusal
from budgets.admin.views.estimates import actor, panel_url
from budgets.empty_choices import explain, lack_of_lines, lack_of_videos
from budgets.models import Entry, Period
from budgets.models.budget import today
from studio.formats.plain_numbers import key_of
from studio.once.views import Once
from videos.planning.models import Video


class ExpensePage(PermissionMixin, Once, WagtailAdminTemplateMixin, FormView):
    """Posts an expense; `?video=` and `?line=` set the initial values."""

    allowed = access.may_post_expense
    form_class = ExpenseForm
    page_title = _("Post an expense")
    header_icon = "plus"
    template_name = "budgets/expense.html"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return breadcrumbs(budget_breadcrumb(), ("", self.page_title))

    def get_form_kwargs(self) -> dict[str, Any]:
        allowed = access.may_override(self.request.user)
        return {**super().get_form_kwargs(), "may_override": allowed}

    def get_initial(self) -> dict[str, Any]:
        params = self.request.GET
        line = open_lines().filter(pk=key_of(params.get("line", ""))).first()
        video = Video.objects.filter(pk=key_of(params.get("video", ""))).first()
        return {"line": line, "video": video, "posted_on": expense_day(line)}

    def get_form(self, form_class: Any = None) -> ExpenseForm:
        form: ExpenseForm = super().get_form(form_class)
        lack = lack_of_lines(today=today(), from_then_on=False)
        explain(form.fields["line"], lack, self.request.user)
        explain(form.fields["video"], lack_of_videos(), self.request.user)
        return form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        video = Video.objects.filter(pk=key_of(self.request.GET.get("video", ""))).first()
        return super().get_context_data(
            **kwargs, back=panel_url(video) if video else reverse("budgets_report")
        )

    def form_valid(self, form: ExpenseForm) -> HttpResponse:
        data = form.cleaned_data
        try:
            entry = ledger.post_expense(
                data["line"].pk,
                data["video"].pk,
                data["minor"],
                by=actor(self.request),
                posted_on=data["posted_on"],
                supplier=data["supplier"],
                invoice=data["invoice"],
                note=data["note"],
                override=data.get("override", ""),
                check_similar=True,
                again=key_of(self.request.POST.get("again", "")),
            )
        except ValidationError as refusal:
            if isinstance(refusal, errors.PostedAlready):
                form.similar = refusal.entry
            field = "posted_on" if isinstance(refusal, errors.OutsidePeriod) else None
            form.add_error(field, refusal)
            return self.form_invalid(form)
        line = entry.line
        text = gettext(
            "%(amount)s is posted to “%(line)s”, of which the commitment pays %(drawn)s."
        )
        values = {
            "amount": line.shown(entry.minor),
            "line": line.name,
            "drawn": line.shown(entry.drawn),
        }
        messages.success(self.request, text % values)
        return redirect(panel_url(data["video"]))


class ReversePage(PermissionMixin, Once, WagtailAdminTemplateMixin, FormView):
    """Reverses an expense or a commitment."""

    allowed = access.may_post_expense
    form_class = ReasonForm
    page_title = _("Reverse an entry")
    header_icon = "rotate"
    template_name = "budgets/reverse.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        found = Entry.objects.select_related("line__budget", "line__period", "video", "by")
        self.entry = get_object_or_404(found, pk=kwargs["pk"])

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        entries = (reverse("budgets_entries"), _("Entries"))
        return breadcrumbs(budget_breadcrumb(), entries, ("", self.page_title))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        why_not = ledger.not_reversible(self.entry)
        return super().get_context_data(
            **kwargs, entry=self.entry, why_not=why_not, back=self.back()
        )

    def back(self) -> str:
        """Return the URL of the entry's video or, if it has none, of the list of entries."""
        return panel_url(self.entry.video) if self.entry.video else reverse("budgets_entries")

    def form_valid(self, form: ReasonForm) -> HttpResponse:
        try:
            ledger.reverse(
                self.entry.pk, by=actor(self.request), reason=form.cleaned_data["reason"]
            )
        except ValidationError as refusal:
            form.add_error(None, refusal)
            return self.form_invalid(form)
        messages.success(self.request, gettext("The entry is reversed."))
        return redirect(self.back())


class ClosePage(PermissionMixin, Once, WagtailAdminTemplateMixin, TemplateView):
    """Closes a period, after showing what will be released and declined."""

    allowed = access.may_close_period
    header_icon = "lock"
    template_name = "budgets/close.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.period = get_object_or_404(Period, pk=kwargs["pk"])

    def get_page_title(self) -> str:
        return gettext("Close %(period)s") % {"period": self.period.code}

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return breadcrumbs(budget_breadcrumb(), ("", self.get_page_title()))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        waiting = periods.still_waiting(self.period).select_related("video", "requested_by")
        return super().get_context_data(
            **kwargs,
            period=self.period,
            is_over=self.period.ends_on < today(),
            committed=periods.still_committed(self.period),
            waiting=waiting,
            back=self.back(),
        )

    def back(self) -> str:
        """Return the URL of the period's report."""
        return f"{reverse('budgets_report')}?period={self.period.code}"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            periods.close(self.period.pk, by=actor(request))
        except ValidationError as refusal:
            self.is_refused = True
            show_refusal(request, refusal)
        else:
            text = gettext("%(period)s is closed.") % {"period": self.period.code}
            messages.success(request, text)
        return redirect(self.back())
