"""The influence report as JSON, in the documented format of `manage.py influence --json`."""

from typing import Any

from studio.formats.money import plain
from videos.deals.attribution.compare import Comparison, Side
from videos.deals.attribution.influence import InfluenceReport, VideoInfluence, WonDeal

JSON = dict[str, Any]


def report_as_json(report: InfluenceReport) -> JSON:
    """Returns the report as a dict in the documented order: money is text, rates are numbers."""
    params = report.params
    totals = report.totals
    return {
        "as_of": params.as_of.isoformat(),
        "model": params.model,
        "currency": params.currency,
        "lookback_days": params.lookback_days,
        "landmark_days": params.landmark_days,
        "from": params.from_day.isoformat() if params.from_day else None,
        "to": params.to_day.isoformat() if params.to_day else None,
        "totals": {
            "won_deals": totals.won_deals,
            "won_revenue": plain(totals.won_revenue, params.currency),
            "influenced_deals": totals.influenced_deals,
            "influenced_revenue": plain(totals.influenced_revenue, params.currency),
            # An amount out of bounds counts as unknown.
            "without_amount": sorted([*totals.without_amount, *totals.out_of_bounds]),
            **({"without_rate": list(totals.without_rate)} if params.skip_missing_rates else {}),
        },
        "videos": [video_as_json(line, params.currency) for line in report.videos],
        "deals": [deal_as_json(deal, params.currency) for deal in report.deals],
        "compared": {
            "all": comparison_as_json(report.compared_all),
            "landmark": comparison_as_json(report.compared_landmark),
        },
    }


def video_as_json(line: VideoInfluence, currency: str) -> JSON:
    """Returns one entry of `videos`."""
    return {
        "video_id": line.id,
        "title": line.title,
        "touches": line.touches,
        "influenced_deals": line.deals,
        "influenced_revenue": plain(line.revenue, currency),
        "credit": plain(line.credit, currency),
    }


def deal_as_json(deal: WonDeal, currency: str) -> JSON:
    """Returns one entry of `deals`."""
    return {
        "deal_id": deal.deal.id,
        "amount": None if deal.minor is None else plain(deal.minor, currency),
        "touches": len(deal.touches),
        "videos": len(deal.video_ids),
        "credit": {video: plain(minor, currency) for video, minor in deal.credit.items()},
    }


def comparison_as_json(compared: Comparison) -> JSON:
    """Returns one entry of `compared`."""
    return {"with": side_as_json(compared.with_video), "without": side_as_json(compared.without)}


def side_as_json(side: Side) -> JSON:
    """Returns one side of a comparison."""
    return {
        "closed": side.closed,
        "won": side.won,
        "close_rate": side.close_rate,
        "close_rate_interval": side.close_rate_interval and list(side.close_rate_interval),
        "median_days": side.median_days,
        "median_days_interval": side.median_days_interval and list(side.median_days_interval),
    }
