"""Estimates: asked for by producers, decided by finance."""

from typing import Any

import django_filters
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import IndexView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from budgets import access, estimates, ledger
from budgets.forms import AskForm
from budgets.models import Estimate, Line, Period
from budgets.views.entries import DayColumn, VideoColumn
from budgets.views.gate import Gate, budget_step, tell, trail
from studio.once.views import Once
from studio.people.models import User
from videos.planning.addresses import video_url
from videos.planning.models import Video
from videos.planning.views.generic import ClearFilters

State = Estimate.State


def panel_of(video: Video) -> str:
    """The budget's panel on the video's page."""
    return f"{video_url(video)}#budget"


class EstimateFilters(WagtailFilterSet):
    """Estimates by state, and by the lines they ask something of."""

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


class StateColumn(Column):
    """The state of an estimate: a word with its icon."""

    cell_template_name = "budgets/state_cell.html"


class EstimatesPage(Gate, ClearFilters, IndexView):
    """All estimates, those that wait for a greenlight first."""

    allowed = access.sees_estimates
    any_permission_required = None
    model = Estimate
    page_title = _("Estimates")
    header_icon = "form"
    filterset_class = EstimateFilters
    template_name = "budgets/listing.html"
    results_template_name = "budgets/estimates_results.html"
    index_url_name = "budgets:estimates"
    index_results_url_name = "budgets:estimates_results"
    paginate_by = 50
    columns = [
        VideoColumn("video", label=_("Video")),
        StateColumn("state", label=_("State")),
        Column("sums", label=_("Asks for"), accessor="sums", classname="budgets-number"),
        Column("requested_by", label=_("Asked by")),
        DayColumn("requested_at", label=_("Asked"), sort_key="requested_at"),
        Column("decided_by", label=_("Decided by")),
        Column("reason", label=_("Reason")),
    ]

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        home = [budget_step()] if access.sees_report(self.request.user) else []
        return trail(*home, ("", self.page_title))

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


class AskPage(Gate, Once, WagtailAdminTemplateMixin, FormView):
    """A producer writes the estimate of a video, with what each line has beside it."""

    allowed = access.asks
    form_class = AskForm
    header_icon = "form"
    template_name = "budgets/ask.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.video = get_object_or_404(Video, pk=kwargs["video_pk"])
        self.estimate = estimates.undecided(self.video)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        is_shown = request.method == "GET"  # who sends it hears from the estimate itself
        if is_shown and access.asks(request.user) and (refusal := self.refusal()):
            tell(request, refusal)
            return redirect(panel_of(self.video))
        return super().dispatch(request, *args, **kwargs)

    def refusal(self) -> ValidationError | None:
        """Why nothing can be asked for this video now."""
        try:
            estimates.check_askable(self.video, self.estimate)
        except ValidationError as refusal:
            return refusal
        return None

    def get_page_title(self) -> str:
        return _t("Estimate of “%(video)s”") % {"video": self.video.title}

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return trail((panel_of(self.video), self.video.title), ("", self.get_page_title()))

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "estimate": self.estimate}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            **kwargs,
            video=self.video,
            back=panel_of(self.video),
            is_more=self.video.estimates.filter(state=State.GREENLIT).exists(),
        )

    def form_valid(self, form: AskForm) -> HttpResponse:
        ask = "draft" not in self.request.POST
        try:
            estimates.write(
                self.video.pk,
                form.cleaned_data["asks"],
                by=actor(self.request),
                note=form.cleaned_data["note"],
                ask=ask,
            )
        except ValidationError as refusal:
            form.add_error(None, refusal)
            return self.form_invalid(form)
        done = _t("The estimate waits for a greenlight.") if ask else _t("The draft is kept.")
        messages.success(self.request, done)
        return redirect(panel_of(self.video))


def actor(request: HttpRequest) -> User:
    """The signed-in user; a Gate has let them in. Raises PermissionDenied."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


class Act(Gate, Once, View):
    """One act on an estimate: posted from the video's page, and back there with its outcome."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        estimate = get_object_or_404(Estimate.objects.select_related("video"), pk=pk)
        try:
            messages.success(request, self.act(estimate, actor(request)))
        except ValidationError as refusal:
            self.is_refused = True
            tell(request, refusal)
        return redirect(panel_of(estimate.video))

    def form_url(self, request: HttpRequest) -> str:
        return panel_of(get_object_or_404(Estimate, pk=self.kwargs["pk"]).video)

    def act(self, estimate: Estimate, by: User) -> str:
        """Does it, and says what is done. Raises refusals."""
        raise NotImplementedError


class Greenlight(Act):
    """Reserves the estimate and greenlights the video."""

    allowed = access.decides

    def act(self, estimate: Estimate, by: User) -> str:
        ledger.greenlight(estimate.pk, by=by, override=self.request.POST.get("override", ""))
        return _t("“%(video)s” is greenlit and its money reserved.") % {"video": estimate.video}


class Decline(Act):
    """Says no, with the reason."""

    allowed = access.decides

    def act(self, estimate: Estimate, by: User) -> str:
        estimates.decline(estimate.pk, by=by, reason=self.request.POST.get("reason", ""))
        return _t("The estimate of “%(video)s” is declined.") % {"video": estimate.video}


class Withdraw(Act):
    """Takes a waiting estimate back, to change it."""

    allowed = access.asks

    def act(self, estimate: Estimate, by: User) -> str:
        estimates.withdraw(estimate.pk, by=by)
        return _t("The estimate is a draft again: change it, and ask anew.")
