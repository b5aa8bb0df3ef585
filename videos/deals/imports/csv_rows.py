"""Reads CSV files into values, or reports which rows are bad and why.

Files are UTF-8 with or without byte order marks. The header may be in any order; unknown columns
and empty rows are ignored. The header is line 1, and a row that spans lines is named by its first.
"""

import csv
import datetime as dt
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from studio.clock import FIRST, LAST
from studio.commands import FLAW
from studio.formats.money import is_currency
from studio.formats.plain_numbers import AFTER, BEFORE, NumberRefused, read_number
from videos.deals.imports.csv_causes import (
    BOM,
    HEAD,
    file_flaw,
    header_flaw,
    quoted,
    same_name,
    similar_names,
)
from videos.deals.times import WithoutOffset, day_of, instant_of

MAX_LENGTH = 255  # characters that a text column holds, in every database
NUMBER_FLAWS = {
    "invalid": gettext_lazy("%(column)s %(value)s is not a number."),
    "exponent": gettext_lazy("%(column)s %(value)s must be written without an exponent."),
    "too_many_digits": gettext_lazy(
        "%(column)s %(value)s has too many digits before the point: at most %(before)d."
    ),
    "too_many_decimals": gettext_lazy(
        "%(column)s %(value)s has too many digits after the point: at most %(after)d."
    ),
}
FLAGS = {"true": True, "1": True, "false": False, "0": False, "": False}

T = TypeVar("T")


class RowError(ValueError):
    """A row or a header is not valid; the text says why."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """What is wrong with a row, or with the whole file if `line` is 0.

    A row that is `held` is valid, but somebody else has to import it.
    """

    file: str
    line: int
    reason: str
    held: bool = False

    def __str__(self) -> str:
        words = {"file": self.file, "line": self.line, "reason": self.reason}
        if not self.line:
            return _("%(file)s: %(reason)s") % words
        return _("%(file)s, line %(line)d: %(reason)s") % words


class NothingToImport(ValidationError):
    """A folder has none of the files that can be imported; the message names them."""


class BadRows(ValidationError):
    """Rows cannot be imported. The message names the first; `bad` are all of them."""

    def __init__(self, bad: list[BadRow]) -> None:
        self.bad = bad
        first, more = bad[0], len(bad) - 1
        text = str(first)
        if more:
            text += " " + ngettext(
                "(and %(count)d more bad row)", "(and %(count)d more bad rows)", more
            ) % {"count": more}
        super().__init__(text, "bad_rows")


@dataclass(frozen=True, slots=True)
class Row:
    """The columns of one row as text. Reading a column raises RowError if it is not valid.

    `reported` are, by column, values whose errors were already reported for another file.
    """

    columns: Mapping[str, str]
    reported: Mapping[str, Collection[str]] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        """Whether the file has an optional column."""
        return name in self.columns

    def text(self, name: str) -> str:
        """Returns text that fits a column of the database; empty if unknown."""
        text = self.columns[name]
        if len(text) > MAX_LENGTH and not self.is_reported(name):
            raise RowError(
                _("%(column)s is longer than %(limit)d characters.")
                % {"column": name, "limit": MAX_LENGTH}
            )
        return text

    def is_reported(self, name: str) -> bool:
        """Whether the error of this column was already reported for another file."""
        return self.columns[name] in self.reported.get(name, ())

    def required(self, name: str) -> str:
        """Returns text that must not be empty."""
        if not self.columns[name]:
            raise RowError(_("%(column)s is empty.") % {"column": name})
        return self.text(name)

    def error(self, name: str, text: str) -> RowError:
        """Returns an error with `column`, `value` and the limits of numbers filled into `text`."""
        facts = {"column": name, "value": quoted(self.columns[name])}
        return RowError(text % {**facts, "before": BEFORE, "after": AFTER})

    def number(self, name: str) -> Decimal | None:
        """Returns a number from 0 with all its digits; None if unknown."""
        text = self.text(name)
        if not text:
            return None
        try:
            number = read_number(text)
        except NumberRefused as refusal:
            raise self.error(name, str(NUMBER_FLAWS[str(refusal.code)])) from None
        if number < 0:
            raise self.error(name, _("%(column)s %(value)s is negative."))
        return number

    def instant(self, name: str) -> dt.datetime | None:
        """Returns a time in UTC; None if unknown."""
        text = self.columns[name]
        if not text:
            return None
        try:
            instant = instant_of(text).astimezone(dt.UTC)
        except WithoutOffset:
            raise self.error(
                name, _("%(column)s %(value)s is a time without a UTC offset.")
            ) from None
        except ValueError:
            raise self.error(name, _("%(column)s %(value)s is not an ISO 8601 time.")) from None
        if not FIRST <= instant <= LAST:
            raise self.error(name, _("%(column)s %(value)s is not in the years 2 to 9998."))
        return instant

    def day(self, name: str) -> dt.date:
        """Returns a day."""
        text = self.required(name)
        try:
            day = day_of(text)
        except ValueError:
            raise self.error(name, _("%(column)s %(value)s is not an ISO 8601 day.")) from None
        if not FIRST.date() <= day <= LAST.date():
            raise self.error(name, _("%(column)s %(value)s is not in the years 2 to 9998."))
        return day

    def flag(self, name: str) -> bool:
        """Returns a boolean; False if unknown."""
        try:
            return FLAGS[self.columns[name].lower()]
        except KeyError:
            raise self.error(name, _("%(column)s %(value)s is neither true nor false.")) from None

    def currency(self, name: str) -> str:
        """Returns an ISO 4217 code; empty if unknown."""
        text = self.columns[name]
        if text and not is_currency(text):
            raise self.error(name, _("%(column)s %(value)s is not an ISO 4217 code."))
        return text


@dataclass(frozen=True, slots=True)
class CsvSchema(Generic[T]):
    """The schema of one kind of file: columns, how to parse a row, and the key of a value."""

    file: str
    columns: tuple[str, ...]
    parse: Callable[[Row], T]
    key: Callable[[T], object]
    optional: tuple[str, ...] = ()


@dataclass(slots=True)
class CsvData(Generic[T]):
    """The result of reading one file: values by key, each with its line, and the bad rows.

    `ids` are the values of the first column, of bad rows too, so that a bad row does not make bad
    rows of all that refer to it; of rows with too many or too few cells, all that may be the first
    column. `repeats` maps the line of a row to the lines that repeat it. `columns` are the columns
    of the schema that the file has. `unreadable`: no rows could be read.
    """

    schema: CsvSchema[T]
    found: dict[object, tuple[int, T]] = field(default_factory=dict)
    bad: list[BadRow] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    repeats: dict[int, list[int]] = field(default_factory=dict)
    columns: set[str] = field(default_factory=set)
    unreadable: bool = False

    @property
    def values(self) -> list[T]:
        """The values in the order of the file."""
        return [value for _line, value in self.found.values()]

    def add_bad_row(self, line: int, reason: str, *, held: bool = False) -> None:
        """Adds a bad row, and the lines that repeat it."""
        for one in (line, *self.repeats.get(line, ())):
            self.bad.append(BadRow(self.schema.file, one, reason, held))


def read(
    folder: Path, schema: CsvSchema[T], reported: Mapping[str, Collection[str]] | None = None
) -> CsvData[T]:
    """Reads one file of a folder; the result is empty if the file is missing.

    `reported` are, by column, values whose errors were already reported for another file.
    """
    result = CsvData(schema)
    path = folder / schema.file
    try:
        with path.open("rb") as file:
            if flaw := file_flaw(file.read(HEAD), schema.columns):
                raise RowError(flaw)
        with (
            path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as lines,
            columns_of_any_length(),
        ):
            read_lines(result, lines, reported or {})
    except FileNotFoundError:
        if name := same_name(schema.file, names_in(folder)):
            result.unreadable = True
            result.bad.append(BadRow(name, 0, _("must be named %(file)s.") % {"file": schema.file}))
    except OSError as failure:
        result.unreadable = True
        result.add_bad_row(1, _("cannot be read: %(why)s.") % {"why": failure.strerror or failure})
    except RowError as reason:
        result.unreadable = True
        result.add_bad_row(1, str(reason))
    return result


def names_in(folder: Path) -> set[str]:
    """Returns the names of the files in a folder."""
    return {path.name for path in folder.iterdir()}


def check_any_file(folder: Path, wanted: Sequence[str], known: Sequence[str]) -> None:
    """Raises NothingToImport if a folder has none of the `known` files, ignoring case.

    `wanted` are the files of this import. A folder with only the other import's files is accepted,
    because people give both commands the same folder.
    """
    names = names_in(folder)
    if any(file in names or same_name(file, names) for file in known):
        return
    text = _("Nothing to import: there is none of %(files)s in “%(folder)s”.") % {
        "files": ", ".join(wanted),
        "folder": folder,
    }
    if meant := similar_names(wanted, names)[:1]:
        text += " " + _("Save %(name)s as comma-separated UTF-8, named %(file)s.") % {
            "name": quoted(meant[0][0]),
            "file": meant[0][1],
        }
    raise NothingToImport(text, "nothing_to_import")


@contextmanager
def columns_of_any_length() -> Iterator[None]:
    """Lifts the csv module's limit of column lengths; `Row.text` has its own."""
    before = csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    try:
        yield
    finally:
        csv.field_size_limit(before)


def read_lines(
    result: CsvData[T], lines: Iterable[str], reported: Mapping[str, Collection[str]]
) -> None:
    """Reads header and rows. Raises RowError if the header is not valid."""
    rows = numbered_rows(lines)
    header = next(rows, Record(1, [], "", []))
    if header.flaw:
        raise RowError(header.flaw)
    width = len(header.cells)
    names = known_columns(result.schema, [name.strip().lstrip(BOM) for name in header.cells])
    key = names[result.schema.columns[0]]
    result.columns = set(names)
    for line, cells, flaw, raw in rows:
        if flaw or len(cells) != width:
            result.add_bad_row(line, flaw or wrong_cell_count(cells, width))
            for loose in (cells, *(text.split(",") for text in raw)):
                result.ids.update(candidates(loose, key, width))
            continue
        row = Row({name: cells[place].strip() for name, place in names.items()}, reported)
        result.ids.add(row.columns[result.schema.columns[0]])
        try:
            add(result, line, result.schema.parse(check_text(row)))
        except RowError as reason:
            result.add_bad_row(line, str(reason))


def wrong_cell_count(cells: Sequence[str], width: int) -> str:
    """Describes a row that has another number of cells than the header's `width`.

    Empty cells at the end are not simply dropped: in “K1,Smith, Inc,” either the last comma is one
    too many, or the one in the name.
    """
    text = ngettext(
        "has %(columns)d column, the header %(expected)d.",
        "has %(columns)d columns, the header %(expected)d.",
        len(cells),
    ) % {"columns": len(cells), "expected": width}
    if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
        text += " " + _("It ends with an extra comma, or a text with a comma is not in quotes.")
    return text


def add(result: CsvData[T], line: int, value: T) -> None:
    """Adds a row's value. Raises RowError if its key already has another value."""
    key = result.schema.key(value)
    first_line, first = result.found.setdefault(key, (line, value))
    if first != value:
        raise RowError(
            _("%(key)s is already on line %(line)d, with different content.")
            % {
                "key": quoted(" ".join(map(str, key)) if isinstance(key, tuple) else str(key)),
                "line": first_line,
            }
        )
    if first_line != line:
        result.repeats.setdefault(first_line, []).append(line)


def candidates(cells: Sequence[str], place: int, width: int) -> set[str]:
    """Returns the cells that may be column `place` in a row with more or fewer than `width`."""
    first, last = sorted((place, place + len(cells) - width))
    return {cell.strip().strip('"').strip() for cell in cells[max(first, 0) : last + 1]}


class Record(NamedTuple):
    """A row: the number of its first line, its cells, and what is wrong with its quotes.

    `raw` are its unparsed lines, valid until the next row is read.
    """

    line: int
    cells: Sequence[str]
    flaw: str
    raw: Sequence[str]


def numbered_rows(lines: Iterable[str]) -> Iterator[Record]:
    """Yields the rows of a file with their line numbers; empty rows are skipped."""
    raw: list[str] = []

    def kept() -> Iterator[str]:
        for text in lines:
            raw.append(text)
            yield text

    reader = csv.reader(kept(), strict=True)
    while True:
        line = reader.line_num + 1
        raw.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield Record(
                line, [], _("a quote is not closed, or closed before the end of the column."), raw
            )
        else:
            if any(cell.strip() for cell in cells):
                yield Record(line, cells, "", raw)


def known_columns(schema: CsvSchema[T], header: list[str]) -> dict[str, int]:
    """Returns each column's position in the header.

    Raises RowError for a column that is missing or appears twice.
    """
    if any(FLAW.search(name) for name in header):
        raise RowError(_("the file is not UTF-8."))
    if flaw := header_flaw(schema.columns, schema.optional, header):
        raise RowError(flaw)
    return {
        name: header.index(name) for name in (*schema.columns, *schema.optional) if name in header
    }


def check_text(row: Row) -> Row:
    """Returns the row if the database can store all its text. Raises RowError."""
    for name, text in row.columns.items():
        if row.is_reported(name):
            continue
        if FLAW.search(text):
            raise row.error(name, _("%(column)s %(value)s is not UTF-8."))
        if "\0" in text:
            raise row.error(name, _("%(column)s %(value)s contains a NUL character."))
    return row
