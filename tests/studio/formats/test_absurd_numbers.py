"""Whatever number stands in an address or a form, a page answers: with a refusal, never a trace."""

import re
from uuid import uuid4

import pytest
from django.urls import URLResolver, get_resolver, reverse

from tests.factories import UserFactory
from tests.studio.screens import World

pytestmark = pytest.mark.django_db

ABSURD = ["9" * 30, "9" * 5000, "1e999999", "NaN", "-1", "٣"]
ADDRESSES = {
    "planning_calendar": ["year", "month"],
    "planning_shoots:index": ["p", "experts"],
    "planning_shoots:add": ["video"],
    "planning_videos:index": ["experts", "producer"],
    "planning_questions:index": ["heard_by"],
    "deals_deals:index": ["p", "closed_at_after"],
    "deals_influence": ["lookback_days", "landmark_days"],
    "deals_evidence": ["p", "lookback_days"],
    "deals_compared": ["p", "landmark_days"],
    "rates_rates:index": ["p", "q", "day_from"],
    "audience_views:index": ["video", "contact"],
    "budgets_report": ["period", "currency"],
    "budgets_entries": ["line", "period", "video"],
    "budgets_estimates": ["line", "period"],
    "budgets_expense": ["line", "video"],
}


def addresses_with_a_number(patterns, prefix="/"):
    """Every address with a number in it, ours and Wagtail's, with one that is too large."""
    for pattern in patterns:
        route = str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses_with_a_number(pattern.url_patterns, prefix + route)
        elif "<int:" in prefix + route:
            filled = re.sub(r"<int:[^>]+>", "9" * 23, prefix + route)
            filled = re.sub(r"<uuid:[^>]+>", str(uuid4()), filled)
            yield re.sub(r"<[^>]+>", "x", filled)


@pytest.fixture
def client(signed_in):
    return signed_in(UserFactory(is_superuser=True))


@pytest.mark.parametrize("number", ABSURD)
def test_no_address_with_an_absurd_number_ends_in_a_trace(client, number):
    World.make()
    asked = {"year": "2026", "month": "1"}
    statuses = {
        (name, field): client.get(
            reverse(name), {**(asked if name == "planning_calendar" else {}), field: number}
        ).status_code
        for name, fields in ADDRESSES.items()
        for field in fields
    }
    assert {place: status for place, status in statuses.items() if status not in {200, 404}} == {}


@pytest.mark.parametrize("number", ABSURD)
def test_no_form_with_an_absurd_number_ends_in_a_trace(client, number):
    world = World.make()
    expert, cut = world.expert, world.cut
    forms = [
        ("planning_shoots:add", [], {"minutes": number, "videos": number, "experts": number}),
        ("planning_experts:edit", [expert.pk], {"minutes_a_month": number, "user": number}),
        ("planning_videos:edit", [world.video.pk], {"title": "A", "experts": number}),
        ("review_cuts:comment", [cut.pk], {"seconds": number, "text": "Here."}),
        ("review_cuts:comment", [cut.pk], {"seconds": f"{number}:00:00", "text": "Here."}),
        ("media_priority", [cut.pk], {"priority": number}),
        (
            "deals_deals:add",
            [],
            {"name": "A", "amount": number, "currency": "EUR", "company": number},
        ),
        ("deals_deals:add_contact", [world.deal.pk], {"contact": number}),
        ("rates_rates:add", [], {"rate": number, "day": number}),
        ("budgets_estimate_form", [world.estimate.video_id], {f"amount-{world.line.pk}": number}),
        ("budgets_expense", [], {"amount": number, "line": world.line.pk, "video": number}),
        ("budgets_lines:add", [], {"amount": number, "budget": number, "period": number}),
    ]
    statuses = [
        client.post(reverse(name, args=args), data).status_code for name, args, data in forms
    ]
    assert [status for status in statuses if status not in {200, 302, 400}] == []


@pytest.mark.parametrize("ask", ["get", "post"])
def test_no_address_of_something_with_an_absurd_number_is_a_page(client, ask):
    addresses = set(addresses_with_a_number(get_resolver().url_patterns))
    assert f"/admin/publishing/publish/{'9' * 23}/" in addresses
    statuses = {address: getattr(client, ask)(address).status_code for address in addresses}
    assert {place: status for place, status in statuses.items() if status != 404} == {}
