"""Reads CSV files into values, or says which rows are bad and why.

UTF-8 with or without a byte order mark; the header in any order; columns that nobody asked for
are ignored. The header is line 1, and a row that spans lines is named by its first.
"""

import csv
import datetime as dt
import re
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from studio.commands import FLAW, as_line
from studio.money import is_currency
from videos.deals.times import WithoutOffset, day_of, instant_of

LONGEST = 255  # characters of a text column, in every database
NUMBER = re.compile(r"-?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,2})?", re.ASCII)
FLAGS = {"true": True, "1": True, "false": False, "0": False, "": False}
FIRST, LAST = dt.datetime(2, 1, 1, tzinfo=dt.UTC), dt.datetime(9998, 12, 31, tzinfo=dt.UTC)

T = TypeVar("T")


class Unfit(ValueError):
    """A row, a column or a header cannot be taken; the text says why."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """What is wrong with a row."""

    file: str
    line: int
    reason: str


class BadRows(ValidationError):
    """Rows cannot be imported: names the first, and how many more."""

    def __init__(self, bad: list[BadRow]) -> None:
        first, more = bad[0], len(bad) - 1
        text = _("%(file)s, line %(line)d: %(reason)s") % {
            "file": first.file,
            "line": first.line,
            "reason": first.reason,
        }
        if more:
            text += " " + ngettext(
                "(and %(count)d more bad row)", "(and %(count)d more bad rows)", more
            ) % {"count": more}
        super().__init__(text, "bad_rows")


@dataclass(frozen=True, slots=True)
class Row:
    """One row's columns as text. Reading a column raises Unfit when it is not what it should be.

    `told` are, by column, texts whose faults have been told where they came from.
    """

    columns: Mapping[str, str]
    told: Mapping[str, Collection[str]] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        """Whether the file has an optional column."""
        return name in self.columns

    def text(self, name: str) -> str:
        """Text that every database can hold; empty where unknown."""
        text = self.columns[name]
        if len(text) > LONGEST and not self.is_told(name):
            raise Unfit(
                _("%(column)s is longer than %(limit)d characters.")
                % {"column": name, "limit": LONGEST}
            )
        return text

    def is_told(self, name: str) -> bool:
        """Whether what is wrong with a column has been told elsewhere."""
        return self.columns[name] in self.told.get(name, ())

    def needed(self, name: str) -> str:
        """Text that must not be empty."""
        if not self.columns[name]:
            raise Unfit(_("%(column)s is empty.") % {"column": name})
        return self.text(name)

    def unfit(self, name: str, text: str) -> Unfit:
        """`text`, with `column` and `value` filled in."""
        return Unfit(text % {"column": name, "value": shown(self.columns[name])})

    def number(self, name: str) -> Decimal | None:
        """A number from 0, with all its digits; None where unknown."""
        text = self.text(name)
        if not text:
            return None
        if not NUMBER.fullmatch(text):
            raise self.unfit(name, _("%(column)s %(value)s is not a number."))
        number = Decimal(text)
        if number < 0:
            raise self.unfit(name, _("%(column)s %(value)s is negative."))
        return abs(number)  # there is no -0

    def instant(self, name: str) -> dt.datetime | None:
        """A time with its offset, in UTC; None where unknown."""
        text = self.columns[name]
        if not text:
            return None
        try:
            instant = instant_of(text).astimezone(dt.UTC)
        except WithoutOffset:
            raise self.unfit(name, _("%(column)s %(value)s is a time without an offset.")) from None
        except ValueError:
            raise self.unfit(name, _("%(column)s %(value)s is not an ISO 8601 time.")) from None
        if not FIRST <= instant <= LAST:
            raise self.unfit(name, _("%(column)s %(value)s is out of all time."))
        return instant

    def day(self, name: str) -> dt.date:
        """A day."""
        text = self.needed(name)
        try:
            day = day_of(text)
        except ValueError:
            raise self.unfit(name, _("%(column)s %(value)s is not an ISO 8601 day.")) from None
        if not FIRST.date() <= day <= LAST.date():
            raise self.unfit(name, _("%(column)s %(value)s is out of all time."))
        return day

    def flag(self, name: str) -> bool:
        """A yes or no; no where unknown."""
        try:
            return FLAGS[self.columns[name].lower()]
        except KeyError:
            raise self.unfit(name, _("%(column)s %(value)s is neither true nor false.")) from None

    def currency(self, name: str) -> str:
        """An ISO 4217 code; empty where unknown."""
        text = self.columns[name]
        if text and not is_currency(text):
            raise self.unfit(name, _("%(column)s %(value)s is not an ISO 4217 code."))
        return text


def shown(text: str) -> str:
    """A value as an error line shows it: quoted, printable and short."""
    text = as_line(text[:80])
    return f"“{text if len(text) <= 40 else text[:39] + '…'}”"


@dataclass(frozen=True, slots=True)
class Sheet(Generic[T]):
    """What one kind of file holds: its columns, how a row becomes a value, and what names it."""

    file: str
    columns: tuple[str, ...]
    parse: Callable[[Row], T]
    key: Callable[[T], object]
    optional: tuple[str, ...] = ()


@dataclass(slots=True)
class Read(Generic[T]):
    """What was read of one sheet: values by key, each with its line, and the bad rows.

    `named` are the texts in the first column, of bad rows too, so that one bad row does not make
    bad rows of all that refer to it; of rows out of joint, whatever may be their first column.
    `columns` are the sheet's that the file has; `unreadable`
    says that there were no rows to read.
    """

    sheet: Sheet[T]
    found: dict[object, tuple[int, T]] = field(default_factory=dict)
    bad: list[BadRow] = field(default_factory=list)
    named: set[str] = field(default_factory=set)
    columns: set[str] = field(default_factory=set)
    unreadable: bool = False

    @property
    def values(self) -> list[T]:
        """The values, in the order of the file."""
        return [value for _line, value in self.found.values()]

    def refuse(self, line: int, reason: str) -> None:
        """Notes a bad row."""
        self.bad.append(BadRow(self.sheet.file, line, reason))


def read(
    folder: Path, sheet: Sheet[T], told: Mapping[str, Collection[str]] | None = None
) -> Read[T]:
    """One sheet of a folder; nothing where its file is missing.

    `told` are, by column, texts whose faults have been told of another file.
    """
    result = Read(sheet)
    path = folder / sheet.file
    try:
        with (
            path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as lines,
            columns_of_any_length(),
        ):
            read_lines(result, lines, told or {})
    except FileNotFoundError:
        pass
    except OSError as failure:
        result.unreadable = True
        result.refuse(1, _("cannot be read: %(why)s.") % {"why": failure.strerror or failure})
    except Unfit as reason:
        result.unreadable = True
        result.refuse(1, str(reason))
    return result


@contextmanager
def columns_of_any_length() -> Iterator[None]:
    """Lets a column be as long as it is: ours say themselves when they are too long."""
    before = csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    try:
        yield
    finally:
        csv.field_size_limit(before)


def read_lines(result: Read[T], lines: Iterable[str], told: Mapping[str, Collection[str]]) -> None:
    """Reads header and rows. Raises Unfit for a header that will not do."""
    rows = numbered(lines)
    header = next(rows, Record(1, [], "", []))
    if header.flaw:
        raise Unfit(header.flaw)
    width = len(header.cells)
    names = known_columns(result.sheet, [name.strip() for name in header.cells])
    key = names[result.sheet.columns[0]]
    result.columns = set(names)
    for line, cells, flaw, raw in rows:
        if flaw or len(cells) != width:
            wrong = _("has %(columns)d columns, the header %(expected)d.") % {
                "columns": len(cells),
                "expected": width,
            }
            result.refuse(line, flaw or wrong)
            for loose in (cells, *(text.split(",") for text in raw)):
                result.named.update(may_be(loose, key, width))
            continue
        row = Row({name: cells[place].strip() for name, place in names.items()}, told)
        result.named.add(row.columns[result.sheet.columns[0]])
        try:
            add(result, line, result.sheet.parse(checked(row)))
        except Unfit as reason:
            result.refuse(line, str(reason))


def add(result: Read[T], line: int, value: T) -> None:
    """Adds a row's value. Raises Unfit where the same key already stands for something else."""
    key = result.sheet.key(value)
    first_line, first = result.found.setdefault(key, (line, value))
    if first != value:
        raise Unfit(
            _("%(key)s is on line %(line)d already, with other content.")
            % {
                "key": shown(" ".join(map(str, key)) if isinstance(key, tuple) else str(key)),
                "line": first_line,
            }
        )


def may_be(cells: Sequence[str], place: int, width: int) -> set[str]:
    """What may be the column at `place`, of cells that are more or fewer than the `width`."""
    first, last = sorted((place, place + len(cells) - width))
    return {cell.strip().strip('"').strip() for cell in cells[max(first, 0) : last + 1]}


class Record(NamedTuple):
    """A row: the number of its first line, its cells, and what is wrong with its quotes.

    `raw` are its lines as they came, until the next row is read.
    """

    line: int
    cells: Sequence[str]
    flaw: str
    raw: Sequence[str]


def numbered(lines: Iterable[str]) -> Iterator[Record]:
    """The rows of a file; empty lines are left out."""
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
            yield Record(line, [], _("quotes do not close, or not where the column ends."), raw)
        else:
            if cells:
                yield Record(line, cells, "", raw)


def known_columns(sheet: Sheet[T], header: list[str]) -> dict[str, int]:
    """Where the sheet's columns are. Raises Unfit for a missing one, or one that is there twice."""
    if any(FLAW.search(name) for name in header):
        raise Unfit(_("the file is not UTF-8."))
    for name in sheet.columns:
        if name not in header:
            raise Unfit(_("the column %(column)s is missing.") % {"column": name})
    names = [*sheet.columns, *(name for name in sheet.optional if name in header)]
    for name in names:
        if header.count(name) > 1:
            raise Unfit(_("the column %(column)s is there twice.") % {"column": name})
    return {name: header.index(name) for name in names}


def checked(row: Row) -> Row:
    """The row, if every column is text that a database can hold. Raises Unfit."""
    for name, text in row.columns.items():
        if row.is_told(name):
            continue
        if FLAW.search(text):
            raise row.unfit(name, _("%(column)s %(value)s is not UTF-8."))
        if "\0" in text:
            raise row.unfit(name, _("%(column)s %(value)s holds a NUL character."))
    return row
