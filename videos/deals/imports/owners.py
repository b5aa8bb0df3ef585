"""Matches deals to their owners by the key of the imported address."""

from collections.abc import Mapping
from typing import Any

from studio.chunks import chunks
from studio.people.addresses import email_key
from studio.people.models import KnownAddress, User
from videos.deals.models import Deal


def owners_of(imported: Mapping[str, str]) -> dict[str, int | None]:
    """Returns the owner's key for each deal, by public id, given the imported addresses.

    If a deal's address has not changed, neither does its owner: who took the deal over keeps it.
    """
    known = {
        public_id: (key, owner)
        for chunk in chunks(imported)
        for public_id, key, owner in Deal.objects.order_by()
        .filter(public_id__in=chunk)
        .values_list("public_id", "owner_email_key", "owner")
    }
    keys = {public_id: email_key(address) for public_id, address in imported.items()}
    users = users_by_key(set(keys.values()))
    return {
        public_id: known[public_id][1]
        if public_id in known and known[public_id][0] == key
        else users.get(key)
        for public_id, key in keys.items()
    }


def users_by_key(keys: set[str]) -> dict[str, int]:
    """Returns the users whose current or former address has one of the keys, by key."""
    return {
        key: user
        for chunk in chunks(keys - {""})
        for key, user in KnownAddress.objects.order_by()
        .filter(email_key__in=chunk)
        .values_list("email_key", "user")
    }


def match_new_user(sender: type[User], instance: User, created: bool, **kwargs: Any) -> None:
    """Makes a new user the owner of deals that were imported with their address."""
    if created and not kwargs.get("raw"):
        named = Deal.objects.filter(owner__isnull=True, owner_email_key=instance.email_key)
        named.update(owner=instance)
