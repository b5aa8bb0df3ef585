"""Who buys heat pumps: companies, their people, their deals, and rates of exchange."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
from collections.abc import Sequence
from decimal import Decimal

from studio.operations.demo.cast import SALES
from studio.operations.demo.records import Company, Contact, Days, Deal, Rate

COMPANIES, CONTACTS, DEALS = 60, 150, 80

# Those whose questions are on record come first.
KNOWN = (
    "Harbour Street Bakery", "Ashcombe Bakery", "Millrace Foods", "Larkfield Laundry",
    "Brightwater Linen", "Stonebridge Laundry", "Copperhill Brewery", "Meadowbank Dairy",
    "Fairhaven Foods", "Oakmoor Bakery", "Kingsdown Bakery", "Riverside Brewery",
    "Eastgate Textile Care", "Hollybrook Foods", "Westmarch Dairy", "Clearwater Dairy",
    "Thornbury Brewery",
)  # fmt: skip
PLACES = (
    "Ambleford", "Barrowdene", "Caldermoor", "Dunsmere", "Elmstead", "Foxglade", "Greyfen",
    "Hazelcombe", "Inverlea", "Juniper Vale", "Kestrel Hill", "Lindenholt", "Marlowick",
    "Netherby", "Orchard Row", "Pinewater", "Quarrydene", "Rookhurst", "Saltmarsh", "Tannery Lane",
    "Underwood", "Vinegrove", "Willowbank", "Yarrowdale", "Applegarth", "Birchover", "Cinderford",
    "Drovers Way", "Easterby", "Fenwater", "Gallowgreen", "Heathfold", "Ironbrook", "Kilnside",
    "Longacre", "Mistley", "Northwold", "Oxbow", "Peatmoor", "Redshank", "Sandgate", "Thistledown",
    "Wrenfield",
)  # fmt: skip
TRADES = ("Bakery", "Laundry", "Brewery", "Dairy", "Foods", "Textile Care")
FIRST_NAMES = (
    "Anna", "Bilal", "Carla", "Dmitri", "Esther", "Farid", "Greta", "Hugo", "Irina", "Jonas",
    "Katja", "Louis", "Mina", "Nils", "Olga", "Pedro", "Ruth", "Stefan", "Thea", "Viktor",
    "Wanda", "Xenia", "Youssef", "Zofia", "Adam", "Bettina", "Cem", "Doris", "Emil", "Fiona",
)  # fmt: skip
LAST_NAMES = (
    "Achebe", "Brandt", "Cortez", "Duarte", "Eriksen", "Fischer", "Garcia", "Horvat", "Ivanova",
    "Jensen", "Kaya", "Lindqvist", "Moretti", "Novak", "Olsen", "Popescu", "Quist", "Rossi",
    "Schmid", "Takacs", "Ueda", "Vega", "Weber", "Yilmaz", "Zeman",
)  # fmt: skip
ROLES = ("decides", "signs", "runs the plant", "checks the numbers")
WORK = ("heat recovery", "process heat", "boiler replacement", "second line", "hot water plant")
OPEN_STAGES = ("Discovery", "Site survey", "Proposal", "Contract")
CURRENCIES = {"GBP": Decimal("1.1684"), "NOK": Decimal("0.08562"), "CHF": Decimal("1.0631")}


def buyers(rng: random.Random, days: Days) -> tuple[tuple[Company, ...], tuple[Contact, ...]]:
    """Companies and the people in them; everyone's address ends in .example."""
    names = [*KNOWN]
    names += [
        f"{place} {TRADES[number % len(TRADES)]}"
        for number, place in enumerate(PLACES[: COMPANIES - len(KNOWN)])
    ]
    companies = tuple(
        Company(f"C-{number + 101}", name, f"{name.lower().replace(' ', '-')}.example")
        for number, name in enumerate(names)
    )
    full = [(first, last) for first in FIRST_NAMES for last in LAST_NAMES]
    people = [("Priya", "Raman"), *rng.sample(full, CONTACTS - 1)]
    contacts = []
    for number, (first, last) in enumerate(people):
        # Two each, then a third one for half of the companies.
        company = companies[number % COMPANIES]
        known = 30 if number == 0 else rng.randint(6, 470)
        contacts.append(
            Contact(
                id=f"P-{number + 1001}",
                name=f"{first} {last}",
                email=f"{first}.{last}@{company.domain}".lower(),
                company=company.id,
                created_at=days.at(known, rng.randint(8, 17), rng.randint(0, 59)),
            )
        )
    return companies, tuple(contacts)


def deals(
    rng: random.Random, days: Days, companies: Sequence[Company], contacts: Sequence[Contact]
) -> tuple[Deal, ...]:
    """Deals by age, oldest first; the last is the one that the README closes."""
    made = [one_deal(rng, days, number, companies, contacts) for number in range(DEALS - 1)]
    without_amount = next(i for i, deal in enumerate(made) if deal.status == "won" and i > 10)
    made[without_amount] = dataclasses.replace(made[without_amount], amount=None)
    return (*made, walked_deal(days, companies, contacts))


def known_by_then(
    rng: random.Random, contacts: Sequence[Contact], deals: Sequence[Deal]
) -> tuple[Contact, ...]:
    """The contacts, known since before their first deal."""
    first: dict[str, dt.datetime] = {}
    for deal in deals:
        for contact, _role in deal.contacts:
            first[contact] = min(first.get(contact, deal.created_at), deal.created_at)
    return tuple(
        dataclasses.replace(
            contact,
            created_at=min(
                contact.created_at,
                first.get(contact.id, contact.created_at) - dt.timedelta(days=rng.randint(0, 30)),
            ),
        )
        for contact in contacts
    )


def one_deal(
    rng: random.Random,
    days: Days,
    number: int,
    companies: Sequence[Company],
    contacts: Sequence[Contact],
) -> Deal:
    """A deal of an age that falls with its number, with an end that fits it."""
    age = 400 - number * 5 + rng.randint(-2, 2)
    created_at = days.at(age, rng.randint(8, 17), rng.randint(0, 59))
    cycle = rng.randint(24, 150)
    status, closed_at, stage = "open", None, rng.choice(OPEN_STAGES)
    if age - cycle > 1 and rng.random() < 0.86:
        status = "won" if rng.random() < 0.5 else "lost"
        closed_at = days.at(age - cycle, rng.randint(9, 18), rng.randint(0, 59))
        stage = "Closed won" if status == "won" else "Closed lost"
    company = companies[rng.randrange(1, len(companies))]
    staff = [contact.id for contact in contacts if contact.company == company.id]
    taking_part = rng.sample(staff, rng.randint(1, len(staff)))
    currency = rng.choice(tuple(CURRENCIES)) if number % 8 == 5 else "EUR"
    euros = Decimal(rng.randrange(18, 320) * 500)
    amount = euros if currency != "NOK" else euros * 11
    return Deal(
        id=f"D-{number + 2001}",
        name=f"{company.name}, {rng.choice(WORK)}",
        company=company.id,
        owner=rng.choice(SALES) if number % 9 else "henrik",
        status=status,
        stage=stage,
        amount=amount,
        currency=currency,
        created_at=created_at,
        closed_at=closed_at,
        contacts=tuple(zip(taking_part, rng.sample(ROLES, len(taking_part)), strict=True)),
    )


def walked_deal(days: Days, companies: Sequence[Company], contacts: Sequence[Contact]) -> Deal:
    """Tomasz Wolny's open deal with Harbour Street Bakery, which no video has touched yet."""
    return Deal(
        id="D-2080",
        name=f"{companies[0].name}, two oven lines",
        company=companies[0].id,
        owner="tomasz",
        status="open",
        stage="Proposal",
        amount=Decimal(86_000),
        currency="EUR",
        created_at=days.at(24, 10, 30),
        closed_at=None,
        contacts=((contacts[0].id, "decides"),),
    )


def rates(rng: random.Random, days: Days) -> tuple[Rate, ...]:
    """Every Monday's rates to the euro, over the past fourteen months."""
    monday = days.today - dt.timedelta(days=days.today.weekday())
    found = []
    for week in range(62, -1, -1):
        for currency, middle in CURRENCIES.items():
            moved = middle * (1 + Decimal(rng.randint(-180, 180)) / 10_000)
            day = monday - dt.timedelta(weeks=week)
            found.append(Rate(day, currency, moved.quantize(Decimal("0.00001"))))
    return tuple(found)
