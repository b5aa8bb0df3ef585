"""“Who did what”: a report on the log entries of all rooms, for administrators."""

from collections.abc import Callable, Iterable
from typing import Any

import django_filters
from django.contrib.auth.mixins import UserPassesTestMixin
from django.db import models
from django.db.models import QuerySet
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import TitleColumn
from wagtail.admin.views.reports import ReportView
from wagtail.models import ModelLogEntry

from studio.fields import RowsFilter
from studio.people.models import Invitation, User
from studio.record import KINDS, acts, reason_of, what_of
from studio.spreadsheets import EXPORTED, URL
from studio.ui.tables import CARDS, LabelledColumn, MomentColumn
from studio.ui.views import ClearFilters
from videos.audience.models import Company, Contact
from videos.audience.urls_for import company_url, contact_url
from videos.deals.models import Deal, Import
from videos.deals.urls_for import deal_url
from videos.planning.models import Video
from videos.planning.urls_for import video_url

# Pages of objects; for other models, Wagtail finds the edit view.
PAGES: dict[type[models.Model], Callable[[Any], str]] = {
    Invitation: lambda row: reverse("people_invitations:inspect", args=[row.pk]),
    Video: video_url,
    Contact: contact_url,
    Company: company_url,
    Deal: deal_url,
    Import: lambda row: reverse("deals_imports:inspect", args=[row.pk]),
}
KINDS_OF_COMMANDS = ("roles", "people")  # without a user, a command did them


def kind_choices() -> list[tuple[str, Any]]:
    """Return the choices of the filter by kind."""
    return [(kind.name, kind.label) for kind in KINDS.values()]


def users_with_entries(request: HttpRequest) -> "QuerySet[User]":
    """Return the users who have log entries."""
    return User.objects.filter(pk__in=acts().order_by().values("user"))


def who(entry: Any) -> str:
    """Return the name of the user; for entries without one, the command line or the studio."""
    if entry.user_id:
        return str(entry.user_display_name)
    return gettext("the command line") if entry.kind in KINDS_OF_COMMANDS else gettext("the studio")


class ActFilters(WagtailFilterSet):
    """Filters log entries by kind, user and day."""

    kind = django_filters.MultipleChoiceFilter(
        label=_("Kind of action"), choices=kind_choices, widget=CheckboxSelectMultiple
    )
    user = RowsFilter(label=_("Person"), queryset=users_with_entries, widget=CheckboxSelectMultiple)
    timestamp = django_filters.DateFromToRangeFilter(label=_("Day"), widget=DateRangePickerWidget)

    class Meta:
        model = ModelLogEntry
        fields = ["kind", "user", "timestamp"]


class RecordView(UserPassesTestMixin, ClearFilters, ReportView):
    """Lists log entries with user, object and reason. For administrators."""

    any_permission_required = None
    model = ModelLogEntry
    page_title = _("Who did what")
    header_icon = "history"
    index_url_name = "desk_record"
    index_results_url_name = "desk_record_results"
    verbose_name_plural = _("actions")
    filterset_class = ActFilters
    is_searchable = True
    search_fields = ["label"]
    default_ordering = "-timestamp"
    table_classname = f"{CARDS} desk-record"
    columns = [
        MomentColumn("timestamp", label=_("When"), width="12%"),
        LabelledColumn("who", label=_("Who")),
        LabelledColumn("kind_shown", label=_("Kind of action")),
        LabelledColumn("what", label=_("What")),
        TitleColumn("label", label=_("Object"), get_url=lambda entry: entry.url),
        LabelledColumn("reason", label=_("Reason")),
    ]
    export_filename = "who-did-what"
    list_export = ["timestamp", "who", "email", "kind_shown", "what", "label", "reason"]
    export_headings = {
        "timestamp": _("When"),
        "who": _("Who"),
        "email": _("E-mail address"),
        "kind_shown": _("Kind of action"),
        "what": _("What"),
        "label": _("Object"),
        "reason": _("Reason"),
    }

    def test_func(self) -> bool:
        return bool(self.request.user.is_superuser)

    def get_base_queryset(self) -> "QuerySet[ModelLogEntry]":
        return acts().select_related("user", "content_type")

    def get_table(self, object_list: Any) -> Any:
        self.add_columns(object_list)
        return super().get_table(object_list)

    @cached_property
    def forms(self) -> AdminURLFinder:
        """Finds the edit views of objects."""
        return AdminURLFinder(self.request.user)

    def url_of(self, entry: Any, row: Any) -> str | None:
        """Return the URL of an entry's object; None if it was deleted."""
        if entry.action == EXPORTED:
            return entry.data.get(URL) or None
        if page := PAGES.get(type(row)):
            return page(row)
        url: str | None = self.forms.get_edit_url(row)
        return url

    def add_columns(self, entries: Any) -> None:
        """Set the values of the columns on the listed entries."""
        rows: Iterable[tuple[Any, Any]] = entries.with_instances()
        for entry, row in rows:
            entry.who = who(entry)
            entry.email = entry.user.email if entry.user else ""
            entry.kind_shown = KINDS[entry.kind].label
            entry.what = what_of(entry)
            entry.reason = reason_of(entry)
            entry.url = self.url_of(entry, row)
