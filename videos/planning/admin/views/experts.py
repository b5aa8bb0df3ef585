"""The views of experts, and of crew, places and gear."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy

from studio.ui.tables import LabelledColumn
from studio.ui.views import CheckedEditView, ListView, PageOfOne
from videos.planning.admin.views.shoots import to_come
from videos.planning.minutes import Minutes, this_month
from videos.planning.models import Expert
from videos.planning.months import Month, whole_minutes


def minutes_of(expert: Expert, month: Month) -> Minutes:
    """The minutes of an expert that was loaded with `with_minutes`."""
    return Minutes(expert, month, whole_minutes(expert.booked), expert.minutes_a_month)


class MinutesColumn(LabelledColumn):
    """For example “20 of 30 min”, with a badge if it is more than promised or none."""

    cell_template_name = "planning/minutes_cell.html"

    def get_value(self, instance: Expert) -> Minutes:
        return minutes_of(instance, this_month())


class ExpertListView(ListView):
    """The experts, and how many minutes of each are booked this month."""

    empty_text = gettext_lazy(
        "No experts yet. Add the salespeople who know most; each promises 30 minutes a month."
    )

    def get_base_queryset(self) -> "QuerySet[Expert]":
        return Expert.objects.with_minutes(*this_month()).select_related("user")


class ExpertPage(PageOfOne):
    """One expert: minutes of this month and the next, upcoming shoots, and videos."""

    template_name = "planning/expert.html"

    def get_object(self, queryset: Any = None) -> Expert:
        return get_object_or_404(Expert.objects.select_related("user"), pk=self.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        this = this_month()
        months = [
            minutes_of(Expert.objects.with_minutes(*month).get(pk=self.object.pk), month)
            for month in (this, this.shift(1))
        ]
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {
            "expert": self.object,
            "months": months,
            "shoots": to_come(self.object.shoots.all()).prefetch_related("videos", "resources"),
            "videos": self.object.videos.all(),
        }


class ExpertEditView(CheckedEditView):
    """Edit an expert's minutes and topics."""


class ResourceListView(ListView):
    """The list of crew, places and gear."""

    empty_text = gettext_lazy(
        "Nothing here yet. Add the camera operator, the room or the light that can be in one place "
        "only, and no shoot will take it twice."
    )


class ResourceEditView(CheckedEditView):
    """Edit a crew member, a place or a piece of gear."""

    def get_success_url(self) -> str:
        return reverse(self.index_url_name)
