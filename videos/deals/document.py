"""The influence report as the JSON document that the command line promises."""

from typing import Any

from studio.money import plain
from videos.deals.compare import Comparison, Side
from videos.deals.influence import Report, VideoLine, WonDeal

Document = dict[str, Any]


def document(report: Report) -> Document:
    """The report in the promised order: money as text, rates and days as numbers."""
    terms = report.terms
    totals = report.totals
    return {
        "as_of": terms.as_of.isoformat(),
        "model": terms.model,
        "currency": terms.currency,
        "lookback_days": terms.lookback_days,
        "landmark_days": terms.landmark_days,
        "from": terms.from_day.isoformat() if terms.from_day else None,
        "to": terms.to_day.isoformat() if terms.to_day else None,
        "totals": {
            "won_deals": totals.won_deals,
            "won_revenue": plain(totals.won_revenue, terms.currency),
            "influenced_deals": totals.influenced_deals,
            "influenced_revenue": plain(totals.influenced_revenue, terms.currency),
            # An amount out of bounds is as good as unknown.
            "without_amount": sorted([*totals.without_amount, *totals.out_of_bounds]),
            **({"without_rate": list(totals.without_rate)} if terms.skip_missing_rates else {}),
        },
        "videos": [video_line(line, terms.currency) for line in report.videos],
        "deals": [deal_line(deal, terms.currency) for deal in report.deals],
        "compared": {
            "all": comparison(report.compared_all),
            "landmark": comparison(report.compared_landmark),
        },
    }


def video_line(line: VideoLine, currency: str) -> Document:
    """One entry of `videos`."""
    return {
        "video_id": line.id,
        "title": line.title,
        "touches": line.touches,
        "influenced_deals": line.deals,
        "influenced_revenue": plain(line.revenue, currency),
        "credit": plain(line.credit, currency),
    }


def deal_line(deal: WonDeal, currency: str) -> Document:
    """One entry of `deals`."""
    return {
        "deal_id": deal.deal.id,
        "amount": None if deal.minor is None else plain(deal.minor, currency),
        "touches": len(deal.touches),
        "videos": len(deal.video_ids),
        "credit": {video: plain(minor, currency) for video, minor in deal.credit.items()},
    }


def comparison(compared: Comparison) -> Document:
    """One entry of `compared`."""
    return {"with": one_side(compared.with_video), "without": one_side(compared.without)}


def one_side(side: Side) -> Document:
    """Either side of a comparison."""
    return {
        "closed": side.closed,
        "won": side.won,
        "close_rate": side.close_rate,
        "close_rate_interval": side.close_rate_interval and list(side.close_rate_interval),
        "median_days": side.median_days,
        "median_days_interval": side.median_days_interval and list(side.median_days_interval),
    }
