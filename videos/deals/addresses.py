"""Where the pages of deals and of their influence are, for every room."""

from urllib.parse import urlencode

from django.urls import reverse

from videos.deals.models import Deal


def deal_url(deal: Deal) -> str:
    """The page of a deal."""
    return reverse("deals:inspect", args=[deal.pk])


def influence_url(**asked: object) -> str:
    """The influence report, with the answers of its form that are given."""
    return with_query(reverse("deals_influence"), asked)


def evidence_url(**asked: object) -> str:
    """The views behind the report's numbers; `video` and `deal` (public ids) narrow them."""
    return with_query(reverse("deals_evidence"), asked)


def deals_behind_url(**asked: object) -> str:
    """The closed deals behind the report's numbers; `status`, `compared` and `side` narrow them."""
    return with_query(reverse("deals_compared"), asked)


def with_query(address: str, asked: dict[str, object]) -> str:
    """An address with the parameters that are not empty."""
    given = {name: value for name, value in asked.items() if value not in (None, "")}
    return f"{address}?{urlencode(given)}" if given else address
