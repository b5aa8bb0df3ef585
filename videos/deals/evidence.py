"""The views behind a number: which deal, whose view of what, how long, through which link."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from django.db import models

from studio.money import shown
from videos.audience.models import Contact, ShareLink
from videos.deals.identity import Identification
from videos.deals.influence import Report
from videos.deals.load import load, studio_terms
from videos.deals.models import Deal
from videos.deals.touches import Touch, follow
from videos.deals.upsert import chunks
from videos.planning.models import Video

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True, slots=True)
class Found:
    """A touch on a deal, and what it is credited with in minor units, if anything."""

    deal_id: str
    touch: Touch
    minor: int | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """One touch as a page prints it. `credit` is empty where there is none.

    `heard_at` is when the studio knew that the view counts; an imported one was not heard of here.
    `through` is the identification that makes the view the contact's where it names nobody itself.
    `is_late` marks what hangs on something known after the close, `is_early` a view from before
    the deal was entered by hand.
    """

    deal: Deal
    video: Video
    contact: Contact
    view_id: str
    started_at: datetime
    seconds: Decimal | None
    share_link: ShareLink | None
    credit: str
    heard_at: datetime | None
    imported: bool
    through: Identification | None
    is_late: bool
    is_early: bool = False

    @property
    def through_other(self) -> bool:
        """Whether the share link is of somebody else than the deal's owner."""
        return self.share_link is not None and self.share_link.rep_id != self.deal.owner_id


def touches_of(report: Report) -> list[Found]:
    """Every touch of the report's closed deals, with its credit on won ones, and of open deals."""
    parts = {deal.deal.id: deal.parts for deal in report.deals}
    return [
        Found(deal.deal.id, touch, parts[deal.deal.id][place] if parts.get(deal.deal.id) else None)
        for deal in [*report.closed, *report.open]
        for place, touch in enumerate(deal.touches)
    ]


def touches_on(deal: Deal) -> list[Found]:
    """The touches of one deal, before its close or until now."""
    terms = studio_terms()
    followed = follow(load(terms, Deal.objects.filter(pk=deal.pk)), terms)
    return [Found(deal.public_id, touch) for one in followed for touch in one.touches]


def mark_late(deals: Iterable[Deal]) -> None:
    """Sets `has_late_touches` of some deals, in as many queries as for one of them."""
    closed = {deal.public_id: deal for deal in deals if deal.close_recorded_at}
    if not closed:
        return
    terms = studio_terms()
    for one in follow(load(terms, Deal.objects.filter(public_id__in=closed)), terms):
        closed[one.deal.id].has_late_touches = bool(one.late)


def shown_deals() -> "models.QuerySet[Deal]":
    """Deals with whom a page names beside them."""
    return Deal.objects.select_related("company", "owner", "entered_by", "changed_by")


def rows_of(rows: "models.QuerySet[M]", ids: Iterable[str]) -> dict[str, M]:
    """Rows by public id."""
    return {
        row.public_id: row  # type: ignore[attr-defined]
        for chunk in chunks(sorted(set(ids)))
        for row in rows.filter(public_id__in=chunk)
    }


def evidence(found: Sequence[Found], currency: str) -> list[Evidence]:
    """Touches with the rows they name, in as many queries as there are kinds of them."""
    views = [one.touch.view for one in found]
    deals = rows_of(shown_deals(), (one.deal_id for one in found))
    videos = rows_of(Video.objects.all(), (view.video for view in views))
    contacts = rows_of(
        Contact.objects.select_related("company"), (one.touch.contact for one in found)
    )
    tokens = {view.share_link for view in views if view.share_link}
    links = {
        link.token: link
        for link in ShareLink.objects.filter(token__in=tokens).select_related("rep")
    }
    return [
        Evidence(
            deal=deals[one.deal_id],
            video=videos[one.touch.view.video],
            contact=contacts[one.touch.contact],
            view_id=one.touch.view.id,
            started_at=one.touch.view.started_at,
            seconds=one.touch.view.seconds,
            share_link=links.get(one.touch.view.share_link or ""),
            credit="" if one.minor is None else shown(one.minor, currency),
            heard_at=None if one.touch.view.imported else one.touch.view.counted_at,
            imported=one.touch.view.imported,
            through=one.touch.through,
            is_late=one.touch.is_late,
            is_early=one.touch.is_early,
        )
        for one in found
    ]
