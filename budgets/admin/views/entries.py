"""The list of entries, with filters and export."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.views.generic import IndexView

from budgets import access
from budgets.admin.views.base import PermissionMixin, breadcrumbs, budget_breadcrumb
from budgets.models import Entry, Line, Period
from studio.collation.listing import CollatedListing
from studio.formats.money import from_minor
from studio.ui.tables import CARDS, DayColumn, LabelledColumn
from studio.ui.views import ClearFilters
from videos.planning.admin.choosers import video_chooser
from videos.planning.models import Video
from videos.planning.urls_for import video_url

# The entries that add up to each figure of the report
FIGURES = {
    "approved": Q(kind="approval"),
    "committed": Q(kind__in=["commitment", "release"]) | ~Q(drawn=0),
    "spent": Q(kind="expense"),
}


def amount(entry: Entry, minor: int) -> Decimal:
    """Return minor units as a number in the entry's currency, which spreadsheets can add up."""
    return from_minor(minor, entry.line.currency)


# Columns of the export: heading and value
EXPORT: dict[str, tuple[Any, Callable[[Entry], Any]]] = {
    "entry": (_("Entry"), lambda entry: entry.pk),
    "posted_on": (_("Day"), lambda entry: entry.posted_on),
    "posted_at": (_("Posted"), lambda entry: entry.posted_at),
    "budget": (_("Budget"), lambda entry: entry.line.budget.name),
    "period": (_("Period"), lambda entry: entry.line.period.code),
    "line": (_("Line"), lambda entry: entry.line.name),
    "cost": (_("Kind of cost"), lambda entry: entry.line.get_kind_display()),
    "kind": (_("Kind"), lambda entry: entry.get_kind_display()),
    "amount": (_("Amount"), lambda entry: amount(entry, entry.minor)),
    "drawn": (_("Part paid from the commitment"), lambda entry: amount(entry, entry.drawn)),
    "currency": (_("Currency"), lambda entry: entry.line.currency),
    "video_id": (_("Video id"), lambda entry: entry.video.public_id if entry.video else ""),
    "video": (_("Video"), lambda entry: entry.video.title if entry.video else ""),
    "supplier": (_("Supplier"), lambda entry: entry.supplier),
    "invoice": (_("Invoice"), lambda entry: entry.invoice),
    "note": (_("Note"), lambda entry: entry.note),
    "by": (_("By"), lambda entry: entry.by.email if entry.by else ""),
    "reverses": (_("Reverses entry"), lambda entry: entry.reverses_id or ""),
    "override": (_("Reason for the override"), lambda entry: entry.override_reason),
}


class EntryFilters(WagtailFilterSet):
    """Filters for entries; `figure` selects those that add up to a figure of the report."""

    period = django_filters.ModelChoiceFilter(
        field_name="line__period", queryset=Period.objects.all(), label=_("Period")
    )
    line = django_filters.ModelChoiceFilter(
        queryset=Line.objects.select_related("period"), label=_("Line")
    )
    video = django_filters.ModelChoiceFilter(
        queryset=Video.objects.all(), label=_("Video"), widget=video_chooser()
    )
    figure = django_filters.ChoiceFilter(
        label=_("Figure"),
        method="of_figure",
        choices=[
            ("approved", pgettext_lazy("budget", "Approved")),
            ("committed", _("Committed")),
            ("spent", _("Spent")),
        ],
    )
    posted_on = django_filters.DateFromToRangeFilter(label=_("Day"), widget=DateRangePickerWidget)

    class Meta:
        model = Entry
        fields = ["period", "line", "video", "figure", "kind", "posted_on"]

    def of_figure(self, queryset: QuerySet[Entry], name: str, value: str) -> QuerySet[Entry]:
        """Select the entries that add up to a figure of the report."""
        return queryset.filter(FIGURES[value])


class MoneyColumn(LabelledColumn):
    """Minor units of a row, formatted in the currency of its line; empty for zero."""

    def get_value(self, instance: Any) -> str:
        minor = super().get_value(instance)
        return instance.line.shown(minor) if minor else ""


class VideoColumn(LabelledColumn):
    """A row's video, linked to the budget panel on its page."""

    cell_template_name = "budgets/video_cell.html"

    def get_cell_context_data(self, instance: Any, parent_context: Any) -> dict[str, Any]:
        context = super().get_cell_context_data(instance, parent_context)
        if instance.video:
            context["url"] = f"{video_url(instance.video)}#budget"
        return context  # type: ignore[no-any-return]


class DescriptionColumn(LabelledColumn):
    """The description of an entry, with a link to reverse it."""

    cell_template_name = "budgets/description_cell.html"

    def get_cell_context_data(self, instance: Any, parent_context: Any) -> dict[str, Any]:
        context = super().get_cell_context_data(instance, parent_context)
        context["may_reverse"] = (
            access.may_post_expense(context["request"].user)
            and instance.kind in (Entry.Kind.EXPENSE, Entry.Kind.COMMITMENT)
            and not instance.reverses_id
            and not instance.is_reversed
            and not instance.line.period.is_closed
        )
        return context  # type: ignore[no-any-return]


class EntriesPage(PermissionMixin, CollatedListing, ClearFilters, IndexView):
    """Lists the entries behind the figures of the report."""

    allowed = access.may_see_report
    any_permission_required = None
    model = Entry
    page_title = _("Entries")
    header_icon = "list-ul"
    filterset_class = EntryFilters
    template_name = "budgets/listing.html"
    results_template_name = "budgets/entries_results.html"
    index_url_name = "budgets_entries"
    index_results_url_name = "budgets_entries_results"
    table_classname = CARDS
    paginate_by = 50
    default_ordering = "-posted_at"
    is_searchable = True
    search_fields = ["supplier", "invoice", "note", "video__title", "line__name"]
    export_filename = "entries"
    list_export = list(EXPORT)
    export_headings = {name: heading for name, (heading, _value) in EXPORT.items()}
    columns = [
        DayColumn("posted_on", label=_("Day"), sort_key="posted_on"),
        LabelledColumn("kind", label=_("Kind"), accessor="get_kind_display", sort_key="kind"),
        LabelledColumn("line", label=_("Line")),
        VideoColumn("video", label=_("Video")),
        MoneyColumn("minor", label=_("Amount"), classname="budgets-number", sort_key="minor"),
        MoneyColumn("drawn", label=_("From commitment"), classname="budgets-number"),
        DescriptionColumn(
            "description", label=_("What for"), accessor=lambda entry: entry.description()
        ),
        LabelledColumn(
            "by", label=_("By"), accessor=lambda entry: entry.by or gettext("the studio")
        ),
    ]

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return breadcrumbs(budget_breadcrumb(), ("", self.page_title))

    def get_base_queryset(self) -> QuerySet[Entry]:
        found: QuerySet[Entry] = Entry.objects.select_related(
            "line__budget", "line__period", "video", "by", "reversed_by"
        )
        return found

    def get_add_url(self) -> str | None:
        """Return the URL to post an expense, the only entry that users post directly."""
        return reverse("budgets_expense") if access.may_post_expense(self.request.user) else None

    add_item_label = _("Post an expense")

    def to_row_dict(self, item: Entry) -> dict[str, Any]:
        return {name: value(item) for name, (_heading, value) in EXPORT.items()}

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)
        context["can_add"] = access.may_post_expense(self.request.user)
        return context
