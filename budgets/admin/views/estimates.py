"""Views to list, write, greenlight, decline and withdraw estimates."""

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

import django_filters
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.views.generic import IndexView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from budgets import access, estimates, ledger
from budgets.access import Someone
from budgets.admin.forms import EstimateForm
from budgets.admin.views.base import PermissionMixin, breadcrumbs, budget_breadcrumb, show_refusal
from budgets.admin.views.entries import VideoColumn
from budgets.empty_choices import lack_of_lines
from budgets.models import Estimate, Line, Period
from budgets.models.budget import today
from studio.collation.listing import CollatedListing
from studio.once.views import ActOnceView, Once
from studio.people.models import User
from studio.ui.optimistic_lock import ChangedMeanwhile, FormLockMixin
from studio.ui.tables import CARDS, DayColumn, LabelledColumn
from studio.ui.views import ClearFilters
from videos.planning.models import Video
from videos.planning.urls_for import video_url

State = Estimate.State


def panel_url(video: Video) -> str:
    """Return the URL of the budget panel on the video's page."""
    return f"{video_url(video)}#budget"


class EstimateFilters(WagtailFilterSet):
    """Filters for estimates, by state and by the lines and periods of their items."""

    state = django_filters.ChoiceFilter(choices=State.choices, label=_("State"))
    period = django_filters.ModelChoiceFilter(
        field_name="items__line__period",
        queryset=Period.objects.all(),
        label=_("Period"),
        distinct=True,
    )
    line = django_filters.ModelChoiceFilter(
        field_name="items__line",
        queryset=Line.objects.select_related("period"),
        label=_("Line"),
        distinct=True,
    )

    class Meta:
        model = Estimate
        fields = ["state", "period", "line"]


class StateColumn(LabelledColumn):
    """The state of an estimate, as a badge."""

    cell_template_name = "budgets/state_cell.html"


class EstimatesPage(PermissionMixin, CollatedListing, ClearFilters, IndexView):
    """Lists all estimates; those that wait for a greenlight come first."""

    allowed = access.may_see_estimates
    any_permission_required = None
    model = Estimate
    page_title = _("Estimates")
    header_icon = "form"
    filterset_class = EstimateFilters
    template_name = "budgets/listing.html"
    results_template_name = "budgets/estimates_results.html"
    index_url_name = "budgets_estimates"
    index_results_url_name = "budgets_estimates_results"
    table_classname = CARDS
    paginate_by = 50
    columns = [
        VideoColumn("video", label=_("Video")),
        StateColumn("state", label=_("State")),
        LabelledColumn("sums", label=_("Amount"), accessor="sums", classname="budgets-number"),
        LabelledColumn("requested_by", label=_("Requested by")),
        DayColumn("requested_at", label=_("Requested"), sort_key="requested_at"),
        LabelledColumn("decided_by", label=_("Decided by")),
        LabelledColumn("reason", label=_("Reason")),
    ]

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        report = [budget_breadcrumb()] if access.may_see_report(self.request.user) else []
        return breadcrumbs(*report, ("", self.page_title))

    def get_base_queryset(self) -> QuerySet[Estimate]:
        first = Case(
            When(state=State.REQUESTED, then=Value(0)),
            When(state=State.DRAFT, then=Value(1)),
            default=Value(2),
            output_field=IntegerField(),
        )
        found: QuerySet[Estimate] = Estimate.objects.select_related(
            "video", "requested_by", "decided_by"
        )
        found = found.prefetch_related("items__line__budget")
        return found.alias(first=first).order_by("first", "-requested_at", "-pk")


class EstimateFormPage(PermissionMixin, Once, FormLockMixin, WagtailAdminTemplateMixin, FormView):
    """Writes the estimate of a video, as a draft or with a request for the greenlight."""

    allowed = access.may_request_estimate
    form_class = EstimateForm
    header_icon = "form"
    template_name = "budgets/estimate_form.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.video = get_object_or_404(Video, pk=kwargs["video_pk"])
        self.estimate = estimates.undecided(self.video)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        is_shown = request.method == "GET"  # saving checks it again, under lock
        if is_shown and access.may_request_estimate(request.user) and (refusal := self.refusal()):
            show_refusal(request, refusal)
            return redirect(panel_url(self.video))
        return super().dispatch(request, *args, **kwargs)

    def refusal(self) -> ValidationError | None:
        """Return why no estimate of the video can be written now, if so."""
        try:
            estimates.check_may_write(self.video, self.estimate)
        except ValidationError as refusal:
            return refusal
        return None

    def get_page_title(self) -> str:
        return gettext("Estimate of “%(video)s”") % {"video": self.video.title}

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return breadcrumbs((panel_url(self.video), self.video.title), ("", self.get_page_title()))

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "estimate": self.estimate}

    def unbound_form(self) -> EstimateForm:
        self.estimate = estimates.undecided(self.video)
        return EstimateForm(estimate=self.estimate, prefix=self.get_prefix())

    def changed_by(self) -> object:
        estimate = estimates.undecided(self.video)
        return estimate and estimate.requested_by

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lack = lack_of_lines(today=today(), from_then_on=True)
        return super().get_context_data(
            **kwargs,
            video=self.video,
            back=panel_url(self.video),
            is_more=self.video.estimates.filter(state=State.GREENLIT).exists(),
            lack=lack.shown_to(self.request.user) if lack else "",
        )

    def form_valid(self, form: EstimateForm) -> HttpResponse:
        request_greenlight = "draft" not in self.request.POST
        try:
            estimates.save_estimate(
                self.video.pk,
                form.cleaned_data["items"],
                by=actor(self.request),
                note=form.cleaned_data["note"],
                request=request_greenlight,
                check=partial(self.refuse_over_changes, form),
            )
        except ChangedMeanwhile as refusal:
            return self.show_again(form, refusal)
        except ValidationError as refusal:
            form.add_error(None, refusal)
            return self.form_invalid(form)
        done = (
            gettext("The greenlight is requested. Finance will decide.")
            if request_greenlight
            else gettext("The draft is saved.")
        )
        messages.success(self.request, done)
        return redirect(panel_url(self.video))


def actor(request: HttpRequest) -> User:
    """Return the signed-in user. Raises PermissionDenied if there is none."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


class EstimateAction(ActOnceView):
    """An action on an estimate, posted from the video's page, to which it redirects."""

    allowed: ClassVar[Callable[[Someone], bool]]

    @cached_property
    def estimate(self) -> Estimate:
        return get_object_or_404(Estimate.objects.select_related("video"), pk=self.kwargs["pk"])

    def may_act(self) -> bool:
        return type(self).allowed(self.by)

    def back(self) -> str:
        return panel_url(self.estimate.video)


class Greenlight(EstimateAction):
    """Greenlights an estimate and its video."""

    allowed = access.may_greenlight

    def act(self) -> str:
        override = self.request.POST.get("override", "")
        greenlit = ledger.greenlight(self.estimate.pk, by=self.by, override=override)
        return gettext("“%(video)s” is greenlit, and its money is reserved.") % {
            "video": greenlit.video
        }


class Decline(EstimateAction):
    """Declines an estimate, with a reason."""

    allowed = access.may_greenlight

    def act(self) -> str:
        estimates.decline(self.estimate.pk, by=self.by, reason=self.request.POST.get("reason", ""))
        return gettext("The estimate of “%(video)s” is declined.") % {"video": self.estimate.video}


class Withdraw(EstimateAction):
    """Turns a waiting estimate back into a draft."""

    allowed = access.may_request_estimate

    def act(self) -> str:
        estimates.withdraw(self.estimate.pk, by=self.by)
        return gettext(
            "The estimate is a draft again. Change it, and request the greenlight again."
        )
