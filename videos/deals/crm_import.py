"""Imports companies, contacts, deals and rates from a folder of CSV files: all, or nothing."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from django.utils import timezone

from studio.changes import changes, log_changes
from studio.people.addresses import domain_key, email_key, name_key
from videos.audience.models import Company, Contact
from videos.deals.closes import FIELDS, Standing, mirrored
from videos.deals.closing import record
from videos.deals.csv_rows import BadRow, BadRows, Read, read
from videos.deals.models import DECIDING, Deal, DealContact, Rate
from videos.deals.owners import owners_of
from videos.deals.sheets import (
    COMPANIES,
    CONTACTS,
    DEAL_CONTACTS,
    DEALS,
    OF_CRM,
    RATES,
    CompanyRow,
    ContactRow,
    DealRow,
    PartRow,
    RateRow,
    refuse_unknown,
    refuse_without_any,
)
from videos.deals.taking_turns import one_import
from videos.deals.upsert import Written, chunks, keys_of, save_by, upsert

Counts = dict[str, Written]


def import_crm(folder: Path) -> Counts:
    """Imports what `folder` holds, and tells by file what that changed.

    Raises BadRows, NothingToImport and ImportRunning.

    Known ids are updated, and what a file does not name stays.
    """
    refuse_without_any(folder, OF_CRM)
    companies, contacts, deals, rates = (
        read(folder, COMPANIES),
        read(folder, CONTACTS),
        read(folder, DEALS),
        read(folder, RATES),
    )
    told = {"deal_id": deals.named, "contact_id": contacts.named}
    parts = read(folder, DEAL_CONTACTS, told)
    with one_import():
        at = timezone.now()  # of all that this import records: a deal and its contacts come at once
        refuse_unknown(parts, "deal", lambda row: row.deal, deals, Deal)
        refuse_unknown(parts, "contact", lambda row: row.contact, contacts, Contact)
        stop_at_bad_rows([companies, contacts, deals, parts, rates])
        named = {row.company for row in contacts.values} | {row.company for row in deals.values}
        return {
            COMPANIES.file: write_companies(companies.values, named - {""}),
            CONTACTS.file: write_contacts(contacts),
            DEALS.file: write_deals(deals.values, at),
            DEAL_CONTACTS.file: write_parts(parts.values, at),
            RATES.file: write_rates(rates.values),
        }


def stop_at_bad_rows(files: Iterable[Read]) -> None:
    """Raises BadRows if there are any: files in their order, rows by line, each named once."""
    bad: dict[tuple[str, int], BadRow] = {}
    for file in files:
        for row in sorted(file.bad, key=lambda row: row.line):
            bad.setdefault((row.file, row.line), row)
    if bad:
        raise BadRows(list(bad.values()))


def ids_of(parts: Sequence[PartRow]) -> tuple[set[str], set[str]]:
    """The deals and the contacts that rows of deal_contacts name."""
    return {row.deal for row in parts}, {row.contact for row in parts}


def write_companies(rows: Sequence[CompanyRow], named: set[str]) -> Written:
    """Saves companies, and those that are but named elsewhere: they go by their id for now."""
    written = upsert(
        Company,
        [
            Company(
                public_id=row.id,
                name=row.name,
                name_key=name_key(row.name),
                domain=row.domain,
                domain_key=domain_key(row.domain),
            )
            for row in rows
        ],
        ["name", "name_key", "domain", "domain_key"],
        recorded=["name", "domain"],
    )
    unknown = named - keys_of(Company, named).keys()
    Company.objects.bulk_create(Company(public_id=name, name=name) for name in sorted(unknown))
    return written


def write_contacts(contacts: Read[ContactRow]) -> Written:
    """Saves contacts. A file without `created_at` leaves what is known of it."""
    rows = contacts.values
    companies = keys_of(Company, {row.company for row in rows})
    known_since = ["created_at"] if "created_at" in contacts.columns else []
    return upsert(
        Contact,
        [
            Contact(
                public_id=row.id,
                email=row.email,
                email_key=email_key(row.email),
                name=row.name,
                company_id=companies.get(row.company),
                created_at=row.created_at,
            )
            for row in rows
        ],
        ["name", "email", "email_key", "company_id", *known_since],
        recorded=["name", "email", "company_id", *known_since],
    )


def known_deals(public_ids: Iterable[str]) -> dict[str, Deal]:
    """The deals that are there, by public id; their rows are locked."""
    return {
        deal.public_id: deal
        for chunk in chunks(public_ids)
        for deal in Deal.objects.select_for_update()
        .order_by("pk")
        .filter(public_id__in=chunk)
        .only("public_id", "changed_at", "changed_by_id", *DECIDING, *FIELDS)
    }


def write_deals(rows: Sequence[DealRow], at: dt.datetime) -> Written:
    """Saves deals, and hangs them on their owners.

    What changed of how known ones stood is put on record.
    """
    companies = keys_of(Company, {row.company for row in rows})
    owners = owners_of({row.id: row.owner_email for row in rows})
    known = known_deals(sorted(row.id for row in rows))
    before = {public_id: deal.standing for public_id, deal in known.items()}
    deals = [
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
            **asdict(mirrored(before.get(row.id, Standing()), row.status, row.closed_at, at)),
        )
        for row in rows
    ]
    for deal in deals:
        if there := known.get(deal.public_id):
            deal.changed_at, deal.changed_by_id = there.changed_at, there.changed_by_id
            deal.notes_change({name: getattr(there, name) for name in DECIDING}, by=None, at=at)
    written = upsert(
        Deal,
        deals,
        [
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
        ],
        recorded=["name", "company_id", *DECIDING],
    )
    changed = {
        deal.public_id: (deal, before[deal.public_id])
        for deal in deals
        if deal.public_id in before and deal.standing != before[deal.public_id]
    }
    keys = keys_of(Deal, changed)
    for public_id, (deal, was) in changed.items():
        deal.pk = keys[public_id]
        record(deal, was, deal.standing, by=None)
    return written


def write_parts(rows: Sequence[PartRow], at: dt.datetime) -> Written:
    """Saves who takes part in which deal, in which role."""
    deal_ids, contact_ids = ids_of(rows)
    deals, contacts = keys_of(Deal, deal_ids), keys_of(Contact, contact_ids)
    there = {
        part
        for chunk in chunks(deals.values())
        for part in DealContact.objects.order_by()
        .filter(deal__in=chunk)
        .values_list("deal", "contact", "role")
    }
    parts = [(deals[row.deal], contacts[row.contact], row.role) for row in rows]
    new = [part for part in parts if part not in there]
    DealContact.objects.bulk_create(
        DealContact(deal_id=deal, contact_id=contact, role=role, added_at=at)
        for deal, contact, role in new
    )
    return Written(created=len(new), unchanged=len(parts) - len(new))


def write_rates(rows: Sequence[RateRow]) -> Written:
    """Saves rates of exchange. What changes of known ones is put on record."""
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
    return Written(created, len(changed) - created, len(rows) - len(changed))
