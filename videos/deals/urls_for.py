"""URLs of the pages of deals and of the influence report."""

from urllib.parse import urlencode

from django.urls import reverse

from videos.deals.models import Deal


def deal_url(deal: Deal) -> str:
    """The page of a deal."""
    return reverse("deals_deals:inspect", args=[deal.pk])


def influence_url(**params: object) -> str:
    """The influence report, with the parameters that are not empty."""
    return with_query(reverse("deals_influence"), params)


def evidence_url(**params: object) -> str:
    """The views behind the report's numbers; `video` and `deal` (public ids) narrow them."""
    return with_query(reverse("deals_evidence"), params)


def deals_behind_url(**params: object) -> str:
    """The closed deals behind the report's numbers; `status`, `compared` and `side` narrow them."""
    return with_query(reverse("deals_compared"), params)


def with_query(url: str, params: dict[str, object]) -> str:
    """Adds the parameters that are not empty to a URL."""
    given = {name: value for name, value in params.items() if value not in (None, "")}
    return f"{url}?{urlencode(given)}" if given else url
