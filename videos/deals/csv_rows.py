"""Reads CSV files into values, or says which rows are bad and why.

UTF-8 with or without a byte order mark (with two as well: a program that writes one over another
that does leaves nothing in doubt); the header in any order; columns that nobody asked for are
ignored, and so are rows without a single sign. The header is line 1, and a row that spans lines
is named by its first.
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
from studio.money import is_currency
from studio.numbers import AFTER, BEFORE, NumberRefused, read_number
from videos.deals.csv_causes import HEAD, MARK, alike, flaw_of, header_flaw, same_name, shown
from videos.deals.times import WithoutOffset, day_of, instant_of

LONGEST = 255  # characters of a text column, in every database
NUMBER_FLAWS = {
    "invalid": gettext_lazy("%(column)s %(value)s is not a number."),
    "exponent": gettext_lazy(
        "%(column)s %(value)s is not a number written plainly: leave the exponent out."
    ),
    "too_many_digits": gettext_lazy(
        "%(column)s %(value)s has too many digits before the point: at most %(before)d."
    ),
    "too_many_decimals": gettext_lazy(
        "%(column)s %(value)s has too many digits after the point: at most %(after)d."
    ),
}
FLAGS = {"true": True, "1": True, "false": False, "0": False, "": False}

T = TypeVar("T")


class Unfit(ValueError):
    """A row, a column or a header cannot be taken; the text says why."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """What is wrong with a row, or with a file where `line` is 0."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        words = {"file": self.file, "line": self.line, "reason": self.reason}
        if not self.line:
            return _("%(file)s: %(reason)s") % words
        return _("%(file)s, line %(line)d: %(reason)s") % words


class NothingToImport(ValidationError):
    """A folder holds no file that the studio imports; says which it would, and what is there."""


class BadRows(ValidationError):
    """Rows cannot be imported: names the first, and how many more. `bad` are all of them."""

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
        """`text`, with `column`, `value` and the bounds of numbers filled in."""
        facts = {"column": name, "value": shown(self.columns[name])}
        return Unfit(text % {**facts, "before": BEFORE, "after": AFTER})

    def number(self, name: str) -> Decimal | None:
        """A number from 0, with all its digits; None where unknown."""
        text = self.text(name)
        if not text:
            return None
        try:
            number = read_number(text)
        except NumberRefused as refusal:
            raise self.unfit(name, str(NUMBER_FLAWS[str(refusal.code)])) from None
        if number < 0:
            raise self.unfit(name, _("%(column)s %(value)s is negative."))
        return number

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
            raise self.unfit(name, _("%(column)s %(value)s is not in the years 2 to 9998."))
        return instant

    def day(self, name: str) -> dt.date:
        """A day."""
        text = self.needed(name)
        try:
            day = day_of(text)
        except ValueError:
            raise self.unfit(name, _("%(column)s %(value)s is not an ISO 8601 day.")) from None
        if not FIRST.date() <= day <= LAST.date():
            raise self.unfit(name, _("%(column)s %(value)s is not in the years 2 to 9998."))
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
        with path.open("rb") as file:
            if flaw := flaw_of(file.read(HEAD), sheet.columns):
                raise Unfit(flaw)
        with (
            path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as lines,
            columns_of_any_length(),
        ):
            read_lines(result, lines, told or {})
    except FileNotFoundError:
        if name := same_name(sheet.file, names_in(folder)):
            result.unreadable = True
            result.bad.append(BadRow(name, 0, _("must be named %(file)s.") % {"file": sheet.file}))
    except OSError as failure:
        result.unreadable = True
        result.refuse(1, _("cannot be read: %(why)s.") % {"why": failure.strerror or failure})
    except Unfit as reason:
        result.unreadable = True
        result.refuse(1, str(reason))
    return result


def names_in(folder: Path) -> set[str]:
    """The names of what a folder holds."""
    return {path.name for path in folder.iterdir()}


def refuse_without(folder: Path, wanted: Sequence[str], known: Sequence[str]) -> None:
    """Raises NothingToImport where a folder has none of the `known` files, by any case of name.

    An import wants some of them, and may find those of the other one alone: both are given the
    same folder.
    """
    names = names_in(folder)
    if any(file in names or same_name(file, names) for file in known):
        return
    text = _("Nothing to import: there is none of %(files)s in “%(folder)s”.") % {
        "files": ", ".join(wanted),
        "folder": folder,
    }
    if meant := alike(wanted, names)[:1]:
        text += " " + _("Save %(name)s as comma separated UTF-8, named %(file)s.") % {
            "name": shown(meant[0][0]),
            "file": meant[0][1],
        }
    raise NothingToImport(text, "nothing_to_import")


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
    names = known_columns(result.sheet, [name.strip().lstrip(MARK) for name in header.cells])
    key = names[result.sheet.columns[0]]
    result.columns = set(names)
    for line, cells, flaw, raw in rows:
        if flaw or len(cells) != width:
            result.refuse(line, flaw or out_of_joint(cells, width))
            for loose in (cells, *(text.split(",") for text in raw)):
                result.named.update(may_be(loose, key, width))
            continue
        row = Row({name: cells[place].strip() for name, place in names.items()}, told)
        result.named.add(row.columns[result.sheet.columns[0]])
        try:
            add(result, line, result.sheet.parse(checked(row)))
        except Unfit as reason:
            result.refuse(line, str(reason))


def out_of_joint(cells: Sequence[str], width: int) -> str:
    """Why a row cannot be read by a header of `width` columns.

    What is empty at its end is not just left out: of “K1,Smith, Inc,” nobody knows whether the
    last comma is one too many, or the one in the name.
    """
    text = ngettext(
        "has %(columns)d column, the header %(expected)d.",
        "has %(columns)d columns, the header %(expected)d.",
        len(cells),
    ) % {"columns": len(cells), "expected": width}
    if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
        text += " " + _("It ends in a comma too many, or a text with a comma has no quotes.")
    return text


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
    """The rows of a file; those without a single sign, but for commas, are left out."""
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
            if any(cell.strip() for cell in cells):
                yield Record(line, cells, "", raw)


def known_columns(sheet: Sheet[T], header: list[str]) -> dict[str, int]:
    """Where the sheet's columns are. Raises Unfit for a missing one, or one that is there twice."""
    if any(FLAW.search(name) for name in header):
        raise Unfit(_("the file is not UTF-8."))
    if flaw := header_flaw(sheet.columns, sheet.optional, header):
        raise Unfit(flaw)
    return {
        name: header.index(name) for name in (*sheet.columns, *sheet.optional) if name in header
    }


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
