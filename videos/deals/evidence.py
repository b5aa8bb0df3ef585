"""The views behind a number: which deal, whose view of what, how long, through which link."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import models

from studio.money import shown
from videos.audience.models import Contact, ShareLink
from videos.deals.influence import Report
from videos.deals.load import load, studio_terms
from videos.deals.models import Deal
from videos.deals.touches import Touch, follow
from videos.planning.models import Video


@dataclass(frozen=True, slots=True)
class Found:
    """A touch on a deal, and what it is credited with in minor units, if anything."""

    deal_id: str
    touch: Touch
    minor: int | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """One touch as a page prints it. `credit` is empty where there is none."""

    deal: Deal
    video: Video
    contact: Contact
    view_id: str
    started_at: datetime
    seconds: Decimal | None
    share_link: ShareLink | None
    credit: str


def touches_of(report: Report) -> list[Found]:
    """Every touch of the report: on won deals with its credit, then on open ones."""
    won = [
        Found(deal.deal.id, touch, deal.parts[place] if deal.parts else None)
        for deal in report.deals
        for place, touch in enumerate(deal.touches)
    ]
    return won + [Found(deal.deal.id, touch) for deal in report.open for touch in deal.touches]


def touches_on(deal: Deal) -> list[Found]:
    """The touches of one deal, before its close or until now."""
    terms = studio_terms()
    followed = follow(load(terms, Deal.objects.filter(pk=deal.pk)), terms)
    return [Found(deal.public_id, touch) for one in followed for touch in one.touches]


def by_public_id(rows: models.QuerySet, ids: Iterable[str]) -> dict[str, models.Model]:
    """Rows by public id."""
    return {row.public_id: row for row in rows.filter(public_id__in=set(ids))}


def evidence(found: Sequence[Found], currency: str) -> list[Evidence]:
    """Touches with the rows they name, in as many queries as there are kinds of them."""
    views = [one.touch.view for one in found]
    deals = by_public_id(Deal.objects.all(), (one.deal_id for one in found))
    videos = by_public_id(Video.objects.all(), (view.video for view in views))
    contacts = by_public_id(
        Contact.objects.select_related("company"), (one.touch.contact for one in found)
    )
    tokens = {view.share_link for view in views if view.share_link}
    links = {
        link.token: link
        for link in ShareLink.objects.filter(token__in=tokens).select_related("rep")
    }
    return [
        Evidence(
            deal=deals[one.deal_id],  # type: ignore[arg-type]
            video=videos[one.touch.view.video],  # type: ignore[arg-type]
            contact=contacts[one.touch.contact],  # type: ignore[arg-type]
            view_id=one.touch.view.id,
            started_at=one.touch.view.started_at,
            seconds=one.touch.view.seconds,
            share_link=links.get(one.touch.view.share_link or ""),
            credit="" if one.minor is None else shown(one.minor, currency),
        )
        for one in found
    ]
