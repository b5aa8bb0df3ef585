"""Imports companies, contacts, deals and rates from a folder of CSV files: all, or nothing."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from django.db import transaction

from videos.audience.models import Company, Contact
from videos.deals.csv_rows import BadRow, BadRows, Read, read
from videos.deals.models import Deal, DealContact, Rate
from videos.deals.sheets import (
    COMPANIES,
    CONTACTS,
    DEAL_CONTACTS,
    DEALS,
    RATES,
    CompanyRow,
    ContactRow,
    DealRow,
    PartRow,
    RateRow,
    refuse_unknown,
)
from videos.deals.upsert import Written, chunks, keys_of, save_by, upsert

Counts = dict[str, Written]


def import_crm(folder: Path) -> Counts:
    """Imports what `folder` holds, and tells by file what that changed. Raises BadRows.

    Known ids are updated, and what a file does not name stays.
    """
    companies, contacts, deals, rates = (
        read(folder, COMPANIES),
        read(folder, CONTACTS),
        read(folder, DEALS),
        read(folder, RATES),
    )
    told = {"deal_id": deals.named, "contact_id": contacts.named}
    parts = read(folder, DEAL_CONTACTS, told)
    with transaction.atomic():
        refuse_unknown(parts, "deal", lambda row: row.deal, deals, Deal)
        refuse_unknown(parts, "contact", lambda row: row.contact, contacts, Contact)
        stop_at_bad_rows([companies, contacts, deals, parts, rates])
        named = {row.company for row in contacts.values} | {row.company for row in deals.values}
        return {
            COMPANIES.file: write_companies(companies.values, named - {""}),
            CONTACTS.file: write_contacts(contacts),
            DEALS.file: write_deals(deals.values),
            DEAL_CONTACTS.file: write_parts(parts.values),
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
        [Company(public_id=row.id, name=row.name, domain=row.domain) for row in rows],
        ["name", "domain"],
    )
    unknown = named - keys_of(Company, named).keys()
    Company.objects.bulk_create(Company(public_id=name, name=name) for name in sorted(unknown))
    return written


def write_contacts(contacts: Read[ContactRow]) -> Written:
    """Saves contacts. A file without `created_at` leaves what is known of it."""
    rows = contacts.values
    companies = keys_of(Company, {row.company for row in rows})
    fields = ["email", "name", "company_id"]
    return upsert(
        Contact,
        [
            Contact(
                public_id=row.id,
                email=row.email,
                name=row.name,
                company_id=companies.get(row.company),
                created_at=row.created_at,
            )
            for row in rows
        ],
        [*fields, "created_at"] if "created_at" in contacts.columns else fields,
    )


def write_deals(rows: Sequence[DealRow]) -> Written:
    """Saves deals."""
    companies = keys_of(Company, {row.company for row in rows})
    return upsert(
        Deal,
        [
            Deal(
                public_id=row.id,
                name=row.name,
                company_id=companies.get(row.company),
                owner_email=row.owner_email,
                status=row.status,
                stage=row.stage,
                amount=row.amount,
                currency=row.currency,
                created_at=row.created_at,
                closed_at=row.closed_at,
                imported=True,
            )
            for row in rows
        ],
        [
            "name",
            "company_id",
            "owner_email",
            "status",
            "stage",
            "amount",
            "currency",
            "created_at",
            "closed_at",
            "imported",
        ],
    )


def write_parts(rows: Sequence[PartRow]) -> Written:
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
        DealContact(deal_id=deal, contact_id=contact, role=role) for deal, contact, role in new
    )
    return Written(created=len(new), unchanged=len(parts) - len(new))


def write_rates(rows: Sequence[RateRow]) -> Written:
    """Saves rates of exchange."""
    there = {
        (day, from_currency, to_currency): rate
        for chunk in chunks({row.day for row in rows})
        for day, from_currency, to_currency, rate in Rate.objects.order_by()
        .filter(day__in=chunk)
        .values_list("day", "from_currency", "to_currency", "rate")
    }
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
    return Written(created, len(changed) - created, len(rows) - len(changed))
