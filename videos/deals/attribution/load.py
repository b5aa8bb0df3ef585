"""Loads the input of attribution from the database, in a few queries."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from studio.chunks import chunks
from studio.rates.models import Rate
from videos.audience import models as audience
from videos.deals.attribution.influence import RATE_DAYS, InfluenceReport, build_report, close_day
from videos.deals.attribution.input import AttributionInput, Contact, ReportParams, Video, View
from videos.deals.attribution.input import Deal as DealValue
from videos.deals.attribution.touches import DAY, closed_as_of
from videos.deals.closes import FIELDS
from videos.deals.models import Deal, DealContact
from videos.planning import models as planning


def studio_params(as_of: dt.datetime | None = None, **asked: Any) -> ReportParams:
    """Return parameters in the studio's currency and time zone; `as_of` is now by default."""
    return ReportParams(
        as_of=as_of or timezone.now(),
        zone=timezone.get_default_timezone(),
        **{"currency": settings.CURRENCY, **asked},
    )


def influence_report(params: ReportParams, deals: QuerySet[Deal] | None = None) -> InfluenceReport:
    """The influence report of the studio, or of some of its deals alone. Raises Unconverted."""
    return build_report(load_input(params, deals), params)


def load_input(params: ReportParams, deals: QuerySet[Deal] | None = None) -> AttributionInput:
    """Return what a report with `params` is computed from.

    `deals` (default: all) narrows it to these deals, their contacts and the views that may belong
    to these contacts; no other rows are read.
    """
    values, parts = load_deals(Deal.objects.all() if deals is None else deals)
    if deals is None:
        contacts = [Contact(*row) for row in contact_rows().values_list(*CONTACT)]
        views = load_views(params.as_of)
    else:
        people = merged_with(parts)
        contacts, views = list(people.values()), load_views(params.as_of, people)
    return AttributionInput(
        videos=load_videos(None if deals is None else {view.video for view in views}),
        views=views,
        contacts=contacts,
        deals=values,
        rates=load_rates(params, values),
    )


CONTACT = ("public_id", "created_at", "merged_into__public_id", "merged_at")


def contact_rows() -> QuerySet[audience.Contact]:
    """Return all contacts, unordered."""
    return audience.Contact.objects.order_by()


def merged_with(contacts: Iterable[int]) -> dict[int, Contact]:
    """Return contacts by primary key: the given ones and all that are merged with them.

    Runs one query per step of the longest chain of merges.
    """
    found: dict[int, Contact] = {}
    asked: set[int] = set()
    coming = set(contacts)
    while coming:
        asked |= coming
        following: set[int] = set()
        for chunk in chunks(sorted(coming)):
            rows = contact_rows().filter(Q(pk__in=chunk) | Q(merged_into__in=chunk))
            for pk, into, *row in rows.values_list("pk", "merged_into", *CONTACT):
                found[pk] = Contact(*row)
                following |= {pk} if into is None else {pk, into}
        coming = following - asked
    return found


def load_videos(ids: Iterable[str] | None = None) -> list[Video]:
    """Return all videos, or those with these public ids."""
    videos = planning.Video.objects.order_by()
    found = (
        [videos] if ids is None else [videos.filter(public_id__in=c) for c in chunks(sorted(ids))]
    )
    fields = ("public_id", "title", "duration_seconds")
    return [Video(*row) for some in found for row in some.values_list(*fields)]


def load_rates(
    params: ReportParams, deals: Iterable[DealValue]
) -> dict[tuple[str, str, dt.date], Decimal]:
    """Return the rates that these deals may need, by (from, to, day)."""
    days: set[dt.date] = set()
    currencies: set[str] = set()
    for deal in deals:
        closed_at = closed_as_of(deal, params.as_of)
        if closed_at and deal.currency != params.currency:
            days.add(close_day(closed_at, params.zone))
            currencies.add(deal.currency)
    if not days:
        return {}
    earliest = max(min(days), dt.date.min + RATE_DAYS * DAY) - RATE_DAYS * DAY
    rates = Rate.objects.order_by().filter(
        to_currency=params.currency,
        from_currency__in=currencies,
        day__range=(earliest, max(days)),
    )
    return {
        (from_currency, to_currency, day): rate
        for from_currency, to_currency, day, rate in rates.values_list(
            "from_currency", "to_currency", "day", "rate"
        )
    }


def deals_touched_by(video: planning.Video) -> QuerySet[Deal]:
    """Return a superset of the deals that a view of the video can touch.

    These are the deals of all contacts who may have watched it: named by one of its views or by
    another view of the same viewer, or merged with such a contact.
    """
    views = audience.View.objects.order_by().filter(video=video)
    viewers = views.filter(viewer__isnull=False).values("viewer")
    people: set[int] = set()
    for some in (views, audience.View.objects.order_by().filter(viewer__in=viewers)):
        for named in ("contact", "share_link__contact"):
            known = some.filter(**{f"{named}__isnull": False}).values_list(named, flat=True)
            people |= set(known.distinct())
    parts = [
        DealContact.objects.filter(contact__in=chunk).values_list("deal", flat=True)
        for chunk in chunks(merged_with(people))
    ]
    return Deal.objects.filter(pk__in={deal for some in parts for deal in some})


def load_views(as_of: dt.datetime, of_contacts: Iterable[int] | None = None) -> list[View]:
    """The views known at `as_of` that count, or tell who a viewer is, and may be somebody's.

    With the keys of some contacts, those that may turn out to be theirs: the ones that name them,
    and all others by the same viewers.
    """
    counted = Q(counted_at__lte=as_of, is_staff=False, is_internal=False, is_bot=False)
    tells_who = Q(imported=True, contact__isnull=False, viewer__isnull=False)
    known = audience.View.objects.order_by().filter(counted | tells_who, started_at__lte=as_of)
    if of_contacts is None:
        named = Q(contact__isnull=False) | Q(share_link__isnull=False)
        viewers = audience.View.objects.filter(named, viewer__isnull=False).values("viewer")
        return [view for _pk, view in view_rows(known.filter(named | Q(viewer__in=viewers)))]
    found: dict[int, View] = {}
    for chunk in chunks(of_contacts):
        links = audience.ShareLink.objects.order_by().filter(contact__in=chunk).values("pk")
        conditions = []
        for named in (Q(contact__in=chunk), Q(share_link__in=links)):
            of_viewers = audience.View.objects.order_by().filter(named, viewer__isnull=False)
            conditions += [named, Q(viewer__in=of_viewers.values("viewer"))]
        # A union: PostgreSQL uses no index where OR joins subqueries, and would read every view
        found |= dict(view_rows(*(known.filter(condition) for condition in conditions)))
    return list(found.values())


def view_rows(*querysets: QuerySet[audience.View]) -> Iterator[tuple[int, View]]:
    """Yield the primary key and the value of each view of the querysets, in one query.

    A view that is in several of them may come several times.
    """
    first, *others = (rows_of_views(views) for views in querysets)
    rows = first.union(*others, all=True) if others else first
    for pk, *row in rows.iterator(chunk_size=5000):
        yield pk, view_value(*row)


def rows_of_views(views: QuerySet[audience.View]) -> QuerySet[audience.View, Any]:
    """Return the primary keys of views, with what `view_value` takes."""
    return views.values_list(
        "pk",
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


def view_value(
    view_id: str,
    video: str,
    started_at: dt.datetime,
    seconds: Decimal | None,
    viewer: str | None,
    contact: str | None,
    linked: str | None,
    token: str | None,
    imported: bool,
    staff: bool,
    internal: bool,
    bot: bool,
    counted_at: dt.datetime | None,
    identified_at: dt.datetime | None,
) -> View:
    """Return a view as a value; `linked` is the contact of its share link."""
    return View(
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


def load_deals(deals: QuerySet[Deal]) -> tuple[list[DealValue], set[int]]:
    """Return deals with their contacts, and the primary keys of these contacts."""
    keys: set[int] = set()
    contacts: dict[int, set[str]] = defaultdict(set)
    added: dict[tuple[int, str], list[dt.datetime | None]] = defaultdict(list)
    parts = DealContact.objects.order_by().filter(deal__in=deals.order_by())
    for deal, key, contact, added_at in parts.values_list(
        "deal", "contact", "contact__public_id", "added_at"
    ):
        keys.add(key)
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
    values = [
        DealValue(
            id=row.public_id,
            status=row.status,
            created_at=row.created_at,
            closed_at=row.closed_at,
            amount=row.amount,
            currency=row.currency,
            contacts=sorted(contacts[row.pk]),
            known_by=row.close_state.known_by,
            entered_at=None if row.imported else row.recorded_at,
            changed_after_close=row.changed_after_close,
            added_at={
                contact: first
                for contact in contacts[row.pk]
                if (first := earliest(added[row.pk, contact])) is not None
            },
        )
        for row in rows.iterator(chunk_size=5000)
    ]
    return values, keys


def earliest(instants: Iterable[dt.datetime | None]) -> dt.datetime | None:
    """Returns the earliest instant; None if any of them is unknown."""
    known = list(instants)
    return None if None in known else min(one for one in known if one is not None)
