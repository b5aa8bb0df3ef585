"""Catalogues of messages under `locale/`: extracted, checked and compiled with Babel alone.

Django's own commands need GNU gettext, which a laptop may not have: see
docs/decisions/0061-translations.md.
"""

import re
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract, extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

SOURCES = ("studio", "videos", "budgets", "templates")
SUFFIXES = {".py", ".html", ".txt"}
KEYWORDS: dict[str, Any] = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[#0\- +]*\d*(?:\.\d+)?[a-zA-Z]|\{\w*\}")


class Fault(NamedTuple):
    """What keeps one message from being read in a language."""

    message: str
    what: str

    def __str__(self) -> str:
        return f"{self.what}: {self.message!r}"


def catalogues(root: Path | None = None) -> list[Path]:
    """The catalogues of the studio, or of another folder, one a language and domain."""
    return sorted((root or Path(settings.LOCALE_PATHS[0])).glob("*/LC_MESSAGES/*.po"))


def read(path: Path) -> Catalog:
    """A catalogue. Raises babel's PoFileError for one that is broken."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3], domain=path.stem, abort_invalid=True)


def write(path: Path, catalogue: Catalog) -> None:
    """Writes a catalogue with the names of files, and without their lines, which change daily."""
    into = BytesIO()
    write_po(into, catalogue, width=100, include_lineno=False, ignore_obsolete=True)
    path.write_bytes(into.getvalue())


# Extracting


def messages_of_template(
    file: BinaryIO, keywords: Any, comment_tags: Any, options: Any
) -> Iterator[tuple[int, Any, list[str], str | None]]:
    """What a template marks for translation, as Babel's extractors give it."""
    marked = templatize(file.read().decode())
    # Babel reads it as Python, to which an indent is syntax.
    flat = "\n".join(line.lstrip() for line in marked.split("\n"))
    yield from extract_python(BytesIO(flat.encode()), keywords, comment_tags, {"encoding": "utf-8"})


def sources(base: Path) -> Iterator[Path]:
    """Modules and templates with messages, in order."""
    for folder in SOURCES:
        for path in sorted((base / folder).rglob("*")):
            if path.suffix in SUFFIXES and "migrations" not in path.parts:
                yield path


def extracted(base: Path) -> Catalog:
    """All messages of the code, with an empty translation each."""
    catalogue = Catalog(fuzzy=False)
    for path in sources(base):
        method: Any = "python" if path.suffix == ".py" else messages_of_template
        with path.open("rb") as file:
            found = list(extract(method, file, KEYWORDS, ["Translators:"], {"encoding": "utf-8"}))
        for _line, message, comments, context in found:
            where = [(path.relative_to(base).as_posix(), 0)]
            catalogue.add(message, None, where, auto_comments=comments, context=context)
    return catalogue


def update(path: Path, template: Catalog) -> bool:
    """Brings a catalogue up to date; says whether anything changed.

    Nothing is guessed: a changed message is a new one, without a translation.
    """
    catalogue = read(path)
    before = contents(catalogue)
    dated = catalogue.creation_date
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.creation_date = dated
    catalogue.obsolete.clear()
    if contents(catalogue) == before:
        return False
    write(path, catalogue)
    return True


def contents(catalogue: Catalog) -> list[tuple[Any, ...]]:
    """What a catalogue says, where each message stands in the code included."""
    return sorted(
        (
            str(one.id),
            one.context or "",
            str(one.string),
            sorted({file for file, _ in one.locations}),
        )
        for one in catalogue
        if one.id
    )


# Checking


def faults(catalogue: Catalog, template: Catalog) -> list[Fault]:
    """What is missing, uncertain or wrong in a catalogue, in the order of the code."""
    found = []
    for wanted in template:
        if wanted.id:
            message = catalogue.get(wanted.id, wanted.context)
            what = fault_of(message) if message else "missing"
            if what:
                found.append(Fault(singular(wanted), what))
    return found


def fault_of(message: Message) -> str:
    """What is wrong with a message's translation; nothing if it is good."""
    originals = forms(message.id)
    translations = forms(message.string)
    if not translations or not all(translations):
        return "not translated"
    if message.fuzzy:
        return "fuzzy"
    allowed = [sorted(set(PLACEHOLDER.findall(text))) for text in originals]
    for text in translations:
        if sorted(set(PLACEHOLDER.findall(text))) not in allowed:
            return "other placeholders"
        if ends(text) not in {ends(original) for original in originals}:
            return "begins or ends with another line break"
    return ""


def forms(text: Any) -> list[str]:
    """The forms of a message: one, or one a plural."""
    return [text] if isinstance(text, str) else list(text or ())


def ends(text: str) -> tuple[bool, bool]:
    """Whether a text begins, and whether it ends, with a line break."""
    return text.startswith("\n"), text.endswith("\n")


def singular(message: Message) -> str:
    """What a message is called by."""
    return forms(message.id)[0]


# Compiling


def compile_all(paths: Iterable[Path]) -> None:
    """Writes what Django reads next to each catalogue; what is fuzzy or empty stays English."""
    for path in paths:
        into, catalogue = BytesIO(), read(path)
        for message in catalogue:
            if message.id and not all(forms(message.string)):
                message.string = ""  # Babel writes plurals without a text, which would show nothing
        write_mo(into, catalogue)
        path.with_suffix(".mo").write_bytes(into.getvalue())
