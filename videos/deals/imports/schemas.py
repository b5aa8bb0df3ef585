"""The schemas of the CSV files of both imports."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from videos.deals.imports.csv_causes import quoted
from videos.deals.imports.csv_rows import CsvData, CsvSchema, Row, RowError, T, check_any_file
from videos.deals.imports.upsert import keys_of
from videos.deals.models import Deal


@dataclass(frozen=True, slots=True)
class CompanyRow:
    """A row of companies.csv."""

    id: str
    name: str
    domain: str


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A row of contacts.csv."""

    id: str
    email: str
    name: str
    company: str
    created_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class DealRow:
    """A row of deals.csv."""

    id: str
    name: str
    company: str
    owner_email: str
    status: str
    stage: str
    amount: Decimal | None
    currency: str
    created_at: dt.datetime
    closed_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class DealContactRow:
    """A row of deal_contacts.csv."""

    deal: str
    contact: str
    role: str


@dataclass(frozen=True, slots=True)
class RateRow:
    """A row of rates.csv."""

    day: dt.date
    from_currency: str
    to_currency: str
    rate: Decimal

    @property
    def key(self) -> tuple[dt.date, str, str]:
        return self.day, self.from_currency, self.to_currency


@dataclass(frozen=True, slots=True)
class VideoRow:
    """A row of videos.csv; `duration` in seconds."""

    id: str
    title: str
    duration: Decimal | None
    published_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class ViewRow:
    """A row of views.csv."""

    id: str
    video: str
    viewer: str
    contact: str
    started_at: dt.datetime
    seconds: Decimal | None
    is_bot: bool
    is_internal: bool


def company(row: Row) -> CompanyRow:
    """Parses a company; without a name, its domain or id is used."""
    company_id, domain = row.required("company_id"), row.text("domain")
    return CompanyRow(company_id, row.text("name") or domain or company_id, domain)


def contact(row: Row) -> ContactRow:
    """Parses a contact; `created_at` is optional."""
    return ContactRow(
        id=row.required("contact_id"),
        email=row.text("email"),
        name=row.text("name"),
        company=row.text("company_id"),
        created_at=row.instant("created_at") if row.has("created_at") else None,
    )


def deal(row: Row) -> DealRow:
    """Parses a deal. `closed_at` of an open deal is an expectation, and ignored."""
    found = DealRow(
        id=row.required("deal_id"),
        name=row.text("name") or row.required("deal_id"),
        company=row.text("company_id"),
        owner_email=row.text("owner_email"),
        status=status(row),
        stage=row.text("stage"),
        amount=row.number("amount"),
        currency=row.currency("currency"),
        created_at=required_instant(row, "created_at"),
        closed_at=None if row.text("status") == Deal.Status.OPEN else row.instant("closed_at"),
    )
    if found.amount is not None and not found.currency:
        raise RowError(_("the amount has no currency."))
    if found.status == Deal.Status.OPEN:
        return found
    if found.closed_at is None:
        raise RowError(_("the deal is %(status)s and has no closed_at.") % {"status": found.status})
    if found.closed_at < found.created_at:
        raise RowError(_("closed_at is before created_at."))
    return found


def status(row: Row) -> str:
    """Parses the status: open, won or lost."""
    text = row.required("status")
    if text not in Deal.Status.values:
        raise row.error("status", _("%(column)s %(value)s is not open, won or lost."))
    return text


def required_instant(row: Row, name: str) -> dt.datetime:
    """Parses a time that must not be empty."""
    row.required(name)
    instant = row.instant(name)
    assert instant is not None
    return instant


def part(row: Row) -> DealContactRow:
    """Parses a contact of a deal."""
    return DealContactRow(row.required("deal_id"), row.required("contact_id"), row.text("role"))


def rate(row: Row) -> RateRow:
    """Parses a rate: one `from_currency` is `rate` `to_currency`."""
    for name in ("from_currency", "to_currency", "rate"):
        row.required(name)
    found = row.number("rate")
    if not found:
        raise row.error("rate", _("%(column)s %(value)s is not a rate: it must be above zero."))
    return RateRow(
        row.day("date"), row.currency("from_currency"), row.currency("to_currency"), found
    )


def video(row: Row) -> VideoRow:
    """Parses a video; without a title, its id is used."""
    return VideoRow(
        id=row.required("video_id"),
        title=row.text("title") or row.required("video_id"),
        duration=row.number("duration_seconds"),
        published_at=row.instant("published_at"),
    )


def view(row: Row) -> ViewRow:
    """Parses a view; viewer, contact and seconds may be unknown."""
    return ViewRow(
        id=row.required("view_id"),
        video=row.required("video_id"),
        viewer=row.text("viewer_id"),
        contact=row.text("contact_id"),
        started_at=required_instant(row, "started_at"),
        seconds=row.number("seconds_watched"),
        is_bot=row.flag("is_bot"),
        is_internal=row.flag("is_internal"),
    )


COMPANIES = CsvSchema(
    "companies.csv", ("company_id", "name", "domain"), company, lambda found: found.id
)
CONTACTS = CsvSchema(
    "contacts.csv",
    ("contact_id", "email", "name", "company_id"),
    contact,
    lambda found: found.id,
    optional=("created_at",),
)
DEALS = CsvSchema(
    "deals.csv",
    (
        "deal_id",
        "name",
        "company_id",
        "owner_email",
        "status",
        "stage",
        "amount",
        "currency",
        "created_at",
        "closed_at",
    ),
    deal,
    lambda found: found.id,
)
DEAL_CONTACTS = CsvSchema(
    "deal_contacts.csv", ("deal_id", "contact_id", "role"), part, lambda found: found
)
RATES = CsvSchema(
    "rates.csv", ("date", "from_currency", "to_currency", "rate"), rate, lambda found: found.key
)
VIDEOS = CsvSchema(
    "videos.csv",
    ("video_id", "title", "duration_seconds", "published_at"),
    video,
    lambda found: found.id,
)
VIEWS = CsvSchema(
    "views.csv",
    (
        "view_id",
        "video_id",
        "viewer_id",
        "contact_id",
        "started_at",
        "seconds_watched",
        "is_bot",
        "is_internal",
    ),
    view,
    lambda found: found.id,
)


CRM_SCHEMAS: tuple[CsvSchema[Any], ...] = (COMPANIES, CONTACTS, DEALS, DEAL_CONTACTS, RATES)
VIEW_SCHEMAS: tuple[CsvSchema[Any], ...] = (VIDEOS, VIEWS)


def check_any_schema(folder: Path, schemas: Sequence[CsvSchema[Any]]) -> None:
    """Raises NothingToImport if a folder has no file that the studio imports."""
    known = [schema.file for schema in (*CRM_SCHEMAS, *VIEW_SCHEMAS)]
    check_any_file(folder, [schema.file for schema in schemas], known)


def check_references(
    rows: CsvData[T],
    reason: str,
    reference: Callable[[T], str],
    file: CsvData | None,
    model: type[Model],
) -> None:
    """Adds a bad row for each reference to an id that is neither in `file` nor in the database.

    `reason` says so, with a placeholder for the id. Empty references are ignored, and so is a file
    that cannot be read: its ids are not known.
    """
    if file and file.unreadable:
        return
    named = file.ids if file else set()
    asked = {reference(value) for value in rows.values} - named - {""}
    unknown = asked - keys_of(model, asked).keys()
    for line, value in rows.found.values():
        text = reference(value)
        if text in unknown:
            rows.add_bad_row(line, reason % {"id": quoted(text)})
