"""Limits on wrong passwords. django-axes counts them as defined here.

It counts the wrong passwords of the last fifteen minutes per account (the key of the typed address,
known or not) and place: a network, or a browser in which this account signed in before. See
docs/decisions/0033-sign-in.md.
"""

import datetime as dt
import ipaddress
import secrets
from collections.abc import Mapping
from typing import Any

from axes.backends import AxesStandaloneBackend
from axes.models import AccessAttempt
from django.core import signing
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.timezone import now

from studio.people.addresses import email_key
from studio.people.models import User
from studio.people.network import place_of, pseudonym

LOCKED_FOR = dt.timedelta(minutes=15)
TRIES = 5  # wrong passwords per account and place
GUESSED_AT = 40  # wrong passwords per account from everywhere: a distributed attack
BESIEGED_AT = 200  # wrong passwords per account from everywhere: only known browsers may sign in
NETWORK_FULL_AT = 100  # wrong passwords per network for all accounts

COOKIE = "studio_browser"
COOKIE_AGE = dt.timedelta(days=400)  # browsers keep cookies no longer
SALT = "studio.people.sign_in"
MOST_ACCOUNTS = 5  # per browser


def tries_allowed(*, at_account: int, from_network: int, known: bool) -> int:
    """Return how many wrong passwords lock an account at a place.

    `at_account` counts wrong passwords for this account from everywhere, `from_network` those from
    this network for every account. `known` says that the account signed in in this browser before,
    so that nobody elsewhere can lock its owner out.
    """
    if known:
        return TRIES
    if from_network >= NETWORK_FULL_AT or at_account >= BESIEGED_AT:
        return 0
    return 1 if at_account >= GUESSED_AT else TRIES


# Called by django-axes


class SignInBackend(AxesStandaloneBackend):
    """Refuses locked accounts before the password is checked, if there is a request."""

    def authenticate(self, request: HttpRequest | None, **kwargs: Any) -> None:
        if request is not None:
            super().authenticate(request, **kwargs)


def account(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str:
    """The account that is signed in to: the key of the typed address."""
    given = credentials or {}
    typed = given.get("username") or given.get("email")
    return email_key(str(typed or request.POST.get("username", "")))


def place(request: HttpRequest) -> str:
    """The place as an invented IPv6 address, since django-axes stores an IP address."""
    browser = known_browser(request, account(request))
    digest = bytes.fromhex(pseudonym(f"browser {browser}") if browser else place_of(request))
    return str(ipaddress.IPv6Address(b"\xfd" + digest[:15]))


def limit(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> int:
    """The number of wrong passwords allowed for this account at this place."""
    who = account(request, credentials)
    lately = AccessAttempt.objects.filter(attempt_time__gte=now() - LOCKED_FOR)

    def wrong(**where: str) -> int:
        return lately.filter(**where).aggregate(n=Sum("failures_since_start"))["n"] or 0

    return tries_allowed(
        at_account=wrong(username=who),
        from_network=wrong(ip_address=place(request)),
        known=known_browser(request, who) is not None,
    )


def locked_out(
    request: HttpRequest, response: HttpResponse, credentials: Mapping[str, Any] | None = None
) -> HttpResponse:
    """Respond to a locked sign-in: the page explains it, the status is for programs."""
    response.status_code = 429
    return response


# Browsers that somebody signed in with before


def known_browser(request: HttpRequest, who: str) -> str | None:
    """The id of this browser, if the account signed in with it before."""
    name, accounts = browser_of(request)
    return name if who and pseudonym(who) in accounts else None


def browser_of(request: HttpRequest) -> tuple[str, list[str]]:
    """The id of this browser and its known accounts; a new id if it has none."""
    try:
        name, accounts = signing.loads(
            request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=COOKIE_AGE
        )
    except (signing.BadSignature, ValueError, TypeError):
        return secrets.token_hex(8), []
    return str(name), list(accounts)


def remember_browser(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Remember this browser for the account."""
    name, accounts = browser_of(request)
    who = pseudonym(user.email_key)
    accounts = [who, *(other for other in accounts if other != who)][:MOST_ACCOUNTS]
    response.set_cookie(
        COOKIE,
        signing.dumps([name, accounts], salt=SALT),
        max_age=COOKIE_AGE,
        path=reverse("wagtailadmin_home"),
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
