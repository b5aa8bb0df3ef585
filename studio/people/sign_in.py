"""How often one may be wrong when signing in. django-axes counts, and asks here for what.

What is counted are wrong passwords of the last fifteen minutes for an account (the key of the
address that was typed, known or not) at a place: a network, or a browser in which this account
signed in before. See docs/decisions/0039-sign-in.md.
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
TRIES = 5  # wrong passwords for one account at one place
GUESSED_AT = 40  # wrong ones for one account from everywhere: an attack by several
BESIEGED_AT = 200
NETWORK_FULL_AT = 100  # wrong ones from one network for all accounts

COOKIE = "studio_browser"
COOKIE_AGE = dt.timedelta(days=400)  # browsers keep none longer
SALT = "studio.people.sign_in"
MOST_ACCOUNTS = 5  # that one browser is known for


def tries_allowed(*, at_account: int, from_network: int, known: bool) -> int:
    """How many wrong passwords lock an account at a place.

    `at_account` and `from_network` are the wrong ones for this account from everywhere, and from
    this network for every account. `known`: the account signed in in this browser before, so that
    nobody elsewhere can lock its person out.
    """
    if known:
        return TRIES
    if from_network >= NETWORK_FULL_AT or at_account >= BESIEGED_AT:
        return 0
    return 1 if at_account >= GUESSED_AT else TRIES


# What django-axes asks


class SignInDoor(AxesStandaloneBackend):
    """Refuses locked ones before their password is looked at. Programs without request pass."""

    def authenticate(self, request: HttpRequest | None, **kwargs: Any) -> None:
        if request is not None:
            super().authenticate(request, **kwargs)


def account(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str:
    """The account that somebody signs in to, by the key of what was typed."""
    given = credentials or {}
    typed = given.get("username") or given.get("email")
    return email_key(str(typed or request.POST.get("username", "")))


def place(request: HttpRequest) -> str:
    """Where from, as a made-up address of IPv6, since that is what the library's column takes."""
    browser = known_browser(request, account(request))
    digest = bytes.fromhex(pseudonym(f"browser {browser}") if browser else place_of(request))
    return str(ipaddress.IPv6Address(b"\xfd" + digest[:15]))


def limit(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> int:
    """How many wrong passwords this account has at this place."""
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
    """The page says it in words; this is its status for programs."""
    response.status_code = 429
    return response


# Browsers in which somebody signed in before


def known_browser(request: HttpRequest, who: str) -> str | None:
    """The name of this browser, if the account signed in in it before."""
    name, accounts = browser_of(request)
    return name if who and pseudonym(who) in accounts else None


def browser_of(request: HttpRequest) -> tuple[str, list[str]]:
    """The name of this browser and the accounts it is known for; a new one without."""
    try:
        name, accounts = signing.loads(
            request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=COOKIE_AGE
        )
    except (signing.BadSignature, ValueError, TypeError):
        return secrets.token_hex(8), []
    return str(name), list(accounts)


def remember_browser(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """From now on this browser is known for the account."""
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
