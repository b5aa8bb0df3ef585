"""An address is an identity: unique by key, kept as given, and never given to another."""

import importlib

import pytest
from django.contrib.auth import authenticate
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from studio.people.errors import AddressTaken, LastAdministrator
from studio.people.models import KnownAddress, User
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


def rename(user, address):
    user.email = address
    user.save()


def test_the_address_is_kept_as_given_and_its_key_is_compared():
    user = User.objects.create_user(" Ann.Lee@B\u00fccher.Example ", PASSWORD)
    assert user.email == "Ann.Lee@B\u00fccher.Example"
    assert user.email_key == "ann.lee@xn--bcher-kva.example"
    assert User.objects.get_by_natural_key("ANN.LEE@xn--bcher-kva.EXAMPLE") == user


def test_a_dotless_i_is_another_person_and_signs_in_as_nobody_else():
    fernhill = UserFactory(email="fernhill@studio.example")
    dotless = UserFactory(email="fernh\u0131ll@studio.example")
    for user in (fernhill, dotless):
        assert User.objects.get_by_natural_key(user.email) == user
        assert authenticate(None, username=user.email, password=PASSWORD) == user
    with pytest.raises(User.DoesNotExist):
        User.objects.get_by_natural_key("FERNH\u0130LL@studio.example")


@pytest.mark.parametrize("address", ["ANN@studio.example", "\uff41nn@studio.example"])
def test_nobody_gets_an_address_that_is_somebody_elses_by_its_key(address):
    UserFactory(email="ann@studio.example")
    with pytest.raises(AddressTaken):
        UserFactory(email=address)
    other = UserFactory()
    with pytest.raises(AddressTaken):
        rename(other, address)
    other.refresh_from_db()
    assert other.email != address


def test_a_former_address_keeps_matching_its_user_and_is_never_given_to_another():
    ann = UserFactory(email="ann@studio.example")
    rename(ann, "ann.lee@studio.example")
    assert User.objects.known_as("Ann@Studio.example").get() == ann
    assert User.objects.known_as("ann.lee@studio.example").get() == ann
    with pytest.raises(AddressTaken):
        UserFactory(email="ANN@studio.example")
    with pytest.raises(User.DoesNotExist):  # one signs in by the present address alone
        User.objects.get_by_natural_key("ann@studio.example")
    rename(ann, "ann@studio.example")  # but may have it back
    assert {known.email for known in ann.addresses.all()} == {
        "ann@studio.example",
        "ann.lee@studio.example",
    }


def test_the_database_itself_keeps_keys_apart():
    ann, other = UserFactory(email="ann@studio.example"), UserFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        KnownAddress.objects.create(user=other, email="ANN@x", email_key=ann.email_key)
    with pytest.raises(IntegrityError), transaction.atomic():
        User._base_manager.filter(pk=other.pk).update(email_key=ann.email_key)


def test_no_update_leads_around_what_saving_guards():
    ann, last = UserFactory(email="ann@studio.example"), UserFactory(is_superuser=True)
    one = User.objects.filter(pk=ann.pk)
    assert one.update(email="Lee@studio.example", first_name="Lee") == 1
    ann.refresh_from_db()
    assert (ann.email_key, ann.first_name) == ("lee@studio.example", "Lee")
    assert User.objects.known_as("ann@studio.example").get() == ann
    with pytest.raises(AddressTaken):
        User.objects.filter(pk=last.pk).update(email="ANN@studio.example")
    with pytest.raises(LastAdministrator):
        User.objects.update(is_active=False)
    with pytest.raises(TypeError):
        one.update(email_key="x")
    assert User.objects.filter(is_active=True).count() == 2


@pytest.mark.parametrize("field", ["is_active", "is_superuser"])
def test_the_last_administrator_stays_one(field):
    last = UserFactory(is_superuser=True)
    UserFactory(is_superuser=True, is_active=False)
    setattr(last, field, False)
    with pytest.raises(LastAdministrator):
        last.save()
    with pytest.raises(LastAdministrator):
        last.save(update_fields=[field])
    with pytest.raises(LastAdministrator), transaction.atomic():
        User.objects.get(pk=last.pk).delete()
    with pytest.raises(LastAdministrator), transaction.atomic():
        User.objects.filter(is_superuser=True).delete()
    assert list(User.objects.administrators()) == [last]
    UserFactory(is_superuser=True)
    with pytest.raises(LastAdministrator), transaction.atomic():  # both at once
        User.objects.administrators().delete()
    last.save()
    assert last not in User.objects.administrators()


def test_a_studio_may_be_emptied_of_users_who_never_administered():
    user = UserFactory()
    user.delete()
    assert not KnownAddress.objects.exists()


def test_the_migration_keys_users_and_stops_at_two_who_are_one():
    migration = importlib.import_module("studio.people.migrations.0003_key_the_users")
    executor = MigrationExecutor(connection)
    apps = executor.loader.project_state([("people", "0003_key_the_users")]).apps
    ann, ben = UserFactory(email="Ann@studio.example"), UserFactory()
    without_keys()
    ann.refresh_from_db()
    migration.key_the_users(apps, None)
    assert set(KnownAddress.objects.values_list("user", "email_key")) == {
        (ann.pk, "ann@studio.example"),
        (ben.pk, ben.email),
    }
    without_keys()
    User._base_manager.filter(pk=ben.pk).update(email="ANN@studio.example")
    with pytest.raises(ValueError, match=r"Ann@studio\.example and ANN@studio\.example are one"):
        migration.key_the_users(apps, None)


def without_keys():
    """As before the migration, though the column may no longer be empty."""
    KnownAddress.objects.all().delete()
    for user in User.objects.all():
        User._base_manager.filter(pk=user.pk).update(email_key=f"none {user.pk}")
