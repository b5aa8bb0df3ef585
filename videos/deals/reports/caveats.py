"""The parts of the report's sums that depend on late additions, changes or entries."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from videos.deals.attribution.influence import WonDeal
from videos.deals.attribution.touches import Touch

TouchFilter = Callable[[WonDeal, Touch], bool]


@dataclass(frozen=True, slots=True)
class AffectedSums:
    """What the sums would lose without the affected touches.

    `deals` and `revenue` are those of won deals all of whose touches are affected; `credit` is that
    of the affected touches alone. Money is in minor units of the report's currency.
    """

    touches: int = 0
    deals: int = 0
    revenue: int = 0
    credit: int = 0


def known_late(deal: WonDeal, touch: Touch) -> bool:
    """Whether the touch depends on a contact added to the deal, or merged, after the close."""
    return touch.is_late


def before_entry(deal: WonDeal, touch: Touch) -> bool:
    """Whether the view started before somebody entered the deal by hand."""
    return touch.is_early


def changed_after_close(deal: WonDeal, touch: Touch) -> bool:
    """Whether the deal's amount, currency, owner or creation date changed after the close."""
    return deal.deal_touches.changed_after_close


def affected_sums(won: Iterable[WonDeal], is_affected: TouchFilter = known_late) -> AffectedSums:
    """Adds up what the sums of some won deals would lose without the affected touches."""
    touches = deals = revenue = credit = 0
    for deal in won:
        affected = [is_affected(deal, touch) for touch in deal.touches]
        touches += sum(affected)
        if affected and all(affected):
            deals += 1
            revenue += deal.minor or 0
        if deal.parts:
            credit += sum(
                part for part, is_lost in zip(deal.parts, affected, strict=True) if is_lost
            )
    return AffectedSums(touches, deals, revenue, credit)
