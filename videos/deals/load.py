"""Loads a world from the database, in a handful of queries."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from videos.audience import models as audience
from videos.deals.closes import FIELDS
from videos.deals.identity import persons
from videos.deals.influence import Report, report
from videos.deals.models import Deal, DealContact, Rate
from videos.deals.world import Contact, Terms, Video, View, World
from videos.deals.world import Deal as DealValue
from videos.planning import models as planning


def studio_terms(as_of: dt.datetime | None = None, **asked: Any) -> Terms:
    """Terms in the studio's money and time zone; `as_of` is now unless given."""
    return Terms(
        as_of=as_of or timezone.now(),
        zone=timezone.get_default_timezone(),
        **{"currency": settings.CURRENCY, **asked},
    )


def report_for(terms: Terms, deals: QuerySet[Deal] | None = None) -> Report:
    """The influence report of the studio, or of some of its deals alone. Raises Unconverted."""
    return report(load(terms, deals), terms)


def load(terms: Terms, deals: QuerySet[Deal] | None = None) -> World:
    """Everything that a report on `terms` may look at; `deals` (default: all) narrows it."""
    contacts = [
        Contact(*row)
        for row in audience.Contact.objects.order_by().values_list(
            "public_id", "created_at", "merged_into__public_id", "merged_at"
        )
    ]
    values = load_deals(Deal.objects.all() if deals is None else deals)
    return World(
        videos=[
            Video(*row)
            for row in planning.Video.objects.order_by().values_list(
                "public_id", "title", "duration_seconds"
            )
        ],
        views=load_views(terms.as_of, None if deals is None else doublets(values, contacts)),
        contacts=contacts,
        deals=values,
        rates={
            (from_currency, to_currency, day): rate
            for from_currency, to_currency, day, rate in Rate.objects.order_by()
            .filter(to_currency=terms.currency)
            .values_list("from_currency", "to_currency", "day", "rate")
        },
    )


def doublets(deals: Iterable[DealValue], contacts: Sequence[Contact]) -> list[str]:
    """The contacts of some deals, with all who were merged with them."""
    person = persons(contacts)
    people = {person(contact) for deal in deals for contact in deal.contacts}
    return [contact.id for contact in contacts if person(contact.id) in people]


def load_views(as_of: dt.datetime, of_contacts: Sequence[str] | None = None) -> list[View]:
    """The views known at `as_of` that count, or tell who a viewer is, and may be somebody's.

    With `of_contacts`, those that may turn out to be theirs: the ones that name them, and all
    others by the same viewers.
    """
    if of_contacts is None:
        named = Q(contact__isnull=False) | Q(share_link__isnull=False)
    else:
        named = Q(contact__public_id__in=of_contacts) | Q(
            share_link__contact__public_id__in=of_contacts
        )
    counted = Q(counted_at__lte=as_of, is_staff=False, is_internal=False, is_bot=False)
    tells_who = Q(imported=True, contact__isnull=False, viewer__isnull=False)
    viewers = audience.View.objects.filter(named, viewer__isnull=False).values("viewer")
    rows = (
        audience.View.objects.order_by()
        .filter(named | Q(viewer__in=viewers), counted | tells_who, started_at__lte=as_of)
        .values_list(
            "public_id",
            "video__public_id",
            "started_at",
            "seconds_watched",
            "viewer__public_id",
            "contact__public_id",
            "share_link__contact__public_id",
            "share_link__token",
            "imported",
            "is_staff",
            "is_internal",
            "is_bot",
            "counted_at",
            "identified_at",
        )
    )
    return [
        View(
            id=view_id,
            video=video,
            started_at=started_at,
            seconds=seconds,
            viewer=viewer,
            contact=contact if imported else linked,
            imported=imported,
            excluded=staff or internal or bot,
            counted_at=counted_at,
            identified_at=identified_at,
            share_link=token,
        )
        for (
            view_id,
            video,
            started_at,
            seconds,
            viewer,
            contact,
            linked,
            token,
            imported,
            staff,
            internal,
            bot,
            counted_at,
            identified_at,
        ) in rows.iterator(chunk_size=5000)
    ]


def load_deals(deals: QuerySet[Deal]) -> list[DealValue]:
    """Deals with their contacts."""
    contacts: dict[int, set[str]] = defaultdict(set)
    added: dict[tuple[int, str], list[dt.datetime | None]] = defaultdict(list)
    parts = DealContact.objects.order_by().filter(deal__in=deals.order_by())
    for deal, contact, added_at in parts.values_list("deal", "contact__public_id", "added_at"):
        contacts[deal].add(contact)
        added[deal, contact].append(added_at)
    rows = deals.order_by().only(
        "public_id",
        "created_at",
        "amount",
        "currency",
        "imported",
        "recorded_at",
        "changed_at",
        *FIELDS,
    )
    return [
        DealValue(
            id=row.public_id,
            status=row.status,
            created_at=row.created_at,
            closed_at=row.closed_at,
            amount=row.amount,
            currency=row.currency,
            contacts=sorted(contacts[row.pk]),
            known_by=row.standing.known_by,
            entered_at=None if row.imported else row.recorded_at,
            changed_late=row.changed_after_close,
            added_at={
                contact: first
                for contact in contacts[row.pk]
                if (first := earliest(added[row.pk, contact])) is not None
            },
        )
        for row in rows.iterator(chunk_size=5000)
    ]


def earliest(instants: Iterable[dt.datetime | None]) -> dt.datetime | None:
    """The first of some instants; None where one of them is unknown."""
    known = list(instants)
    return None if None in known else min(one for one in known if one is not None)
