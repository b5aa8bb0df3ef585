"""Explains, from its name or first bytes, why a file is not the expected CSV. Pure functions."""

import codecs
import re
import unicodedata
from collections.abc import Collection, Sequence

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from studio.changes import quoted as in_quotes
from studio.commands import as_line

HEAD = 64 * 1024  # bytes that are read to find out

# Longest first: the BOM of UTF-32 starts with the BOM of UTF-16.
BOMS = (
    (codecs.BOM_UTF32_LE, "UTF-32", "utf-32-le"),
    (codecs.BOM_UTF32_BE, "UTF-32", "utf-32-be"),
    (codecs.BOM_UTF16_LE, "UTF-16", "utf-16-le"),
    (codecs.BOM_UTF16_BE, "UTF-16", "utf-16-be"),
)
OTHER_FILES = (b"PK", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"%PDF")
SEPARATORS = {
    ";": gettext_lazy("semicolons"),
    "\t": gettext_lazy("tabs"),
    "|": gettext_lazy("vertical bars"),
}
SEP_LINE = re.compile(r'"?sep=(?P<separator>.)"?\s*', re.IGNORECASE)
BOM = "\ufeff"


def quoted(text: str) -> str:
    """Returns a value for an error message: in quotes, printable and short."""
    text = as_line(text[:80])
    return in_quotes(text if len(text) <= 40 else text[:39] + "…")


def file_flaw(head: bytes, columns: Sequence[str]) -> str:
    """Returns what is wrong with a file that starts with `head` and should have `columns`.

    Empty if nothing can be found out.
    """
    if head.startswith(OTHER_FILES) and b"," not in head.split(b"\n", 1)[0]:
        return _("is a workbook or an archive. Save it as comma-separated UTF-8.")
    name, codec = encoding_of(head)
    text = head.decode(codec, errors="replace").lstrip(BOM)
    first = next((line for line in text.splitlines() if line.strip()), "")
    if not first:
        return _("is empty: its first line must name the columns %(columns)s.") % {
            "columns": ",".join(columns)
        }
    if name == "UTF-8":
        return first_line_flaw(first, columns)
    words = {"encoding": name, "separator": separator_of(first, columns)}
    if words["separator"]:
        return (
            _(
                "the file is %(encoding)s, not UTF-8, and its columns are separated by "
                "%(separator)s, not by commas. Save it as comma-separated UTF-8."
            )
            % words
        )
    return _("the file is %(encoding)s, not UTF-8. Save it as comma-separated UTF-8.") % words


def encoding_of(head: bytes) -> tuple[str, str]:
    """Returns the encoding of a file: its name, and Python's name for it.

    Without a BOM, a NUL in most pairs of bytes means UTF-16, because headers are ASCII.
    """
    for mark, name, codec in BOMS:
        if head.startswith(mark):
            return name, codec
    start = head[:200]
    for place, codec in ((1, "utf-16-le"), (0, "utf-16-be")):
        every_second = start[place::2]
        if len(every_second) > 3 and every_second.count(0) > 0.8 * len(every_second):
            return "UTF-16", codec
    return "UTF-8", "utf-8"


def first_line_flaw(first: str, columns: Sequence[str]) -> str:
    """Returns what is wrong with a first line that is no header or not comma-separated."""
    if found := SEP_LINE.fullmatch(first):
        words = {"line": quoted(first.strip())}
        if found["separator"] == ",":
            return (
                _(
                    "the first line is %(line)s, which only spreadsheets understand. Delete it: "
                    "the header must come first."
                )
                % words
            )
        return (
            _(
                "the first line is %(line)s, which only spreadsheets understand. Delete it, and "
                "save the file as comma-separated."
            )
            % words
        )
    if separator := separator_of(first, columns):
        return _(
            "the columns are separated by %(separator)s, not by commas. Save the file as "
            "comma-separated."
        ) % {"separator": separator}
    return ""


def separator_of(first: str, columns: Sequence[str]) -> str:
    """Returns the name of the separator of a header if it is not a comma, else nothing."""
    wanted = {normalized(name) for name in columns}
    known = {
        separator: len(wanted & {normalized(cell) for cell in first.split(separator)})
        for separator in (",", *SEPARATORS)
    }
    best = max(known, key=lambda separator: known[separator])
    return str(SEPARATORS[best]) if best != "," and known[best] > 1 else ""


def normalized(name: str) -> str:
    """Returns a column's name in lower case with letters and digits only, for comparison."""
    return "".join(
        char for char in unicodedata.normalize("NFKC", name).casefold() if char.isalnum()
    )


def header_flaw(needed: Sequence[str], optional: Sequence[str], header: Sequence[str]) -> str:
    """Returns what is wrong with a header: a column is missing, misspelled, or there twice."""
    missing = [name for name in needed if name not in header]
    near = {
        name: cell
        for name in (*missing, *(name for name in optional if name not in header))
        for cell in header
        if normalized(cell) == normalized(name)
    }
    if near:
        return ngettext(
            "the column %(columns)s is missing: the header has %(found)s in its place.",
            "the columns %(columns)s are missing: the header has %(found)s in their place.",
            len(near),
        ) % {
            "columns": get_text_list(list(near), _("and")),
            "found": get_text_list([quoted(cell) for cell in near.values()], _("and")),
        }
    if missing:
        text = _("the column %(column)s is missing.") % {"column": missing[0]}
        if len(missing) == len(needed) and any(not is_name(cell) for cell in header):
            text += " " + _("The first line must name the columns: %(columns)s.") % {
                "columns": ",".join(needed)
            }
        return text
    for name in (*needed, *optional):
        if header.count(name) > 1:
            return _("the column %(column)s appears twice.") % {"column": name}
    return ""


def is_name(cell: str) -> bool:
    """Whether a cell looks like the name of a column, not like a value."""
    return re.fullmatch(r"[^\W\d][\w .-]*", cell) is not None


def same_name(file: str, names: Collection[str]) -> str:
    """Returns the name that differs from `file` only in case and spaces, if `file` is missing."""
    if file in names:
        return ""
    found = (name for name in sorted(names) if name.strip().casefold() == file)
    return next(found, "")


def similar_names(files: Collection[str], names: Collection[str]) -> list[tuple[str, str]]:
    """Returns names probably meant for one of `files`, such as “contacts.xlsx”, with that file."""
    found = []
    for name in sorted(names):
        for file in files:
            stem = file.removesuffix(".csv")
            if re.fullmatch(rf"{stem}([ ._(-]|\d).*", name, re.IGNORECASE):
                found.append((name, file))
    return found
