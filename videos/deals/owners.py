"""On whom a deal hangs: matched once by the key of an address, and moved by nothing but people."""

from collections.abc import Mapping
from typing import Any

from studio.people.addresses import email_key
from studio.people.models import KnownAddress, User
from videos.deals.models import Deal
from videos.deals.upsert import chunks


def owners_of(imported: Mapping[str, str]) -> dict[str, int | None]:
    """The user on whom each deal is to hang, by the deal's public id, given its owner's address.

    An address that a deal has already changes nothing: whoever took the deal over keeps it.
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
    """The users whose present or former address has one of the keys."""
    return {
        key: user
        for chunk in chunks(keys - {""})
        for key, user in KnownAddress.objects.order_by()
        .filter(email_key__in=chunk)
        .values_list("email_key", "user")
    }


def match_a_new_user(sender: type[User], instance: User, created: bool, **kwargs: Any) -> None:
    """Deals that named an address before anybody here had it hang on the user who has it now."""
    if created and not kwargs.get("raw"):
        named = Deal.objects.filter(owner__isnull=True, owner_email_key=instance.email_key)
        named.update(owner=instance)
