"""Creates the first administrator of a studio without users, by a token printed at its start.

An open page that creates the first administrator would give the studio to whoever finds it, so the
page asks for something that only people with access to the server can read. The database stores
digests of the tokens, which all web processes share. See
docs/decisions/0052-the-first-administrator.md.
"""

import datetime as dt
import hashlib
import secrets
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.log_actions import LogContext, log

from studio.people.models import FirstRunToken, User

GOOD_FOR = dt.timedelta(days=1)
KEPT = 5  # tokens: every start prints a new one
SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"  # without characters that look alike
GROUPS, GROUP = 5, 5  # 124 bits


class StudioHasUsers(ValidationError):
    """The studio has users, so tokens no longer create an administrator."""

    def __init__(self) -> None:
        text = gettext_lazy("The studio already has users. Its administrators invite others.")
        super().__init__(text, "studio_has_users")


class WrongToken(ValidationError):
    """The token is wrong or has expired."""

    def __init__(self) -> None:
        text = gettext_lazy(
            "This is not the token that the studio printed, or it is more than a day old. "
            ".venv/bin/python manage.py first_run prints a new one."
        )
        super().__init__(text, "wrong_token")


def is_without_users() -> bool:
    """Whether the studio has no users yet."""
    return not User.objects.exists()


def new_token() -> str:
    """Return a new token, valid for GOOD_FOR. Only the digests of the newest KEPT are stored."""
    groups = ("".join(secrets.choice(SIGNS) for _sign in range(GROUP)) for _group in range(GROUPS))
    token = "-".join(groups)
    with transaction.atomic():
        FirstRunToken.objects.create(digest=digest_of(token))
        newest = list(FirstRunToken.objects.order_by("-pk").values_list("pk", flat=True)[:KEPT])
        FirstRunToken.objects.exclude(pk__in=newest).delete()
    return token


def digest_of(token: str) -> str:
    """Return the digest of a token as typed. Tokens are random, so no salt is needed."""
    typed = "".join(sign for sign in token.lower() if sign.isalnum())
    return hashlib.sha256(typed.encode("utf-8", "surrogatepass")).hexdigest()


def is_good(token: str, kept: Iterable[FirstRunToken] | None = None) -> bool:
    """Whether a token is stored and has not expired, compared in constant time."""
    digest, since = digest_of(token), now() - GOOD_FOR
    young = FirstRunToken.objects.filter(made_at__gt=since) if kept is None else kept
    found = [constant_time_compare(one.digest, digest) for one in young if one.made_at > since]
    return any(found)


def make_administrator(token: str, user: User) -> User:
    """Save `user` as the first administrator and delete all tokens.

    The tokens are locked, so that only one of several simultaneous requests succeeds. Raises
    StudioHasUsers, WrongToken.
    """
    with transaction.atomic():
        kept = list(FirstRunToken.objects.select_for_update().order_by("pk"))
        if not is_without_users():
            raise StudioHasUsers
        if not is_good(token, kept):
            raise WrongToken
        user.is_superuser = user.is_staff = True
        with LogContext(user=user):
            user.save()
        FirstRunToken.objects.all().delete()
        log(user, "people.first_run", user=user)
    return user


def start_message() -> Iterator[str]:
    """Return the message for the terminal with a new token; empty if the studio has users."""
    if not is_without_users():
        FirstRunToken.objects.all().delete()
        return
    yield ""
    yield _("Nobody can sign in yet. Make the first administrator on this page:")
    yield f"  {settings.BASE_URL}{reverse('people_first_run')}"
    yield _("  Token: %(token)s") % {"token": new_token()}
    yield _("It works once, within a day. .venv/bin/python manage.py first_run prints a new one.")
