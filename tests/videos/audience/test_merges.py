"""A contact keeps when the studio learned that it was merged into another."""

import datetime as dt

import pytest
from django.utils import timezone

from tests.factories import ContactFactory
from videos.audience.models import Contact

pytestmark = pytest.mark.django_db


def merged_at(contact):
    return Contact.objects.get(pk=contact.pk).merged_at


def test_saving_a_merge_keeps_when_it_became_known():
    contact, into = ContactFactory(), ContactFactory()
    assert merged_at(contact) is None
    before = timezone.now()
    contact.merged_into = into
    contact.save(update_fields=["merged_into"])
    first = merged_at(contact)
    assert before <= first <= timezone.now()
    contact.name = "Renamed"
    contact.save()
    assert merged_at(contact) == first


def test_another_merge_is_known_from_then_and_none_from_never():
    contact = ContactFactory(merged_into=ContactFactory())
    first = merged_at(contact)
    contact.merged_into = ContactFactory()
    contact.save()
    assert merged_at(contact) > first
    contact.merged_into = None
    contact.save()
    assert merged_at(contact) is None


def test_the_instant_of_a_merge_can_be_given_with_it():
    day = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)
    assert merged_at(ContactFactory(merged_into=ContactFactory(), merged_at=day)) == day
