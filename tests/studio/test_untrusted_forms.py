"""A form that Django does not trust: a sentence that helps, in place of its page for developers."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
HERE = "http://127.0.0.1:8000"


@pytest.fixture(autouse=True)
def address(settings):
    settings.BASE_URL = HERE
    settings.CSRF_TRUSTED_ORIGINS = [HERE]


def sign_in(key="", **headers):
    """What the form of the sign-in gets as an answer, and whether somebody is signed in."""
    client = Client(enforce_csrf_checks=True)
    user = UserFactory(is_superuser=True)
    client.get(reverse("wagtailadmin_login"))
    sent = {"username": user.email, "password": PASSWORD}
    sent["csrfmiddlewaretoken"] = key or client.cookies["csrftoken"].value
    answer = client.post(reverse("wagtailadmin_login"), sent, headers=headers)
    return answer, "_auth_user_id" in client.session


def test_a_form_of_before_the_last_sign_in_says_what_to_do():
    answer, is_in = sign_in("a" * 64, origin=HERE)
    assert (answer.status_code, is_in) == (403, False)
    assert "Open the page again" in answer.text
    assert "no-store" in answer["Cache-Control"]
    assert "DEBUG" not in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://studio.other.example"},
        {"origin": "null", "host": "localhost"},
    ],
)
def test_a_form_by_another_address_names_the_studio_s(headers):
    answer, is_in = sign_in("a" * 64, **headers)
    assert (answer.status_code, is_in) == (403, False)
    assert f"Open the studio at {HERE}" in answer.text
    assert "other.example" not in answer.text


def test_a_script_gets_the_words():
    answer, _is_in = sign_in("a" * 64, origin=HERE, accept="application/json")
    assert answer.json()["refusal"].startswith("This form is too old")


def test_a_form_of_ours_is_taken():
    answer, is_in = sign_in(origin=HERE)
    assert (answer.status_code, is_in) == (302, True)
