"""Addresses of private sets that carry their leave with them, for one playing session.

Players without our cookie (a television, a player that another program opens) can use them. The
leave stands in the path, so that the relative addresses inside playlists inherit it.
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
    """The leave of a user to have the files of the set `key`, for MEDIA_URL_HOURS and a bit.

    It changes once an hour, so that pages loaded in between have the same addresses.
    """
    until = (int(time.time()) // HOUR + settings.MEDIA_URL_HOURS + 1) * HOUR
    value = f"{int_to_base36(user.pk)}-{int_to_base36(until)}"
    return f"{value}.{mark(value, user, key)}"


def bearer(token: str, key: UUID) -> User | None:
    """Whose leave a token is; None for what is forged, over, for another set or revoked.

    A new password revokes it, and so does leaving. What the user may see is asked elsewhere.
    """
    match = TOKEN.fullmatch(token)
    if not match or base36_to_int(match["until"]) < time.time():
        return None
    user = User.objects.filter(pk=base36_to_int(match["user"]), is_active=True).first()
    if user and constant_time_compare(match["mark"], mark(match["value"], user, key)):
        return user
    return None


def mark(value: str, user: User, key: UUID) -> str:
    """The part of a token that nobody else can write."""
    text = f"{key}/{value}/{user.get_session_auth_hash()}"
    return urlsafe_base64_encode(
        salted_hmac("videos.media.signing", text, algorithm="sha256").digest()
    )
