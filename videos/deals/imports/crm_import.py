"""Imports companies, contacts, deals and rates from a folder of CSV files, all or nothing."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from django.utils import timezone
from django.utils.translation import gettext as _

from studio.changes import REASON, changes, log_changes, log_many
from studio.chunks import chunks
from studio.people.addresses import domain_key, email_key, name_key
from studio.people.models import User
from studio.rates.models import Rate
from videos.audience.models import Company, Contact
from videos.deals.closes import FIELDS, CloseState, after_import
from videos.deals.deal_status import log_close
from videos.deals.imports.before_import import DealsBeforeImport
from videos.deals.imports.csv_rows import BadRow, BadRows, CsvData, read
from videos.deals.imports.import_lock import import_lock
from videos.deals.imports.owners import owners_of
from videos.deals.imports.reconcile import Reconciliation
from videos.deals.imports.schemas import (
    COMPANIES,
    CONTACTS,
    CRM_SCHEMAS,
    DEAL_CONTACTS,
    DEALS,
    RATES,
    CompanyRow,
    ContactRow,
    DealContactRow,
    DealRow,
    RateRow,
    check_any_schema,
    check_references,
)
from videos.deals.imports.upsert import RowCounts, keys_of, save_by, upsert
from videos.deals.log_actions import CLOSED
from videos.deals.models import FIELDS_IN_REPORTS, Deal, DealContact


class ImportResult(dict[str, RowCounts]):
    """The row counts of an import by file, and what became of corrections made here.

    `kept` is how many corrections were kept, `kept_ones` the first of them, and `overruled` those
    that the CRM's new values replaced.
    """

    def __init__(
        self, files: dict[str, RowCounts], reconciled: Reconciliation | None = None
    ) -> None:
        super().__init__(files)
        self.kept = reconciled.kept if reconciled else 0
        self.kept_ones = reconciled.kept_ones if reconciled else []
        self.overruled = reconciled.overruled if reconciled else []


def import_crm(folder: Path, *, by: User | None = None) -> ImportResult:
    """Imports the CSV files in `folder`.

    Existing ids are updated; rows that the files do not name stay. Corrections made here stay until
    the CRM's own value changes, see `reconcile.py`. `by` is the user who uploaded the files: rows
    that would change closed deals of their own are bad rows for them.

    Raises BadRows, NothingToImport and ImportRunning.
    """
    check_any_schema(folder, CRM_SCHEMAS)
    companies, contacts, deals, rates = (
        read(folder, COMPANIES),
        read(folder, CONTACTS),
        read(folder, DEALS),
        read(folder, RATES),
    )
    reported = {"deal_id": deals.ids, "contact_id": contacts.ids}
    parts = read(folder, DEAL_CONTACTS, reported)
    with import_lock():
        at = timezone.now()  # one instant for everything that this import records
        check_references(parts, _("there is no deal %(id)s."), lambda row: row.deal, deals, Deal)
        check_references(
            parts, _("there is no contact %(id)s."), lambda row: row.contact, contacts, Contact
        )
        stop_at_bad_rows([companies, contacts, deals, parts, rates])
        deal_ids, _contact_ids = ids_of(parts.values)
        before = DealsBeforeImport({*deal_ids, *(row.id for row in deals.values)}, at=at, by=by)
        named = {row.company for row in contacts.values} | {row.company for row in deals.values}
        reconciled = Reconciliation(at)
        written = {
            COMPANIES.file: write_companies(companies.values, named - {""}, reconciled),
            CONTACTS.file: write_contacts(contacts, reconciled),
            DEALS.file: write_deals(deals, reconciled, before),
            DEAL_CONTACTS.file: write_deal_contacts(parts, reconciled, before),
            RATES.file: write_rates(rates.values),
        }
        stop_at_bad_rows([deals, parts])
        reconciled.send()
        return ImportResult(written, reconciled)


def stop_at_bad_rows(files: Iterable[CsvData]) -> None:
    """Raises BadRows if there are any, in the order of files and lines, each row once."""
    bad: dict[tuple[str, int], BadRow] = {}
    for file in files:
        for row in sorted(file.bad, key=lambda row: row.line):
            bad.setdefault((row.file, row.line), row)
    if bad:
        raise BadRows(list(bad.values()))


def ids_of(parts: Sequence[DealContactRow]) -> tuple[set[str], set[str]]:
    """Returns the ids of the deals and contacts that rows of deal_contacts.csv name."""
    return {row.deal for row in parts}, {row.contact for row in parts}


def lock_rows(model: type[Company] | type[Contact], public_ids: Iterable[str]) -> None:
    """Locks rows, so that an import and an edit of the same row wait for each other."""
    for chunk in chunks(sorted(public_ids)):
        rows = model._default_manager.select_for_update(no_key=True).filter(public_id__in=chunk)
        list(rows.order_by("pk").values_list("pk"))


def write_companies(
    rows: Sequence[CompanyRow], named: set[str], reconciled: Reconciliation
) -> RowCounts:
    """Saves companies; those only referred to in other files are created with their id as name."""
    lock_rows(Company, (row.id for row in rows))
    companies = [
        Company(
            public_id=row.id,
            name=row.name,
            name_key=name_key(row.name),
            domain=row.domain,
            domain_key=domain_key(row.domain),
        )
        for row in rows
    ]
    reconciled.keep(Company, companies)
    written = upsert(
        Company,
        companies,
        ["name", "name_key", "domain", "domain_key"],
        recorded=["name", "domain"],
    )
    unknown = named - keys_of(Company, named).keys()
    Company.objects.bulk_create(Company(public_id=name, name=name) for name in sorted(unknown))
    return written


def write_contacts(contacts: CsvData[ContactRow], reconciled: Reconciliation) -> RowCounts:
    """Saves contacts. Without the column `created_at`, existing values stay."""
    rows = contacts.values
    companies = keys_of(Company, {row.company for row in rows})
    known_since = ["created_at"] if "created_at" in contacts.columns else []
    lock_rows(Contact, (row.id for row in rows))
    people = [
        Contact(
            public_id=row.id,
            email=row.email,
            email_key=email_key(row.email),
            name=row.name,
            company_id=companies.get(row.company),
            created_at=row.created_at,
        )
        for row in rows
    ]
    reconciled.keep(Contact, people)
    return upsert(
        Contact,
        people,
        ["name", "email", "email_key", "company_id", *known_since],
        recorded=["name", "email", "company_id", *known_since],
    )


# The columns of a deal that an import writes
DEAL_COLUMNS = [
    "name",
    "company_id",
    "owner_id",
    "owner_email",
    "owner_email_key",
    "stage",
    "amount",
    "currency",
    "created_at",
    "imported",
    "changed_at",
    "changed_by_id",
    *FIELDS,
]


def write_deals(
    read: CsvData[DealRow], reconciled: Reconciliation, before_import: DealsBeforeImport
) -> RowCounts:
    """Saves deals with their owners, and marks rows that the user may not import.

    Changes of status and close are logged.
    """
    known = before_import.deals
    deals = deals_of(read.values, known, reconciled.at)
    reconciled.keep(Deal, deals)
    for deal in deals:
        if there := known.get(deal.public_id):
            deal.changed_at, deal.changed_by_id = there.changed_at, there.changed_by_id
            was = {name: getattr(there, name) for name in FIELDS_IN_REPORTS}
            deal.note_change(was, by=None, at=reconciled.at)
    mark_held_rows(read, deals, before_import)
    written = upsert(
        Deal,
        deals,
        DEAL_COLUMNS,
        recorded=["name", "company_id", "stage", *FIELDS_IN_REPORTS],
        more=lambda deal: {CLOSED: before_import.had_closed(deal.public_id)},
    )
    log_closes(deals, {public_id: deal.close_state for public_id, deal in known.items()})
    return written


def deals_of(rows: Sequence[DealRow], known: Mapping[str, Deal], at: dt.datetime) -> list[Deal]:
    """Returns the rows as unsaved deals; `known` are the stored deals by public id."""
    companies = keys_of(Company, {row.company for row in rows})
    owners = owners_of({row.id: row.owner_email for row in rows})
    before = {public_id: deal.close_state for public_id, deal in known.items()}
    return [
        Deal(
            public_id=row.id,
            name=row.name,
            company_id=companies.get(row.company),
            owner_id=owners[row.id],
            owner_email=row.owner_email,
            owner_email_key=email_key(row.owner_email),
            stage=row.stage,
            amount=row.amount,
            currency=row.currency,
            created_at=row.created_at,
            imported=True,
            recorded_at=at,
            **asdict(after_import(before.get(row.id, CloseState()), row.status, row.closed_at, at)),
        )
        for row in rows
    ]


def mark_held_rows(
    read: CsvData[DealRow], deals: Sequence[Deal], before_import: DealsBeforeImport
) -> None:
    """Marks rows as bad that would change closed deals which the user may not change."""
    changed_ones = {
        deal.public_id: deal.owner_id
        for deal in deals
        if before_import.had_closed(deal.public_id) and before_import.is_changed_by(deal)
    }
    for line, row in read.found.values():
        if row.id not in changed_ones:
            continue
        if why := before_import.why_held(row.id, owner_id=changed_ones[row.id]):
            read.add_bad_row(line, why, held=True)


def log_closes(deals: Sequence[Deal], before: Mapping[str, CloseState]) -> None:
    """Logs which saved deals closed, reopened or closed otherwise than `before`."""
    changed = {
        deal.public_id: (deal, before[deal.public_id])
        for deal in deals
        if deal.public_id in before and deal.close_state != before[deal.public_id]
    }
    keys = keys_of(Deal, changed)
    for public_id, (deal, was) in changed.items():
        deal.pk = keys[public_id]
        log_close(deal, was, deal.close_state, by=None)


def write_deal_contacts(
    read: CsvData[DealContactRow], reconciled: Reconciliation, before_import: DealsBeforeImport
) -> RowCounts:
    """Saves the contacts of deals, except those that somebody removed here.

    Marks rows that the user may not import. Contacts added to closed deals are logged.
    """
    deal_ids, contact_ids = ids_of(read.values)
    deals, contacts = keys_of(Deal, deal_ids), keys_of(Contact, contact_ids)
    there = {
        tuple(part): (pk, imported)
        for chunk in chunks(deals.values())
        for pk, imported, *part in DealContact.objects.order_by()
        .filter(deal__in=chunk)
        .values_list("pk", "imported", "deal", "contact", "role")
    }
    rows = {
        (deals[row.deal], contacts[row.contact], row.role): (line, row)
        for line, row in read.found.values()
    }
    new = reconciled.without_removed([part for part in rows if part not in there])
    for line, row in (rows[part] for part in new):
        if why := before_import.why_held(row.deal):
            read.add_bad_row(line, why, held=True)
    DealContact.objects.bulk_create(
        DealContact(
            deal_id=deal, contact_id=contact, role=role, added_at=reconciled.at, imported=True
        )
        for deal, contact, role in new
    )
    of_hand = [there[part][0] for part in rows if part in there and not there[part][1]]
    for chunk in chunks(of_hand):  # entered by hand before, and now in the CRM as well
        DealContact.objects.filter(pk__in=chunk).update(imported=True)
    added = [row for _line, row in (rows[part] for part in new)]
    log_added([row for row in added if before_import.had_closed(row.deal)], before_import)
    return RowCounts(created=len(new), unchanged=len(rows) - len(new))


def log_added(rows: Sequence[DealContactRow], before_import: DealsBeforeImport) -> None:
    """Logs the contacts that an import added to closed deals."""
    reported = [
        (
            before_import.deals[row.deal],
            {
                "contact": row.contact,
                "role": row.role,
                "status": before_import.deals[row.deal].status,
                "by_import": True,
                CLOSED: True,
                REASON: "",
            },
        )
        for row in rows
    ]
    log_many("deals.add_contact", reported, by=None)


def write_rates(rows: Sequence[RateRow]) -> RowCounts:
    """Saves rates of exchange, and logs changes of existing ones."""
    known = {
        (rate.day, rate.from_currency, rate.to_currency): rate
        for chunk in chunks({row.day for row in rows})
        for rate in Rate.objects.order_by().select_for_update(no_key=True).filter(day__in=chunk)
    }
    there = {key: rate.rate for key, rate in known.items()}
    changed = [row for row in rows if there.get(row.key) != row.rate]
    created = sum(row.key not in there for row in changed)
    save_by(
        Rate,
        [
            Rate(
                day=row.day,
                from_currency=row.from_currency,
                to_currency=row.to_currency,
                rate=row.rate,
            )
            for row in changed
        ],
        ["day", "from_currency", "to_currency"],
        ["rate"],
    )
    log_changes(
        [
            (known[row.key], changes({"rate": there[row.key]}, {"rate": row.rate}))
            for row in changed
            if row.key in known
        ],
        by=None,
        by_import=True,
    )
    return RowCounts(created, len(changed) - created, len(rows) - len(changed))
