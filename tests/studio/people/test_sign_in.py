"""Wrong passwords lock an account at a place, for a quarter of an hour, and nobody elsewhere."""

import datetime as dt
import ipaddress

import pytest
from axes.models import AccessAttempt
from django.db.models import F
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from studio.people import sign_in
from studio.people.sign_in import BESIEGED_AT, GUESSED_AT, NETWORK_FULL_AT, TRIES, tries_allowed
from tests.factories import PASSWORD, UserFactory

HOME, ELSEWHERE = "192.0.2.1", "198.51.100.7"


@pytest.fixture
def admin(db):
    return UserFactory(email="fernhill@studio.example", is_superuser=True)


def attempt(client, username, password="wrong", network=ELSEWHERE, **headers):
    return client.post(
        reverse("wagtailadmin_login"),
        {"username": username, "password": password},
        REMOTE_ADDR=network,
        headers=headers,
    )


def gets_in(client, user, network=ELSEWHERE, **headers):
    answer = attempt(client, user.email, PASSWORD, network, **headers)
    return answer.status_code == 302 and "_auth_user_id" in client.session


def looked_at():
    """How many wrong passwords were looked at."""
    return sum(AccessAttempt.objects.values_list("failures_since_start", flat=True))


def test_sixty_wrong_passwords_are_refused_after_a_handful(admin):
    client = Client()
    statuses = [attempt(client, admin.email).status_code for _ in range(60)]
    assert statuses == [200] * (TRIES - 1) + [429] * (60 - TRIES + 1)
    assert looked_at() == TRIES
    assert not gets_in(client, admin)  # not even with the right one


def test_the_page_says_in_words_that_it_is_locked(admin):
    for _ in range(TRIES):
        page = attempt(Client(), admin.email)
    text = page.content.decode()
    assert "Too many wrong passwords. Try again in 15 minutes" in text
    assert reverse("wagtailadmin_password_reset") in text


@pytest.mark.parametrize(
    "username",
    ["FERNHILL@STUDIO.EXAMPLE", "\uff46ernhill@studio.example", " fernhill@\uff33tudio.example "],
)
def test_other_ways_to_write_an_address_are_the_same_account(admin, username):
    for number in range(TRIES):
        attempt(Client(), admin.email if number % 2 else username)
    assert attempt(Client(), username).status_code == 429
    assert not gets_in(Client(), admin)
    assert attempt(Client(), "fernh\u0131ll@studio.example").status_code == 200


def test_nobody_can_lock_an_administrator_out_from_elsewhere(admin):
    for _ in range(60):
        attempt(Client(), admin.email)
    assert gets_in(Client(), admin, network=HOME)


def test_a_browser_in_which_one_signed_in_is_not_locked_by_others_in_the_office(admin):
    mine = Client()
    assert gets_in(mine, admin, network=HOME)
    mine.post(reverse("wagtailadmin_logout"))
    for _ in range(60):
        attempt(Client(), admin.email, network=HOME)
    assert not gets_in(Client(), admin, network=HOME)
    assert gets_in(mine, admin, network=HOME)


def test_a_known_browser_is_locked_by_its_own_wrong_passwords_and_for_its_accounts_alone(admin):
    mine, other = Client(), UserFactory()
    assert gets_in(mine, admin)
    mine.post(reverse("wagtailadmin_logout"))
    for _ in range(TRIES):
        attempt(mine, admin.email)
        attempt(mine, other.email)
    assert not gets_in(mine, admin)
    assert gets_in(Client(), admin)  # the network is another place
    assert not gets_in(Client(), other)  # whom the browser does not know


def test_a_made_up_cookie_makes_no_browser_known(admin):
    for number in range(TRIES + 5):
        client = Client()
        client.cookies[sign_in.COOKIE] = f"made-up-{number}:x:y"
        answer = attempt(client, admin.email)
    assert answer.status_code == 429


def test_forwarded_addresses_are_believed_of_trusted_proxies_alone(admin, settings):
    for number in range(TRIES):
        attempt(Client(), admin.email, **{"X-Forwarded-For": f"203.0.113.{number}"})
    assert not gets_in(Client(), admin, **{"X-Forwarded-For": "203.0.113.200"})
    settings.TRUSTED_PROXIES = 1
    for number in range(TRIES):
        attempt(Client(), admin.email, **{"X-Forwarded-For": f"203.0.113.{number}, 203.0.113.77"})
    assert not gets_in(Client(), admin, **{"X-Forwarded-For": "203.0.113.77"})
    assert gets_in(Client(), admin, **{"X-Forwarded-For": "203.0.113.78"})


def test_an_ipv6_network_is_one_place(admin):
    for number in range(TRIES):
        attempt(Client(), admin.email, network=f"2001:db8:1:2::{number:x}")
    assert not gets_in(Client(), admin, network="2001:db8:1:2:ffff::1")
    assert gets_in(Client(), admin, network="2001:db8:1:3::1")


def test_the_lock_ends_after_a_quarter_of_an_hour_whoever_goes_on_trying(admin):
    for _ in range(TRIES):
        attempt(Client(), admin.email)
    AccessAttempt.objects.update(attempt_time=F("attempt_time") - dt.timedelta(minutes=14))
    assert attempt(Client(), admin.email).status_code == 429
    assert not gets_in(Client(), admin)
    AccessAttempt.objects.update(attempt_time=F("attempt_time") - dt.timedelta(minutes=1))
    assert gets_in(Client(), admin)


def test_who_was_right_starts_anew(admin):
    for _ in range(3):
        for _ in range(TRIES - 1):
            attempt(Client(), admin.email)
        assert gets_in(Client(), admin)


def test_guessing_from_many_networks_leaves_one_try_at_each(admin):
    for number in range(GUESSED_AT // TRIES):
        for _ in range(TRIES):
            attempt(Client(), admin.email, network=f"203.0.113.{number}")
    assert gets_in(Client(), admin, network="198.51.100.1")  # the true person, at once
    assert attempt(Client(), admin.email, network="198.51.100.2").status_code == 429
    assert not gets_in(Client(), admin, network="198.51.100.2")


def test_one_network_guesses_at_no_more_than_a_hundred_accounts(admin):
    for number in range(NETWORK_FULL_AT):
        attempt(Client(), f"nobody{number}@studio.example")
    assert not gets_in(Client(), admin)
    assert gets_in(Client(), admin, network=HOME)


def test_no_address_is_kept_and_no_password(admin):
    attempt(Client(), admin.email, "a secret guess", network=HOME)
    kept = AccessAttempt.objects.get()
    assert ipaddress.ip_address(kept.ip_address) in ipaddress.ip_network("fd00::/8")
    text = " ".join(str(value) for value in vars(kept).values())
    assert HOME not in text
    assert "a secret guess" not in text


def test_with_limits_off_wrong_passwords_are_counted_and_nothing_is_refused(admin, settings):
    settings.AXES_LOCK_OUT_AT_FAILURE = False
    for _ in range(TRIES + 3):
        assert attempt(Client(), admin.email).status_code == 200
    assert looked_at() == TRIES + 3
    assert gets_in(Client(), admin)


def test_an_unknown_address_is_locked_as_a_known_one_is(db):
    statuses = [attempt(Client(), "ghost@studio.example").status_code for _ in range(TRIES + 1)]
    assert statuses == [200] * (TRIES - 1) + [429] * 2


def test_the_sign_in_of_the_public_site_is_the_same_door(db):
    answer = Client().get("/_util/login/?next=/secret/")
    assert answer.url == reverse("wagtailadmin_login") + "?next=/secret/"


@given(st.integers(0, 1000), st.integers(0, 1000), st.booleans())
def test_more_wrong_passwords_never_allow_more(at_account, from_network, known):
    now = tries_allowed(at_account=at_account, from_network=from_network, known=known)
    assert tries_allowed(at_account=at_account + 1, from_network=from_network, known=known) <= now
    assert tries_allowed(at_account=at_account, from_network=from_network + 1, known=known) <= now
    assert tries_allowed(at_account=at_account, from_network=from_network, known=True) == TRIES


def test_a_besieged_account_opens_to_known_browsers_alone():
    besieged = {"at_account": BESIEGED_AT, "from_network": 0}
    assert tries_allowed(**besieged, known=False) == 0
    assert tries_allowed(**besieged, known=True) == TRIES
