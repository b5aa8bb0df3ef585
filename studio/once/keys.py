"""One-time keys of forms: made when a form is shown, valid for one submission within a day."""

import datetime as dt
import secrets

from django.core import signing
from django.utils.timezone import now

from studio.once.models import SentForm

FIELD = "once"
GOOD_FOR = dt.timedelta(days=1)
SALT = "studio.once"


def fresh(user_id: int) -> str:
    """Return a new key for a form shown to this user."""
    return signing.dumps([secrets.token_urlsafe(16), user_id], salt=SALT)


def read(given: str, user_id: int) -> str | None:
    """Return the key in a submitted form; None if it is forged, another user's or too old."""
    try:
        key, owner = signing.loads(given, salt=SALT, max_age=GOOD_FOR)
    except (signing.BadSignature, TypeError, ValueError):
        return None
    return str(key) if owner == user_id else None


def tidy_up() -> int:
    """Delete submissions whose keys have expired; returns how many."""
    return SentForm.objects.filter(sent_at__lt=now() - 2 * GOOD_FOR).delete()[0]
