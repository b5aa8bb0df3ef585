"""Exports to CSV and XLSX, of every list and report in the admin, ours and Wagtail's.

A spreadsheet reads a text that begins like a formula as one, and runs it on the machine of whoever
opens the file: a supplier called =HYPERLINK(…) would send what stands beside it away.
"""

from typing import Any

from django.http import HttpRequest
from django.utils.encoding import force_str
from django.utils.functional import Promise
from wagtail.admin.views.mixins import SpreadsheetExportMixin

# What makes spreadsheets take the rest for a formula, or cut it off so that a formula begins;
# some take the wide signs of East Asian keyboards for the same.
BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def as_text(text: str) -> str:
    """The text with an apostrophe before what would begin a formula, so that it is read as text."""
    return f"'{text}" if text.startswith(BEGINS_FORMULA) else text


def cell(value: Any) -> Any:
    """The value of a cell: numbers, days and truths as they are, all else as harmless text."""
    plain = value if isinstance(value, str) else force_str(value, strings_only=True)
    if isinstance(plain, Promise):  # a translation, which is left lazy
        plain = str(plain)
    return as_text(plain) if isinstance(plain, str) else plain


def make_exports_harmless() -> None:
    """Makes every view that exports write harmless cells, and none export where nothing is chosen.

    Wagtail's views share one mixin, and each list of its has an export, also the lists without
    columns for it, whose rows are blank: those show the list instead.
    """
    preprocess, setup = SpreadsheetExportMixin.preprocess_field_value, SpreadsheetExportMixin.setup

    def preprocess_field_value(self: Any, field: str, value: Any, export_format: str) -> Any:
        return cell(preprocess(self, field, value, export_format))

    def setup_with_something_to_export(
        self: Any, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> None:
        setup(self, request, *args, **kwargs)
        self.is_export = self.is_export and self.show_export_buttons

    SpreadsheetExportMixin.preprocess_field_value = preprocess_field_value
    SpreadsheetExportMixin.setup = setup_with_something_to_export
