"""Runs both imports on a folder: as a dry run that is rolled back, or for real.

It is the same code that the commands run, so the dry run shows what the import will do.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from django.db import models, transaction
from django.db.models import Max, OuterRef, Subquery
from django.utils.translation import gettext as _
from wagtail.models import ModelLogEntry

from studio.changes import CHANGED, FIELDS, change_in_words
from studio.people.models import User
from studio.record import is_true, of_rows, what_of
from videos.audience.contacts import canonical_contact
from videos.audience.models import Company, Contact, View
from videos.audience.urls_for import contact_url
from videos.deals.imports.browser.bad_row_files import leave_out
from videos.deals.imports.browser.import_report import (
    MAX_NOTES_LISTED,
    BadRowEntry,
    Example,
    ImportReport,
    ReportItem,
    ReportNotes,
    bad_of,
)
from videos.deals.imports.crm_import import ImportResult, import_crm
from videos.deals.imports.csv_rows import BadRows, CsvSchema
from videos.deals.imports.import_lock import import_lock
from videos.deals.imports.reconcile import CorrectionOutcome
from videos.deals.imports.schemas import CRM_SCHEMAS, VIEW_SCHEMAS
from videos.deals.imports.view_import import import_views
from videos.deals.log_actions import CLOSED
from videos.deals.models import Deal
from videos.deals.urls_for import deal_url
from videos.planning.models import Video

IMPORTS: tuple[tuple[Callable[..., ImportResult], Sequence[CsvSchema[Any]]], ...] = (
    (import_crm, CRM_SCHEMAS),
    (lambda folder, by: import_views(folder), VIEW_SCHEMAS),
)
EXAMPLES = 5  # shown of each model
MODELS: tuple[type[models.Model], ...] = (Company, Contact, Deal, Video, View)


def dry_run(folder: Path, *, by: User) -> ImportReport:
    """Imports the folder as `by`, rolls it back and reports. Raises ImportRunning."""
    with import_lock():
        marks, mark = newest(), newest_entry()
        counts, bad = run(folder, by)
        examples = examples_of_new(marks), examples_of_changes(mark)
        report = ImportReport.of(counts, bad, noteworthy(counts, mark, marks), *examples)
        transaction.set_rollback(True)
    return report


def perform(folder: Path, *, by: User) -> ImportReport:
    """Imports the folder without its bad rows, which the report names, as `by`.

    Call it within `import_lock`.
    """
    marks, mark = newest(), newest_entry()
    counts, bad = run(folder, by)
    noted = noteworthy(counts, mark, marks)
    entries_of_imports(mark).update(user=by)
    return ImportReport.of(counts, bad, noted)


def run(folder: Path, by: User) -> tuple[ImportResult | None, list[BadRowEntry]]:
    """Imports the folder without its bad rows; returns the counts and the bad rows.

    The counts are None, and nothing is imported, if a whole file cannot be read.
    """
    total = ImportResult({})
    found: list[BadRowEntry] = []
    for run_import, sheets in IMPORTS:
        named = [sheet.file for sheet in sheets if (folder / sheet.file).exists()]
        if not named:
            continue
        counts, bad = import_without_bad_rows(folder, partial(run_import, by=by))
        found += bad
        if counts is None:
            return None, found
        total.update({file: written for file, written in counts.items() if file in named})
        total.kept += counts.kept
        total.kept_ones += counts.kept_ones
        total.overruled += counts.overruled
    return total, found


def import_without_bad_rows(
    folder: Path, run_import: Callable[[Path], ImportResult]
) -> tuple[ImportResult | None, list[BadRowEntry]]:
    """Runs one import, again and again without the bad rows found so far.

    The first attempt finds rows that are bad by themselves, later ones rows that refer to those.
    """
    found: list[BadRowEntry] = []
    while True:
        try:
            with transaction.atomic():
                return run_import(folder), found
        except BadRows as refusal:
            new = bad_of(refusal.bad, follows=bool(found))
        found += new
        if any(row.is_a_whole_file for row in new):
            return None, found
        for file in sorted({row.file for row in new}):
            leave_out(folder / file, {row.line for row in new if row.file == file})


# What deserves attention


def noteworthy(
    counts: ImportResult | None, mark: int, marks: dict[type[models.Model], int]
) -> ReportNotes:
    """Returns what an import did to corrections and closed deals, and possible duplicates.

    `mark` is the last log entry before the import, `marks` the last row of each model.
    """
    if counts is None:
        return ReportNotes()
    closed = entries_of_imports(mark).filter(of_rows(Deal), is_true(CLOSED)).order_by("pk")
    twins = new_twins(marks[Contact])
    return ReportNotes(
        kept=noted(counts.kept_ones),
        overruled=noted(counts.overruled),
        closed=changes_of_closed(closed[:MAX_NOTES_LISTED]),
        twins=[twin_of(contact) for contact in twins[:MAX_NOTES_LISTED]],
        kept_count=counts.kept,
        overruled_count=len(counts.overruled),
        closed_count=closed.order_by().values("object_id").distinct().count(),
        twins_count=twins.count(),
    )


def noted(met: Sequence[CorrectionOutcome]) -> list[ReportItem]:
    """Describes corrections that were kept or overruled."""
    return [ReportItem(str(one), one.url) for one in met[:MAX_NOTES_LISTED]]


def changes_of_closed(entries: Any) -> list[ReportItem]:
    """Describes the changes of closed deals, from log entries."""
    found: Iterable[tuple[ModelLogEntry, Deal]] = entries.with_instances()
    return [
        ReportItem(_("“%(deal)s”: %(what)s") % {"deal": row, "what": what_of(entry)}, deal_url(row))
        for entry, row in found
    ]


def new_twins(mark: int) -> "models.QuerySet[Contact]":
    """Returns the contacts after `mark` whose e-mail address an earlier contact has.

    They are annotated with `twin`, the primary key of the first such contact.
    """
    before = Contact.objects.filter(pk__lte=mark, email_key=OuterRef("email_key"))
    first = before.order_by("pk").values("pk")[:1]
    new = Contact.objects.filter(pk__gt=mark).exclude(email_key="")
    found: models.QuerySet[Contact] = new.annotate(twin=Subquery(first)).exclude(twin=None)
    return found.order_by("pk")


def twin_of(contact: Any) -> ReportItem:
    """Describes a new contact and the existing one with the same address, linking to the latter."""
    there = canonical_contact(Contact.objects.get(pk=contact.twin))
    words = {"new": contact, "email": contact.email, "there": there}
    return ReportItem(_("“%(new)s” (%(email)s) beside “%(there)s”") % words, contact_url(there))


# Examples


def newest() -> dict[type[models.Model], int]:
    """Returns the highest primary key of each model."""
    return {
        kind: kind._default_manager.order_by().aggregate(pk=Max("pk"))["pk"] or 0 for kind in MODELS
    }


def newest_entry() -> int:
    """Returns the highest primary key of the log."""
    return ModelLogEntry.objects.order_by().aggregate(pk=Max("pk"))["pk"] or 0


def examples_of_new(marks: dict[type[models.Model], int]) -> list[Example]:
    """Returns examples of rows created after `marks`."""
    return [
        Example(str(kind._meta.verbose_name), str(row), [])
        for kind, mark in marks.items()
        if kind is not View  # a view has no name to show
        for row in kind._default_manager.filter(pk__gt=mark).order_by("pk")[:EXAMPLES]
    ]


def entries_of_imports(mark: int) -> "models.QuerySet[ModelLogEntry]":
    """Returns what this import logged after `mark`; only one import runs at a time."""
    entries: models.QuerySet[ModelLogEntry] = ModelLogEntry.objects.filter(
        pk__gt=mark, user=None, data__by_import=True
    )
    return entries


def examples_of_changes(mark: int) -> list[Example]:
    """Returns examples of changed rows, with old and new values."""
    found = []
    entries = entries_of_imports(mark).filter(action="wagtail.edit")
    for entry in entries.select_related("content_type").order_by("pk")[: EXAMPLES * len(MODELS)]:
        model = entry.content_type and entry.content_type.model_class()
        changed = (entry.data or {}).get(CHANGED, {})
        if model is None:
            continue
        told = [
            change_in_words(model, name, *changed[name])
            for name in FIELDS.get(model, ())
            if name in changed
        ]
        if told:
            found.append(Example(str(model._meta.verbose_name), entry.label, told))
    return found
