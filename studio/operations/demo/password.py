"""The one password of the demo's people, kept beside the data and readable by its owner alone."""

import secrets
from pathlib import Path

from django.conf import settings

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike


def password_file() -> Path:
    """Where the password is kept."""
    return Path(settings.DATA_DIR) / "demo-password"


def kept_password() -> str | None:
    """The password, if there is a demo."""
    try:
        return password_file().read_text().strip()
    except FileNotFoundError:
        return None


def keep_new_password() -> str:
    """A fresh random password, kept from now on in place of any other."""
    groups = ("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))
    password = "-".join(groups)
    path = password_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(password + "\n")
    return password
