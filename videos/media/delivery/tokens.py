"""Signed tokens for the URLs of private rendition sets.

With them, players without our cookie (a television, an external player) can play a set. The token
is part of the path, so that relative URLs inside playlists inherit it.
"""

import re
import time
from uuid import UUID

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.http import base36_to_int, int_to_base36, urlsafe_base64_encode

from studio.people.models import User

TOKEN = re.compile(r"(?P<value>(?P<user>[0-9a-z]{1,9})-(?P<until>[0-9a-z]{1,9}))\.(?P<mark>[\w-]+)")
HOUR = 3600  # seconds


def token_for(user: User, key: UUID) -> str:
    """A token that lets a user play the set `key` for SIGNED_URL_HOURS to one hour more.

    It changes once an hour, so that pages loaded in between have the same URLs.
    """
    until = (int(time.time()) // HOUR + settings.SIGNED_URL_HOURS + 1) * HOUR
    value = f"{int_to_base36(user.pk)}-{int_to_base36(until)}"
    return f"{value}.{mark(value, user, key)}"


def bearer(token: str, key: UUID) -> User | None:
    """The user of a token; None if it is invalid, expired, revoked or for another set.

    A new password or deactivation revokes it. The caller checks the user's permissions.
    """
    match = TOKEN.fullmatch(token)
    if not match or base36_to_int(match["until"]) < time.time():
        return None
    user = User.objects.filter(pk=base36_to_int(match["user"]), is_active=True).first()
    if user and constant_time_compare(match["mark"], mark(match["value"], user, key)):
        return user
    return None


def mark(value: str, user: User, key: UUID) -> str:
    """The signature of a token."""
    text = f"{key}/{value}/{user.get_session_auth_hash()}"
    return urlsafe_base64_encode(
        salted_hmac("videos.media.signing", text, algorithm="sha256").digest()
    )
