"""Rows of this room alone."""

import datetime as dt
from decimal import Decimal

import factory
from django.db import connection
from django.utils import timezone
from factory.django import DjangoModelFactory

from tests.factories import CompanyFactory, ContactFactory
from videos.deals.models import Deal, DealContact


class DealFactory(DjangoModelFactory[Deal]):
    """An open deal, a month old, worth 1,000 EUR."""

    class Meta:
        model = Deal

    name = factory.Sequence(lambda n: f"Rollout {n}")
    company = factory.SubFactory(CompanyFactory)
    amount = Decimal("1000.00")
    currency = "EUR"
    created_at = factory.LazyFunction(lambda: timezone.now() - dt.timedelta(days=30))


def store_amount(public_id: str, text: str) -> None:
    """Writes a deal's amount as nobody can any more: rows from before there were bounds."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE deals_deal SET amount = %s WHERE public_id = %s", [text, public_id])


class DealContactFactory(DjangoModelFactory[DealContact]):
    class Meta:
        model = DealContact

    deal = factory.SubFactory(DealFactory)
    contact = factory.SubFactory(ContactFactory)
