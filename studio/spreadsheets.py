"""CSV and XLSX exports of all lists and reports in the admin, with an entry in the log.

Spreadsheets run text that starts like a formula on the computer of whoever opens the file: a
supplier called =HYPERLINK(…) could send neighbouring cells away.
"""

import codecs
import datetime as dt
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import django_filters
from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.utils import timezone, translation
from django.utils.encoding import force_str
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin.active_filters import filter_adapter_class_registry
from wagtail.admin.views.mixins import SpreadsheetExportMixin
from wagtail.log_actions import LogActionRegistry, LogFormatter, log

EXPORTED = "studio.export"
URL = "url"  # key in a log entry's data: the URL of what was exported

# Characters that start a formula, or after which one may start; some spreadsheets also accept the
# full-width characters of East Asian keyboards.
BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# In locales with a decimal comma, spreadsheets separate CSV cells by semicolons, and then ignore
# quotes that start within a cell, also around line breaks.
PARTS_CELLS = re.compile(r"([;\t\r\n][ \"]*)(?=[-=+@\uff1d\uff0b\uff0d\uff20])")


def as_text(text: str) -> str:
    """Return the text with an apostrophe before anything that could start a formula."""
    return f"'{text}" if text.startswith(BEGINS_FORMULA) else text


def in_csv(text: str) -> str:
    """The same for a CSV cell, whose text may be split into several cells."""
    return PARTS_CELLS.sub(r"\1'", as_text(text))


def cell(value: Any) -> Any:
    """Return a cell's value: numbers, dates and booleans unchanged, all else as safe text."""
    plain = value if isinstance(value, str) else force_str(value, strings_only=True)
    if isinstance(plain, Promise):  # a lazy translation
        plain = str(plain)
    return as_text(plain) if isinstance(plain, str) else plain


def in_sheet(value: Any) -> Any:
    """The same for XLSX, whose times have no time zone: in the studio's time zone."""
    if isinstance(value, dt.datetime) and timezone.is_aware(value):
        value = timezone.make_naive(value, timezone.get_default_timezone())
    return cell(value)


def number_format(value: Any) -> str:
    """Return the number format of an amount with its decimal places; empty for other values."""
    if not isinstance(value, Decimal) or not value.is_finite():
        return ""
    exponent = value.as_tuple().exponent
    digits = max(-exponent, 0) if isinstance(exponent, int) else 0
    return f"#,##0.{'0' * digits}" if digits else "#,##0"


# Logging


def log_export(
    request: HttpRequest, what: str, *, rows: int, kind: str, filters: Sequence[str] = (), url: str
) -> None:
    """Log who exports which rows before they are sent; `kind` is csv or xlsx."""
    data = {"rows": rows, "kind": kind, "filters": list(filters), URL: url}
    log(request.user, EXPORTED, user=request.user, title=what, data=data)


def log_export_of(view: Any, rows: Any, kind: str) -> None:
    """The same for a list or report in the admin."""
    typed = typed_in(view)
    asked = view.request.GET.copy()
    for name in ("export", *typed):
        asked.pop(name, None)
    with translation.override(settings.LANGUAGE_CODE):  # the log has readers of all languages
        what, filters = str(view.get_page_title()), filters_in_words(view, typed)
    log_export(
        view.request,
        what,
        rows=rows.count() if isinstance(rows, QuerySet) else len(rows),
        kind=kind,
        filters=filters,
        url=f"{view.request.path}?{asked.urlencode()}" if asked else view.request.path,
    )


def typed_in(view: Any) -> list[str]:
    """Return the parameters of a list that hold typed text.

    They may contain the name of a person to be forgotten later, so only their presence is logged.
    """
    filters: Any = getattr(view, "filters", None)
    typed = [
        name
        for name, one in (filters.filters if filters else {}).items()
        if isinstance(one, django_filters.CharFilter)
    ]
    return [view.search_kwarg, *typed]


def filters_in_words(view: Any, typed: Sequence[str]) -> list[str]:
    """Describe the filters of a list or report, each with its label and value."""
    filters: Any = getattr(view, "filters", None)
    said = []
    for name in filters.form.changed_data if filters and filters.is_valid() else []:
        one, field, value = (
            filters.filters[name],
            filters.form[name],
            filters.form.cleaned_data[name],
        )
        adapter = filter_adapter_class_registry.get(one)(one, field, value, "", QueryDict())
        for active in adapter.get_active_filters():
            shown = "…" if name in typed else active.value
            said.append(f"{active.field_label}: {shown}")
    if getattr(view, "search_query", ""):
        said.append(_("Search: …"))
    return said


class ExportFormatter(LogFormatter):
    """Formats how many rows were exported, and from where."""

    label = gettext_lazy("Export a list")

    def format_message(self, log_entry: Any) -> str:
        data = log_entry.data
        text = ngettext(
            "Exported %(count)d row as %(kind)s",
            "Exported %(count)d rows as %(kind)s",
            data["rows"],
        )
        told = {"count": data["rows"], "kind": data.get("kind", "").upper()}
        return ". ".join([text % told, *data.get("filters", ())])


def register(actions: LogActionRegistry) -> None:
    """Register the log action of exports."""
    actions.register_action(EXPORTED)(ExportFormatter)


# All exports in the admin


def make_exports_harmless() -> None:
    """Patch Wagtail's export mixin so that all exports are safe and logged.

    Lists without export columns, whose rows would be blank, show the list instead. CSV files start
    with a byte order mark, by which spreadsheets recognise UTF-8; in XLSX files numbers are numbers
    with their decimal places.
    """
    mixin = SpreadsheetExportMixin
    preprocess, setup, heading = mixin.preprocess_field_value, mixin.setup, mixin.get_heading
    stream_csv, generate_xlsx_row = mixin.stream_csv, mixin.generate_xlsx_row
    as_spreadsheet = mixin.as_spreadsheet

    def preprocess_field_value(self: Any, field: str, value: Any, export_format: str) -> Any:
        if export_format == self.FORMAT_XLSX and isinstance(value, dt.datetime):
            return in_sheet(value)
        plain = cell(preprocess(self, field, value, export_format))
        is_text = isinstance(plain, str) and export_format == self.FORMAT_CSV
        return in_csv(plain) if is_text else plain

    def get_heading(self: Any, queryset: Any, field: str) -> str:
        return as_text(heading(self, queryset, field))

    def stream_csv_with_mark(self: Any, queryset: Any) -> Iterator[bytes]:
        yield codecs.BOM_UTF8
        yield from stream_csv(self, queryset)

    def generate_xlsx_row_with_decimals(
        self: Any, worksheet: Any, row_dict: dict[str, Any], date_format: str | None = None
    ) -> Iterator[Any]:
        row = generate_xlsx_row(self, worksheet, row_dict, date_format)
        for one, value in zip(row, row_dict.values(), strict=True):
            one.number_format = number_format(value) or one.number_format
            yield one

    def setup_with_something_to_export(
        self: Any, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> None:
        setup(self, request, *args, **kwargs)
        self.is_export = self.is_export and self.show_export_buttons

    def as_spreadsheet_on_record(
        self: Any, queryset: Any, spreadsheet_format: str
    ) -> HttpResponseBase | None:
        log_export_of(self, queryset, spreadsheet_format)
        return as_spreadsheet(self, queryset, spreadsheet_format)  # type: ignore[no-any-return]

    mixin.as_spreadsheet = as_spreadsheet_on_record
    mixin.preprocess_field_value = preprocess_field_value
    mixin.get_heading = get_heading
    mixin.stream_csv = stream_csv_with_mark
    mixin.generate_xlsx_row = generate_xlsx_row_with_decimals
    mixin.setup = setup_with_something_to_export
