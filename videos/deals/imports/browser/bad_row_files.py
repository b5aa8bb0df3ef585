"""Writes files without their bad rows, and the bad rows as files to correct."""

import csv
import io
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from studio.spreadsheets import in_csv
from videos.deals.imports.browser.import_report import BadRowEntry
from videos.deals.imports.csv_rows import columns_of_any_length, numbered_rows

FIRST_COLUMNS = ("bad_line", "bad_because")  # unknown to the import, so it ignores them


def lines_of(path: Path) -> Iterator[str]:
    """Yields the lines of a file as the import reads them, including bytes that are not UTF-8."""
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as lines:
        yield from lines


def leave_out(path: Path, bad: Collection[int]) -> None:
    """Empties the rows that start on the lines `bad`. The others keep their line numbers."""
    gone: set[int] = set()
    with columns_of_any_length():
        for row in numbered_rows(lines_of(path)):
            if row.line in bad:
                gone.update(range(row.line, row.line + len(row.raw)))
    without = path.with_suffix(".part")
    with without.open("w", encoding="utf-8", errors="surrogateescape", newline="") as kept:
        for number, line in enumerate(lines_of(path), 1):
            kept.write("\n" if number in gone else line)
    without.replace(path)


def bad_rows_csv(path: Path, bad: Sequence[BadRowEntry]) -> bytes:
    """Returns the bad rows of a file as CSV, each with its line number and what is wrong with it.

    Once corrected, it can be uploaded as it is. Cells that a spreadsheet would run as a formula are
    made text.
    """
    reasons: dict[int, str] = {}
    for row in bad:
        reasons.setdefault(row.line, row.reason)
    output = io.StringIO()
    writer = csv.writer(output)
    with columns_of_any_length():
        for place, record in enumerate(numbered_rows(lines_of(path))):
            cells = record.cells or ["".join(record.raw).strip()]
            if place == 0:
                writer.writerow([*FIRST_COLUMNS, *map(in_csv, cells)])
            elif record.line in reasons:
                reason = in_csv(reasons[record.line])
                writer.writerow([record.line, reason, *map(in_csv, cells)])
    return output.getvalue().encode("utf-8-sig", "replace")


def count_rows(content: bytes) -> int:
    """Count the rows of a file made by `bad_rows_csv`."""
    with columns_of_any_length():
        return max(sum(1 for _row in csv.reader(io.StringIO(content.decode("utf-8-sig")))) - 1, 0)
