"""The demo's world, built from a day alone: the same on every machine."""

import datetime as dt
import random
from zoneinfo import ZoneInfo

from studio.operations.demo import cast, catalogue, market, watching
from studio.operations.demo.questions import questions
from studio.operations.demo.records import Days, World


def build(today: dt.date, zone: ZoneInfo) -> World:
    """The world as it is on a day."""
    days = Days(today, zone)
    rng = random.Random(20_240_229)
    quarters = catalogue.quarters(days)
    productions = catalogue.productions(days, quarters)
    older = catalogue.older(days)
    companies, contacts = market.buyers(rng, days)
    deals = market.deals(rng, days, companies, contacts)
    contacts = market.known_by_then(rng, contacts, deals)
    shown = watching.shown(productions, older)
    links, views = watching.watched(rng, days, shown, deals, contacts)
    return World(
        today=today,
        people=cast.PEOPLE,
        resources=cast.RESOURCES,
        questions=questions(days),
        productions=productions,
        older=older,
        quarters=quarters,
        companies=companies,
        contacts=contacts,
        deals=deals,
        rates=market.rates(rng, days),
        links=links,
        views=views,
    )
