"""Money is stored in whole minor units or as exact decimals, never as a float."""

from django.apps import apps
from django.db import models

from studio.fields import ExactDecimalField
from studio.rates.models import Rate
from videos.deals.models import Deal

ROOMS = {"rates", "deals", "budgets"}


def test_money_is_a_whole_number_of_minor_units_in_the_ledger_and_never_a_float():
    fields = [
        field
        for model in apps.get_models()
        if model._meta.app_label in ROOMS
        for field in model._meta.concrete_fields
    ]
    assert not [field for field in fields if isinstance(field, models.FloatField)]
    decimals = {field for field in fields if isinstance(field, models.DecimalField)}
    assert decimals <= {Deal._meta.get_field("amount"), Rate._meta.get_field("rate")}
    ledger = {"minor", "drawn", "approved", "available"}
    found = [f for f in fields if f.model._meta.app_label == "budgets" and f.name in ledger]
    assert {field.name for field in found} == ledger
    assert all(isinstance(field, models.BigIntegerField) for field in found)


def test_deal_amounts_and_rates_keep_every_imported_digit():
    for model, name in ((Deal, "amount"), (Rate, "rate")):
        assert isinstance(model._meta.get_field(name), ExactDecimalField)
