"""The actions on an import, each a change of its state: upload, check, confirm, import, discard.

Small imports run at once, larger ones in a worker. A task may be delivered twice: checking changes
nothing, and importing and the new state are one transaction. What a dead worker left is picked up
again every minute.
"""

import datetime as dt
import gzip
import logging
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Sum
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_q.tasks import async_task
from wagtail.log_actions import log

from studio.commands import as_line
from studio.people.models import User
from videos.deals.access import may_import
from videos.deals.imports.browser.bad_row_files import bad_rows_csv
from videos.deals.imports.browser.dry_run import dry_run, perform
from videos.deals.imports.browser.import_report import ImportReport
from videos.deals.imports.csv_causes import similar_names
from videos.deals.imports.import_lock import ImportRunning, import_lock
from videos.deals.imports.schemas import CRM_SCHEMAS, VIEW_SCHEMAS
from videos.deals.models import Import, ImportFile

logger = logging.getLogger(__name__)

TASK = "videos.deals.imports.browser.actions.go_on"
NAMES = tuple(sheet.file for sheet in (*CRM_SCHEMAS, *VIEW_SCHEMAS))
MAX_BYTES = 64 * 1024**2  # of all files of one import
MAX_LINES = 500_000  # likewise: short rows take a hundred times their size in memory
MAX_BYTES_AT_ONCE = 1024**2  # about ten thousand rows: a few seconds
MAX_UNFINISHED = 20
STALE = dt.timedelta(minutes=2)
UNFINISHED_KEPT = dt.timedelta(days=7)
DETAILS_KEPT = dt.timedelta(days=30)
IMPORT_FAILED = gettext_lazy("The import failed, and nothing was imported. See the studio's log.")


class UploadRefused(ValidationError):
    """The uploaded files are refused; the message says why."""


class ImportStateError(ValidationError):
    """The state of an import does not allow the action."""


class BadRowsChanged(Exception):
    """The bad rows are no longer those that the user confirmed."""

    def __init__(self, report: ImportReport) -> None:
        super().__init__()
        self.report = report


# Upload


def recognized_names(names: Iterable[str]) -> dict[str, str]:
    """Maps the uploaded names to the names of the files that are imported.

    “deals (1).csv” and “Deals.csv” become deals.csv. Raises UploadRefused for an unknown file, and
    for two files with the same meaning.
    """
    found: dict[str, str] = {}
    for given in names:
        exact = [name for name in NAMES if given.strip().casefold() == name]
        meant = exact or [name for _given, name in similar_names(NAMES, [given])]
        if not meant:
            raise UploadRefused(
                _("“%(name)s” is not one of the files that can be imported: %(files)s.")
                % {"name": as_line(given)[:80], "files": ", ".join(NAMES)},
                "unknown_file",
            )
        if meant[0] in found.values():
            raise UploadRefused(
                _("Two of the files are %(file)s. Upload only one of them.") % {"file": meant[0]},
                "two_of_one",
            )
        found[given] = meant[0]
    return found


def upload(files: Iterable[UploadedFile], *, by: User) -> Import:
    """Stores files and starts their check. Raises UploadRefused."""
    files = list(files)
    names = recognized_names(str(file.name) for file in files)
    if not files:
        raise UploadRefused(_("Choose at least one file."), "no_file")
    if sum(file.size or 0 for file in files) > MAX_BYTES:
        raise UploadRefused(
            _("The files have more than %(most)d MB in total. Import them in several parts.")
            % {"most": MAX_BYTES // 1024**2},
            "too_large",
        )
    contents = [file.read() for file in files]
    if sum(map(count_lines, contents)) > MAX_LINES:
        raise UploadRefused(
            _("The files have more than %(most)d lines in total. Import them in several parts.")
            % {"most": MAX_LINES},
            "too_large",
        )
    if Import.objects.unfinished().count() >= MAX_UNFINISHED:
        raise UploadRefused(
            _("%(most)d imports are not finished. Import or discard some of them first.")
            % {"most": MAX_UNFINISHED},
            "too_many",
        )
    with transaction.atomic():
        made = Import.objects.create(by=by)
        for file, content in zip(files, contents, strict=True):
            ImportFile.objects.create(
                owner=made,
                name=names[str(file.name)],
                given_name=as_line(str(file.name))[:255],
                size=file.size or 0,
                packed=gzip.compress(content, 6, mtime=0),
            )
        log(made, "deals.upload_import", user=by, data={"files": sorted(names.values())})
        schedule(made)
    return made


def count_lines(content: bytes) -> int:
    """Count the lines of a file, whichever line ending it has."""
    return max(content.count(b"\n"), content.count(b"\r"))


def schedule(made: Import) -> None:
    """Runs the next step when the transaction commits: in this process, or in a worker."""
    Import.objects.filter(pk=made.pk).update(sent_at=now())
    size = made.files.aggregate(total=Sum("size"))["total"] or 0
    transaction.on_commit(partial(run_next_step if size <= MAX_BYTES_AT_ONCE else enqueue, made.pk))


def enqueue(import_id: int) -> None:
    """Queues the next step. If the queue is away, `resume_stale` runs it later."""
    try:
        async_task(TASK, import_id, q_options={"save": False})
    except Exception:  # of whichever broker
        logger.warning("import %s is waiting: the queue does not answer", import_id, exc_info=True)


# Check and import


def run_next_step(import_id: int) -> None:
    """Runs the next step of an import: the check or the import itself, if one is due."""
    state = Import.objects.values_list("state", flat=True).filter(pk=import_id).first()
    act = {Import.State.WAITING: check, Import.State.IMPORTING: run_import}.get(state)  # type: ignore[call-overload]
    if act is None:
        return
    try:
        act(import_id)
    except ImportRunning:
        return  # tried again by `resume_stale`
    except Exception:  # the user has to see that it failed, whatever the cause
        logger.exception("import %s failed", import_id)
        finish(Import.objects.get(pk=import_id), Import.State.FAILED, reason=str(IMPORT_FAILED))


@contextmanager
def folder_of(made: Import) -> Iterator[Path]:
    """A temporary folder with the files of an import."""
    with tempfile.TemporaryDirectory(prefix="import-") as name:
        folder = Path(name)
        for file in made.files.all():
            (folder / file.name).write_bytes(file.content)
        yield folder


def check(import_id: int) -> None:
    """Finds out what an import would do, and stores the report. Raises ImportRunning."""
    made = Import.objects.get(pk=import_id)
    with folder_of(made) as folder:
        report = dry_run(folder, by=made.by)
    save_report(made, report)


def save_report(made: Import, report: ImportReport) -> None:
    """Stores the report of a check, and the bad rows as files to correct."""
    with transaction.atomic():
        save_bad_rows(made, report)
        Import.objects.filter(pk=made.pk, state__in=Import.UNDER_WAY).update(
            state=Import.State.CHECKED, report=report.as_json()
        )


def save_bad_rows(made: Import, report: ImportReport) -> None:
    """Stores the bad rows of each file as a file to correct."""
    with folder_of(made) as folder:
        for file in made.files.all():
            bad = [row for row in report.bad if row.file == file.name and not row.is_a_whole_file]
            packed = gzip.compress(bad_rows_csv(folder / file.name, bad), mtime=0) if bad else b""
            ImportFile.objects.filter(pk=file.pk).update(packed_bad_rows=packed)


def run_import(import_id: int) -> None:
    """Imports what was confirmed. Raises ImportRunning.

    If the bad rows are no longer those that the user saw, nothing is imported, and the import has
    to be confirmed again.
    """
    try:
        with import_lock():
            made = Import.objects.select_for_update(of=("self",)).get(pk=import_id)
            if made.state != Import.State.IMPORTING:
                return
            shown = ImportReport.from_json(made.report)
            assert shown
            assert made.confirmed_by
            if not may_import(made.confirmed_by):
                require_confirmation(made)
                return
            with folder_of(made) as folder:
                done = perform(folder, by=made.confirmed_by)
            if done.counts is None or done.bad_digest != shown.bad_digest:
                raise BadRowsChanged(done)
            did = done.as_json()
            made.report = shown.as_json() | {name: did[name] for name in ("counts", "noted")}
            finish(made, Import.State.DONE)
            data = {
                "counts": did["counts"],
                "left_out": done.bad_count,
                "kept": done.noted.kept_count,
                "overruled": done.noted.overruled_count,
                "closed": done.noted.closed_count,
            }
            log(made, "deals.import", user=made.confirmed_by, data=data)
    except BadRowsChanged as found:
        made = Import.objects.get(pk=import_id)
        assert made.confirmed_by
        with folder_of(made) as folder:
            report = dry_run(folder, by=made.confirmed_by)
        save_report(made, report)
        Import.objects.filter(pk=made.pk).update(
            reason=_(
                "Something changed since these files were checked, or whoever uploaded them may "
                "change other closed deals than you. Check the result again."
            )
        )
        logger.info("import %s has other bad rows than were shown: %s", made.pk, found.report.bad)


def require_confirmation(made: Import) -> None:
    """Asks for another confirmation, because the user who confirmed may no longer import."""
    made.state, made.reason = (
        Import.State.CHECKED,
        _("%(user)s, who confirmed it, may no longer import.") % {"user": made.confirmed_by},
    )
    made.save(update_fields=["state", "reason"])


# Confirm and discard


def confirm(import_id: int, *, leaves_out: bool, by: User) -> Import:
    """Starts an import, with or without its bad rows. Raises ImportStateError."""
    with transaction.atomic():
        made = Import.objects.select_for_update(of=("self",)).get(pk=import_id)
        report = ImportReport.from_json(made.report)
        if made.state != Import.State.CHECKED or report is None:
            raise ImportStateError(
                _("This import is no longer waiting for confirmation."), "not_now"
            )
        if not report.can_be_imported:
            raise ImportStateError(
                _("A whole file cannot be read. Correct it and upload it again."), "unreadable"
            )
        if report.bad_count and not leaves_out:
            raise ImportStateError(
                _("Some rows cannot be imported. Correct them, or import without them."), "bad_rows"
            )
        made.state, made.reason = Import.State.IMPORTING, ""
        made.confirmed_by, made.leaves_out = by, bool(report.bad_count)
        made.save(update_fields=["state", "reason", "confirmed_by", "leaves_out"])
        schedule(made)
    return made


def discard(import_id: int, *, by: User | None) -> Import:
    """Ends an import without importing, and deletes its files. Raises ImportStateError."""
    with transaction.atomic():
        made = Import.objects.select_for_update(of=("self",)).get(pk=import_id)
        if made.state in (*Import.ENDED, Import.State.IMPORTING):
            raise ImportStateError(_("This import can no longer be discarded."), "not_now")
        finish(made, Import.State.DROPPED)
        log(made, "deals.drop_import", user=by)
    return made


def finish(made: Import, state: Import.State, *, reason: str = "") -> None:
    """Ends an import: deletes its files and examples; the rest of the report stays for a while."""
    made.state, made.ended_at, made.reason = state, now(), reason
    if report := ImportReport.from_json(made.report):
        made.report = report.ended(is_done=state == Import.State.DONE).as_json()
    made.save(update_fields=["state", "ended_at", "reason", "report"])
    made.files.update(packed=b"")


# Schedules


def resume_stale() -> None:
    """Every minute: continues imports left by a dead worker, an absent queue or another import."""
    stale = Import.objects.filter(state__in=Import.UNDER_WAY, sent_at__lt=now() - STALE)
    for import_id in stale.values_list("pk", flat=True):
        Import.objects.filter(pk=import_id).update(sent_at=now())
        run_next_step(import_id)


def delete_old_data() -> None:
    """Every day: discards imports never confirmed, and deletes the details of old ones."""
    left = Import.objects.filter(state=Import.State.CHECKED, at__lt=now() - UNFINISHED_KEPT)
    for import_id in left.values_list("pk", flat=True):
        discard(import_id, by=None)
    long_ago = Import.objects.filter(ended_at__lt=now() - DETAILS_KEPT)
    files = ImportFile.objects.filter(owner__in=long_ago).exclude(packed_bad_rows=b"")
    for made in long_ago:
        report = ImportReport.from_json(made.report)
        if report and report != report.without_names():
            made.report = report.without_names().as_json()
            made.save(update_fields=["report"])
    files.update(packed_bad_rows=b"")


# The names under which earlier versions left tasks and schedules in the queue (QUEUED_EARLIER).
go_on, look_again, tidy_up = run_next_step, resume_stale, delete_old_data
