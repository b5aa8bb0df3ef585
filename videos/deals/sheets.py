"""The CSV files of the two imports: their columns, and what a row of each is."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from videos.deals.csv_causes import shown
from videos.deals.csv_rows import Read, Row, Sheet, T, Unfit, refuse_without
from videos.deals.models import Deal
from videos.deals.upsert import keys_of


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
class PartRow:
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
    """A company; without a name it goes by its domain or its id."""
    company_id, domain = row.needed("company_id"), row.text("domain")
    return CompanyRow(company_id, row.text("name") or domain or company_id, domain)


def contact(row: Row) -> ContactRow:
    """A contact; when they became known may be unknown, or no column at all."""
    return ContactRow(
        id=row.needed("contact_id"),
        email=row.text("email"),
        name=row.text("name"),
        company=row.text("company_id"),
        created_at=row.instant("created_at") if row.has("created_at") else None,
    )


def deal(row: Row) -> DealRow:
    """A deal. An open one's `closed_at` is an expectation, and not looked at."""
    found = DealRow(
        id=row.needed("deal_id"),
        name=row.text("name") or row.needed("deal_id"),
        company=row.text("company_id"),
        owner_email=row.text("owner_email"),
        status=status(row),
        stage=row.text("stage"),
        amount=row.number("amount"),
        currency=row.currency("currency"),
        created_at=needed_instant(row, "created_at"),
        closed_at=None if row.text("status") == Deal.Status.OPEN else row.instant("closed_at"),
    )
    if found.amount is not None and not found.currency:
        raise Unfit(_("the amount has no currency."))
    if found.status == Deal.Status.OPEN:
        return found
    if found.closed_at is None:
        raise Unfit(_("the deal is %(status)s and has no closed_at.") % {"status": found.status})
    if found.closed_at < found.created_at:
        raise Unfit(_("closed_at is before created_at."))
    return found


def status(row: Row) -> str:
    """open, won or lost."""
    text = row.needed("status")
    if text not in Deal.Status.values:
        raise row.unfit("status", _("%(column)s %(value)s is not open, won or lost."))
    return text


def needed_instant(row: Row, name: str) -> dt.datetime:
    """A time that must not be empty."""
    row.needed(name)
    instant = row.instant(name)
    assert instant is not None
    return instant


def part(row: Row) -> PartRow:
    """A contact's part in a deal."""
    return PartRow(row.needed("deal_id"), row.needed("contact_id"), row.text("role"))


def rate(row: Row) -> RateRow:
    """One of `from_currency` is `rate` of `to_currency`."""
    for name in ("from_currency", "to_currency", "rate"):
        row.needed(name)
    found = row.number("rate")
    if not found:
        raise row.unfit("rate", _("%(column)s %(value)s is no rate."))
    return RateRow(
        row.day("date"), row.currency("from_currency"), row.currency("to_currency"), found
    )


def video(row: Row) -> VideoRow:
    """A video; without a title it goes by its id."""
    return VideoRow(
        id=row.needed("video_id"),
        title=row.text("title") or row.needed("video_id"),
        duration=row.number("duration_seconds"),
        published_at=row.instant("published_at"),
    )


def view(row: Row) -> ViewRow:
    """A view; viewer, contact and seconds may be unknown."""
    return ViewRow(
        id=row.needed("view_id"),
        video=row.needed("video_id"),
        viewer=row.text("viewer_id"),
        contact=row.text("contact_id"),
        started_at=needed_instant(row, "started_at"),
        seconds=row.number("seconds_watched"),
        is_bot=row.flag("is_bot"),
        is_internal=row.flag("is_internal"),
    )


COMPANIES = Sheet(
    "companies.csv", ("company_id", "name", "domain"), company, lambda found: found.id
)
CONTACTS = Sheet(
    "contacts.csv",
    ("contact_id", "email", "name", "company_id"),
    contact,
    lambda found: found.id,
    optional=("created_at",),
)
DEALS = Sheet(
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
DEAL_CONTACTS = Sheet(
    "deal_contacts.csv", ("deal_id", "contact_id", "role"), part, lambda found: found
)
RATES = Sheet(
    "rates.csv", ("date", "from_currency", "to_currency", "rate"), rate, lambda found: found.key
)
VIDEOS = Sheet(
    "videos.csv",
    ("video_id", "title", "duration_seconds", "published_at"),
    video,
    lambda found: found.id,
)
VIEWS = Sheet(
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


OF_CRM: tuple[Sheet[Any], ...] = (COMPANIES, CONTACTS, DEALS, DEAL_CONTACTS, RATES)
OF_VIEWS: tuple[Sheet[Any], ...] = (VIDEOS, VIEWS)


def refuse_without_any(folder: Path, sheets: Sequence[Sheet[Any]]) -> None:
    """Raises NothingToImport where a folder has no file that the studio imports."""
    known = [sheet.file for sheet in (*OF_CRM, *OF_VIEWS)]
    refuse_without(folder, [sheet.file for sheet in sheets], known)


def refuse_unknown(
    rows: Read[T],
    name: str,
    reference: Callable[[T], str],
    file: Read | None,
    model: type[Model],
) -> None:
    """Notes a bad row for each that refers to nothing in `file` nor in the database.

    An empty reference is none. What a file that cannot be read may name, nobody knows.
    """
    if file and file.unreadable:
        return
    named = file.named if file else set()
    asked = {reference(value) for value in rows.values} - named - {""}
    unknown = asked - keys_of(model, asked).keys()
    for line, value in rows.found.values():
        text = reference(value)
        if text in unknown:
            reason = _("there is no %(what)s %(id)s.") % {"what": name, "id": shown(text)}
            rows.refuse(line, reason)
