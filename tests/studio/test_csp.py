"""The policy of every page is strict; the admin's exceptions are no wider than Wagtail needs."""

import re

import pytest

from studio.csp import source, starts_a_widget, widget_hashes
from tests.factories import UserFactory


def directives(response) -> dict[str, list[str]]:
    parts = [part.split() for part in response["Content-Security-Policy"].split(";")]
    return {name: sources for name, *sources in parts}


@pytest.mark.parametrize(
    "script",
    [
        'initDateChooser("id_day", {"dayOfWeekStart": 0, "format": "Y-m-d"});',
        'initDateTimeChooser("id_at", {"parentID": "#dialog"});',
        'new ImageChooser("id_logo", {"modalUrl": "/admin/images/chooser/"});',
    ],
)
def test_a_script_that_starts_a_widget_with_plain_data_may_run(script):
    assert starts_a_widget(script)
    assert widget_hashes(f"<p>a</p><script>{script}</script>") == [source(script)]


@pytest.mark.parametrize(
    "script",
    [
        "alert(1)",
        'initDateChooser("id_day", {"a": alert(1)});',
        'initDateChooser("id_day"); alert(1); initDateChooser("id_day");',
        'initDateChooser("id_day");alert(1)',
        "new Function('alert(1)')()",
        'new ImageChooser(alert("id"));',
        'alert(1); new ImageChooser("id_logo");',
    ],
)
def test_any_other_inline_script_may_not_run(script):
    assert not starts_a_widget(script)
    assert widget_hashes(f"<script>{script}</script>") == []


@pytest.mark.django_db
def test_the_admin_runs_no_inline_script_but_those_that_start_widgets(client):
    client.force_login(UserFactory(is_superuser=True))
    response = client.get("/admin/users/")
    policy = directives(response)
    assert policy["script-src"][0] == "'self'"
    assert all(re.fullmatch(r"'self'|'sha256-[\w+/=]+'", one) for one in policy["script-src"])
    assert len(policy["script-src"]) > 1
    assert set(policy["style-src"]) == {"'self'", "'unsafe-inline'"}


@pytest.mark.django_db
def test_the_public_site_has_no_exceptions(client):
    UserFactory()  # without users, the front page leads to the first run
    policy = directives(client.get("/"))
    assert policy["script-src"] == policy["style-src"] == ["'self'"]
    assert policy["object-src"] == policy["base-uri"] == ["'none'"]
