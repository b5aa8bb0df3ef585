"""A form left open over night is answered with its sentence, on every page that holds a key."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from studio.once.views import STALE
from tests.budgets.factories import greenlit
from tests.factories import UserFactory
from tests.studio.screens import SCREENS, World

TYPED = "Typed last night"
FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)


def forms_with_key(page: str, url: str) -> dict[str, set[str]]:
    """Where the forms of a page that hold a key are sent, each with the names of its fields."""
    found = {}
    for opening, inside in FORM.findall(page):
        if 'name="once"' in inside:
            action = re.search(r'(?<![\w-])action="([^"#]*)', opening)
            fields = re.findall(r'<(?:input type="text"|textarea) name="([^"]+)"', inside)
            found[(action and action[1]) or url] = set(fields)
    return found


@pytest.fixture
def world(db) -> World:
    return World.make()


def test_a_stale_form_is_answered_with_its_sentence_and_what_was_typed(world):
    client = Client(raise_request_exception=False)
    client.force_login(UserFactory(is_superuser=True))
    pages = {name: screen.url(name, world) for name, screen in SCREENS.items() if not screen.post}
    commitment = greenlit((world.line, 1_00)).entries.get()
    ask = reverse("budgets_estimate_form", args=[commitment.video_id])
    undo = reverse("budgets_reverse", args=[commitment.pk])
    waits = reverse("planning_videos:inspect", args=[world.estimate.video_id])
    forms: dict[str, set[str]] = {}
    for url in [*pages.values(), ask, undo, waits]:
        forms |= forms_with_key(getattr(client.get(url), "text", ""), url)
    shown_again, led_back = set(), set()
    for address, fields in forms.items():
        if address.startswith("/admin/shoots/edit/"):
            continue  # holds a key as the form to book does, and acts as often as it is sent
        answer = client.post(address, {"once": "stale", **dict.fromkeys(fields, TYPED)})
        if answer.status_code == 302:
            led_back.add(address)
            answer = client.get(answer["Location"])
        else:
            shown_again.add(address)
            assert answer.text.count(TYPED) >= len(fields), address
        assert answer.status_code == 200, address
        assert str(STALE) in answer.text, address
    adds = "companies contacts deals questions shoots videos"
    assert shown_again == {
        *(f"/admin/{name}/new/" for name in adds.split()),
        reverse("budgets_expense"),
        reverse("budgets_year"),
        "/admin/imports/new/",
        ask,
        undo,
        reverse("review_cuts:changes", args=[world.cut.pk]),
        reverse("review_cuts:comment", args=[world.cut.pk]),
    }
    acts = {
        "budgets_close": world.period,
        "budgets_greenlight": world.estimate,
        "budgets_decline": world.estimate,
        "deals_deals:win": world.deal,
        "deals_deals:add_contact": world.deal,
    }
    assert led_back >= {reverse(name, args=[thing.pk]) for name, thing in acts.items()}
