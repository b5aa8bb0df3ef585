"""The result of checking or importing files, as plain values stored as JSON."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

from videos.deals.imports.csv_rows import BadRow
from videos.deals.imports.upsert import RowCounts

MAX_BAD_LISTED = 2000  # bad rows that a report lists; the files to correct have all of them
MAX_NOTES_LISTED = 200  # of everything else that it lists


class BadRowEntry(NamedTuple):
    """A row that cannot be imported.

    `follows`: only because it refers to one that cannot. `held`: somebody else has to import it.
    """

    file: str
    line: int
    reason: str
    follows: bool = False
    held: bool = False

    @property
    def is_a_whole_file(self) -> bool:
        """Whether the error is in the file's name, encoding or header."""
        return self.line < 2


def bad_of(rows: Sequence[BadRow], *, follows: bool) -> list[BadRowEntry]:
    """Converts bad rows of the readers; a held row never follows from another one."""
    return [
        BadRowEntry(row.file, row.line, row.reason, follows and not row.held, row.held)
        for row in rows
    ]


class Example(NamedTuple):
    """A row that would be created or changed: its model, name and changes."""

    kind: str
    name: str
    changes: list[str]


class ReportItem(NamedTuple):
    """Something that deserves attention, and its URL."""

    text: str
    url: str


@dataclass(frozen=True)
class ReportNotes:
    """What deserves attention after an import; the first MAX_NOTES_LISTED of each are listed.

    `kept` are corrections kept over the CRM's values, `overruled` those that the CRM's values
    replaced, `closed` changes of closed deals, `twins` new contacts with the e-mail address of an
    existing contact.
    """

    kept: Sequence[ReportItem] = ()
    overruled: Sequence[ReportItem] = ()
    closed: Sequence[ReportItem] = ()
    twins: Sequence[ReportItem] = ()
    kept_count: int = 0
    overruled_count: int = 0
    closed_count: int = 0
    twins_count: int = 0

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "ReportNotes":
        """Reads stored JSON; empty for imports from before this was stored."""
        told: dict[str, Any] = {}
        for name in ("kept", "overruled", "closed", "twins"):
            told[name] = [ReportItem(*row) for row in found.get(name, ())]
            told[f"{name}_count"] = found.get(f"{name}_count", 0)
        return cls(**told)

    def without_names(self) -> "ReportNotes":
        """The counts only."""
        return replace(self, kept=(), overruled=(), closed=(), twins=())


@dataclass(frozen=True)
class ImportReport:
    """What an import would do or did: counts by file, examples, and the bad rows.

    `bad` are all bad rows, or the first MAX_BAD_LISTED if the report comes from the database.
    `counts` is None if a whole file cannot be read.
    """

    counts: Mapping[str, RowCounts] | None
    bad: Sequence[BadRowEntry] = ()
    created: Sequence[Example] = ()
    changed: Sequence[Example] = ()
    bad_count: int = 0
    bad_digest: str = ""
    noted: ReportNotes = ReportNotes()

    @classmethod
    def of(
        cls,
        counts: Mapping[str, RowCounts] | None,
        bad: Sequence[BadRowEntry],
        noted: ReportNotes,
        created: Sequence[Example] = (),
        changed: Sequence[Example] = (),
    ) -> "ImportReport":
        """Builds the report of an import."""
        return cls(counts, bad, created, changed, len(bad), digest_of(bad), noted)

    @property
    def can_be_imported(self) -> bool:
        """Whether the files can be imported, possibly without bad rows."""
        return self.counts is not None

    @property
    def does_something(self) -> bool:
        """Whether anything would be created or changed."""
        return any(row.created or row.updated for row in (self.counts or {}).values())

    def ended(self, *, is_done: bool) -> "ImportReport":
        """The report of an ended import: without examples and, if not done, without the notes."""
        noted = self.noted if is_done else self.noted.without_names()
        return replace(self, created=[], changed=[], noted=noted)

    def without_names(self) -> "ImportReport":
        """The numbers only."""
        return replace(self.ended(is_done=False), bad=[])

    def as_json(self) -> dict[str, Any]:
        """Returns what is stored; of the bad rows only the first."""
        counts = None
        if self.counts is not None:
            counts = {file: asdict(row) for file, row in self.counts.items()}
        return {
            **asdict(self),
            "counts": counts,
            "bad": [list(row) for row in self.bad[:MAX_BAD_LISTED]],
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "ImportReport | None":
        """Reads stored JSON; None for an import that was not checked yet."""
        if not kept:
            return None
        counts = kept["counts"]
        return cls(
            counts=None
            if counts is None
            else {file: RowCounts(**row) for file, row in counts.items()},
            bad=[BadRowEntry(*row) for row in kept["bad"]],
            created=[Example(*row) for row in kept["created"]],
            changed=[Example(*row) for row in kept["changed"]],
            bad_count=kept["bad_count"],
            bad_digest=kept["bad_digest"],
            noted=ReportNotes.from_json(kept.get("noted", {})),
        )


def digest_of(bad: Sequence[BadRowEntry]) -> str:
    """Returns a digest that identifies a list of bad rows; empty for no rows."""
    if not bad:
        return ""
    return hashlib.sha256(json.dumps([list(row) for row in bad]).encode()).hexdigest()
