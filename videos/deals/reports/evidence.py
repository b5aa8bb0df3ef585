"""The touches behind a number of the report, with the rows that a page shows of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from django.db import models

from studio.chunks import chunks
from studio.formats.money import shown
from videos.audience.models import Contact, ShareLink
from videos.deals.attribution.identity import Identification
from videos.deals.attribution.influence import InfluenceReport
from videos.deals.attribution.load import load_input, studio_params
from videos.deals.attribution.touches import Touch, touches_by_deal
from videos.deals.models import Deal
from videos.planning.models import Video

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True, slots=True)
class CreditedTouch:
    """A touch on a deal and its credit in minor units; None if it has none."""

    deal_id: str
    touch: Touch
    minor: int | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """One touch with its rows, as pages show it. `credit` is empty if there is none.

    `counted_at` is when the studio counted the view; None for an imported one. `through` is the
    identification that assigns the view to the contact, if it names nobody itself. `is_late`: it
    depends on something known only after the close. `is_early`: the view is older than the deal,
    which was entered by hand.
    """

    deal: Deal
    video: Video
    contact: Contact
    view_id: str
    started_at: datetime
    seconds: Decimal | None
    share_link: ShareLink | None
    credit: str
    counted_at: datetime | None
    imported: bool
    through: Identification | None
    is_late: bool
    is_early: bool = False

    @property
    def through_other(self) -> bool:
        """Whether the share link belongs to somebody other than the deal's owner."""
        return self.share_link is not None and self.share_link.rep_id != self.deal.owner_id


def touches_of(report: InfluenceReport) -> list[CreditedTouch]:
    """Returns every touch of the report's closed and open deals, with its credit on won ones."""
    parts = {deal.deal.id: deal.parts for deal in report.deals}
    return [
        CreditedTouch(
            deal.deal.id, touch, parts[deal.deal.id][place] if parts.get(deal.deal.id) else None
        )
        for deal in [*report.closed, *report.open]
        for place, touch in enumerate(deal.touches)
    ]


def touches_on(deal: Deal) -> list[CreditedTouch]:
    """Returns the touches of one deal, before its close or until now."""
    params = studio_params()
    deal_touches = touches_by_deal(load_input(params, Deal.objects.filter(pk=deal.pk)), params)
    return [CreditedTouch(deal.public_id, touch) for one in deal_touches for touch in one.touches]


def mark_late(deals: Iterable[Deal]) -> None:
    """Sets `has_late_touches` on deals, in a fixed number of queries."""
    closed = {deal.public_id: deal for deal in deals if deal.close_recorded_at}
    if not closed:
        return
    params = studio_params()
    for one in touches_by_deal(
        load_input(params, Deal.objects.filter(public_id__in=closed)), params
    ):
        closed[one.deal.id].has_late_touches = bool(one.late)


def deals_with_related() -> "models.QuerySet[Deal]":
    """Deals with the related rows that pages show."""
    return Deal.objects.select_related("company", "owner", "entered_by", "changed_by")


def rows_of(rows: "models.QuerySet[M]", ids: Iterable[str]) -> dict[str, M]:
    """Returns the rows with these public ids, by public id."""
    return {
        row.public_id: row  # type: ignore[attr-defined]
        for chunk in chunks(sorted(set(ids)))
        for row in rows.filter(public_id__in=chunk)
    }


def evidence(found: Sequence[CreditedTouch], currency: str) -> list[Evidence]:
    """Adds the rows that pages show to touches, in a fixed number of queries."""
    views = [one.touch.view for one in found]
    deals = rows_of(deals_with_related(), (one.deal_id for one in found))
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
            counted_at=None if one.touch.view.imported else one.touch.view.counted_at,
            imported=one.touch.view.imported,
            through=one.touch.through,
            is_late=one.touch.is_late,
            is_early=one.touch.is_early,
        )
        for one in found
    ]
