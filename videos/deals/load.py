"""Loads a world from the database, in a handful of queries."""

import datetime as dt
from collections import defaultdict

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from videos.audience import models as audience
from videos.deals.influence import Report, report
from videos.deals.models import Deal, DealContact, Rate
from videos.deals.world import Contact, Terms, Video, View, World
from videos.deals.world import Deal as DealValue
from videos.planning import models as planning


def studio_terms(as_of: dt.datetime | None = None, **asked: object) -> Terms:
    """Terms with the studio's time zone, currency and seconds; `as_of` is now unless given."""
    asked.setdefault("currency", settings.CURRENCY)
    return Terms(
        as_of=as_of or timezone.now(),
        zone=timezone.get_default_timezone(),
        min_seconds=settings.VIEW_MIN_SECONDS,
        **asked,  # type: ignore[arg-type]
    )


def report_for(terms: Terms, deals: QuerySet[Deal] | None = None) -> Report:
    """The influence report of the studio, or of some of its deals alone. Raises MissingRate."""
    return report(load(terms, deals), terms)


def load(terms: Terms, deals: QuerySet[Deal] | None = None) -> World:
    """Everything that a report on `terms` may look at; `deals` (default: all) narrows it."""
    return World(
        videos=[
            Video(*row)
            for row in planning.Video.objects.order_by().values_list(
                "public_id", "title", "duration_seconds"
            )
        ],
        views=load_views(terms.as_of),
        contacts=[
            Contact(*row)
            for row in audience.Contact.objects.order_by().values_list(
                "public_id", "created_at", "merged_into__public_id", "name"
            )
        ],
        deals=load_deals(Deal.objects.all() if deals is None else deals),
        rates={
            (from_currency, to_currency, day): rate
            for from_currency, to_currency, day, rate in Rate.objects.order_by()
            .filter(to_currency=terms.currency)
            .values_list("from_currency", "to_currency", "day", "rate")
        },
    )


def load_views(as_of: dt.datetime) -> list[View]:
    """The views that had started by `as_of` and may turn out to be somebody's."""
    named = Q(contact__isnull=False) | Q(share_link__isnull=False)
    viewers = audience.View.objects.filter(named, viewer__isnull=False).values("viewer")
    rows = (
        audience.View.objects.order_by()
        .filter(named | Q(viewer__in=viewers), started_at__lte=as_of)
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
            "viewer__was_staff",
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
            viewer_was_staff=bool(was_staff),
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
            was_staff,
        ) in rows.iterator(chunk_size=5000)
    ]


def load_deals(deals: QuerySet[Deal]) -> list[DealValue]:
    """Deals with their contacts."""
    contacts: dict[int, set[str]] = defaultdict(set)
    parts = DealContact.objects.order_by().filter(deal__in=deals.order_by())
    for deal, contact in parts.values_list("deal", "contact__public_id"):
        contacts[deal].add(contact)
    rows = deals.order_by().values_list(
        "pk", "public_id", "status", "created_at", "closed_at", "amount", "currency", "name"
    )
    return [
        DealValue(
            id=public_id,
            status=status,
            created_at=created_at,
            closed_at=closed_at,
            amount=amount,
            currency=currency,
            contacts=sorted(contacts[pk]),
            name=name,
        )
        for pk, public_id, status, created_at, closed_at, amount, currency, name in rows
    ]
