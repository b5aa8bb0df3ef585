"""Two people edit one record: the second is told by whom and what changed, and loses nothing."""

import datetime as dt
import json
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core import signing
from django.db import models
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from wagtail.models import Site

from studio.people.models import User
from studio.people.roles import Role
from studio.ui.optimistic_lock import FIELD, SALT, changed_since
from tests.budgets.factories import BudgetFactory, LineFactory, PeriodFactory
from tests.conftest import FormClient
from tests.factories import (
    CompanyFactory,
    ContactFactory,
    ExpertFactory,
    ResourceFactory,
    ShootFactory,
    UserFactory,
    VideoFactory,
)
from videos.planning.models import Stage
from videos.publishing.models import Appearance

values = st.dictionaries(st.sampled_from("abc"), st.sampled_from([None, 0, 1, 2]), max_size=3)


@given(values, values)
def test_what_differs_is_told_with_both_values_and_nothing_else(loaded, stored):
    found = changed_since(loaded, stored)
    assert {name: [loaded[name], stored[name]] for name in found} == found
    assert loaded | {name: now for name, (_was, now) in found.items()} == {
        name: stored.get(name, loaded[name]) for name in loaded
    }


def client_of(user: User) -> Client:
    client = FormClient()
    client.force_login(user)
    return client


def fields_of(client: Client, url: str) -> dict[str, Any]:
    """What a browser sends when somebody opens a form and saves it as it is."""
    return sent(client.get(url).context["form"])


def sent(form: Any) -> dict[str, Any]:
    values = {name: form[name].value() for name in form.fields}
    if "footer" in values:  # rich text is sent as the editor holds it
        values["footer"] = form.fields["footer"].widget.format_value(values["footer"])
    return {name: "" if value is None else value for name, value in values.items()}


def said(answer: Any) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


@pytest.fixture
def video(db):
    return VideoFactory(title="How long will it stand still?", summary="Old")


@pytest.fixture
def url(video):
    return reverse("planning_videos:edit", args=[video.pk])


@pytest.fixture
def nora(db):
    return UserFactory(role=Role.PRODUCER, first_name="Nora", last_name="Whitfield")


@pytest.fixture
def henrik(db):
    return UserFactory(role=Role.PRODUCER, first_name="Henrik", last_name="Dahl")


def test_the_second_is_told_who_changed_what_and_keeps_what_they_typed(video, url, nora, henrik):
    expert = ExpertFactory()
    first, second = client_of(nora), client_of(henrik)
    loaded = fields_of(first, url)
    late = fields_of(second, url)
    first.post(url, loaded | {"title": "How long?", "experts": [expert.pk]})

    answer = second.post(url, late | {"summary": "Typed for an hour", "title": "Mine"})

    video.refresh_from_db()
    assert (answer.status_code, video.title, video.summary) == (200, "How long?", "Old")
    told = said(answer)
    assert "Nora Whitfield has changed this" in told
    assert "Title: “How long will it stand still?” → “How long?”" in told
    assert f"“{expert}”" in told
    again = answer.context["form"]
    kept = {name: again[name].value() for name in ("title", "summary")}
    assert kept == {"title": "Mine", "summary": "Typed for an hour"}
    assert [str(one) for one in again["experts"].value()] == [str(expert.pk)]

    done = second.post(url, sent(again))
    video.refresh_from_db()
    assert (done.status_code, video.title, video.summary) == (302, "Mine", "Typed for an hour")
    assert list(video.experts.all()) == [expert]


def test_who_saves_what_is_there_already_is_not_stopped(video, url, nora, henrik):
    late = fields_of(client_of(henrik), url)
    assert client_of(henrik).post(url, late | {"title": "Another"}).status_code == 302
    again = fields_of(client_of(nora), url)
    assert client_of(nora).post(url, again).status_code == 302


def test_a_value_changed_by_no_person_is_told_as_somebodys(video, url, henrik):
    late = fields_of(client_of(henrik), url)
    video.planned_for = dt.date(2027, 3, 1)
    video.save()
    assert "Somebody has changed this" in said(client_of(henrik).post(url, late))


FORGED = [
    "",
    "no JSON",
    "[" * 100_000,
    json.dumps({"title": "Never"}),
    signing.dumps({"title": "Never", "experts": ["²"]}, salt=f"{SALT}.AnotherForm"),
]


@pytest.mark.parametrize("loaded", FORGED)
def test_a_form_that_does_not_say_what_it_was_filled_with_is_taken(video, url, nora, loaded):
    typed = fields_of(client_of(nora), url) | {"title": "New", FIELD: loaded}
    assert client_of(nora).post(url, typed).status_code == 302
    video.refresh_from_db()
    assert video.title == "New"


def edited() -> list[tuple[str, str, str, models.Model, str]]:
    return [
        ("planning_experts:edit", Role.SALES_MANAGER, "topics", ExpertFactory(topics="Ovens"), ""),
        ("planning_resources:edit", Role.PRODUCER, "name", ResourceFactory(name="Camera"), ""),
        ("audience_contacts:edit", Role.SALES_MANAGER, "name", ContactFactory(name="Ann"), ""),
        ("audience_companies:edit", Role.SALES_MANAGER, "name", CompanyFactory(name="A"), ""),
        ("budgets_lines:edit", Role.FINANCE, "name", LineFactory(name="Crew"), ""),
        ("budgets_budgets:edit", Role.FINANCE, "name", BudgetFactory(name="Sales"), ""),
        ("budgets_periods:edit", Role.FINANCE, "name", PeriodFactory(name="Winter"), ""),
        ("wagtailusers_users:edit", "superuser", "last_name", UserFactory(last_name="Lee"), ""),
    ]


@pytest.mark.parametrize("number", range(8))
def test_every_edit_form_of_the_studio_does_so(db, number):
    name, role, field, row, _none = edited()[number]
    user = UserFactory(is_superuser=True) if role == "superuser" else UserFactory(role=Role(role))
    url = reverse(name, args=[row.pk])
    client = client_of(user)
    page = client.get(url)
    assert f'name="{FIELD}"' in page.content.decode()
    late = sent(page.context["form"])
    setattr(row, field, "Theirs")
    row.save()
    answer = client.post(url, late | {field: "Mine"})
    row.refresh_from_db()
    assert (answer.status_code, getattr(row, field)) == (200, "Theirs")
    assert "“Theirs”" in said(answer)
    assert answer.context["form"][field].value() == "Mine"


def test_the_form_of_a_shoot_does_so(db, nora, henrik):
    studio, other = ResourceFactory(name="Studio A"), ResourceFactory(name="Studio B")
    video, expert = VideoFactory(stage=Stage.SCHEDULED), ExpertFactory()
    shoot = ShootFactory(note="Bring the beaver", videos=[video], experts=[expert])
    shoot.resources.set([studio])
    url = reverse("planning_shoots:edit", args=[shoot.pk])
    first, second = client_of(nora), client_of(henrik)
    loaded, late = fields_of(first, url), fields_of(second, url)
    earlier = shoot.minutes
    first.post(url, loaded | {"minutes": 45, "resources": [other.pk]})

    answer = second.post(url, late | {"note": "No beaver"})

    shoot.refresh_from_db()
    assert (answer.status_code, shoot.minutes, shoot.note) == (200, 45, "Bring the beaver")
    told = said(answer)
    assert "Nora Whitfield has changed this" in told
    assert f"Minutes: “{earlier}” → “45”" in told
    assert "“Studio A (Place)” → “Studio B (Place)”" in told
    again = answer.context["form"]
    assert (again["note"].value(), again["minutes"].value()) == ("No beaver", 45)

    done = second.post(url, sent(again))
    shoot.refresh_from_db()
    assert (done.status_code, shoot.minutes, shoot.note) == (302, 45, "No beaver")
    assert list(shoot.resources.all()) == [other]


def test_the_form_of_an_estimate_does_so(db, nora, henrik):
    line = LineFactory(name="Crew")
    video = VideoFactory(stage=Stage.PLANNED)
    url = reverse("budgets_estimate_form", args=[video.pk])
    first, second = client_of(nora), client_of(henrik)
    loaded, late = fields_of(first, url), fields_of(second, url)
    amount = f"amount-{line.pk}"
    draft = {"draft": "1"}
    first.post(url, loaded | draft | {amount: "1,200.50"})

    answer = second.post(url, late | draft | {amount: "900", "note": "Less"})

    [estimate] = video.estimates.all()
    assert (answer.status_code, estimate.items.get().minor) == (200, 120050)
    assert "Nora Whitfield has changed this" in said(answer)
    assert "Crew (EUR): – → “1,200.50”" in said(answer)
    assert "What for" not in said(answer)
    again = answer.context["form"]
    assert (again[amount].value(), again["note"].value()) == ("900", "Less")

    assert second.post(url, draft | sent(again)).status_code == 302
    assert video.estimates.get().items.get().minor == 90000


def test_the_form_of_a_setting_does_so(db, nora, henrik):
    for user in (nora, henrik):
        user.is_superuser = True
        user.save()
    appearance = Appearance.for_site(Site.objects.get())
    url = reverse("wagtailsettings:edit", args=["publishing", "appearance", appearance.site_id])
    first, second = client_of(nora), client_of(henrik)
    loaded, late = fields_of(first, url), fields_of(second, url)
    assert first.post(url, loaded | {"company_name": "Fernhill"}).status_code == 302

    answer = second.post(url, late | {"accent": "#004488"})

    appearance.refresh_from_db()
    assert (answer.status_code, appearance.company_name) == (200, "Fernhill")
    assert "Nora Whitfield has changed this" in said(answer)
    assert f'name="{FIELD}"' in answer.content.decode()
    assert second.post(url, sent(answer.context["form"])).status_code == 302
    appearance.refresh_from_db()
    assert (appearance.company_name, appearance.accent) == ("Fernhill", "#004488")
