"""The sums that hang on what this studio learned, or that somebody did, suspiciously late."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from videos.deals.influence import WonDeal
from videos.deals.touches import Touch

Mark = Callable[[WonDeal, Touch], bool]


@dataclass(frozen=True, slots=True)
class Hanging:
    """What would be missing without the touches that have a mark.

    `deals` and `revenue` are of won deals that nothing else makes influenced, `credit` is of the
    marked touches alone, all in minor units of the report's currency.
    """

    touches: int = 0
    deals: int = 0
    revenue: int = 0
    credit: int = 0


def known_late(deal: WonDeal, touch: Touch) -> bool:
    """Known after the close: a contact was added to the deal, or merged, when it had closed."""
    return touch.is_late


def before_entry(deal: WonDeal, touch: Touch) -> bool:
    """Before the deal was recorded: the view started before somebody entered the deal by hand."""
    return touch.is_early


def changed_late(deal: WonDeal, touch: Touch) -> bool:
    """Changed after the close: the deal's amount, currency, owner or creation did."""
    return deal.followed.changed_late


def hanging(won: Iterable[WonDeal], mark: Mark = known_late) -> Hanging:
    """What of some won deals hangs on touches that have a mark."""
    touches = deals = revenue = credit = 0
    for deal in won:
        marked = [mark(deal, touch) for touch in deal.touches]
        touches += sum(marked)
        if marked and all(marked):
            deals += 1
            revenue += deal.minor or 0
        if deal.parts:
            credit += sum(
                part for part, is_marked in zip(deal.parts, marked, strict=True) if is_marked
            )
    return Hanging(touches, deals, revenue, credit)
