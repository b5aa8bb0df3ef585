"""Deployment checks: what `manage.py check --deploy` reports.

They name the environment variables of docs/configuration.md. Django's own checks name settings that
nobody sets here; those are silenced in `settings.SILENCED_SYSTEM_CHECKS`.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Warning
from django.utils.translation import gettext as _

from studio.operations.demo.emptying import is_this_machine_alone

LEAST_SECRET = 50  # characters, as Django asks for (security.W009)
# Settings that are hard to change later and whose default few companies want
SAID_ONCE = ("TIME_ZONE", "CURRENCY")
# Reserved names (RFC 2606), as in example settings that people copy
EXAMPLES = ("example.com", "example.net", "example.org")


def check_deployment(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Return warnings about settings that suit a laptop but not a server."""
    return [*address(), *secrets(), *mail(), *limits(), *said(), *built()]


def check_former_names(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """A warning for each variable that is set under its former name."""
    return [
        Warning(
            _("%(old)s and %(new)s are both set: %(new)s counts.") % {"old": old, "new": new}
            if new in settings.SET_VARIABLES
            else _("%(old)s is now called %(new)s.") % {"old": old, "new": new},
            hint=_("Set %(new)s, and remove %(old)s.") % {"old": old, "new": new},
            id="operations.W013",
        )
        for old, new in settings.FORMER_NAMES.items()
        if old in settings.SET_VARIABLES
    ]


def is_example(host: str | None) -> bool:
    """Whether a host name is a reserved example."""
    return f".{host or ''}".endswith(tuple(f".{name}" for name in EXAMPLES))


def address() -> Iterator[CheckMessage]:
    """Check the address at which people reach the studio."""
    parts = urlsplit(settings.BASE_URL)
    if is_this_machine_alone(parts.hostname):
        yield Warning(
            _("BASE_URL is %(url)s: nobody else can open it.") % {"url": settings.BASE_URL},
            hint=_("Set BASE_URL to the address that people type, such as https://studio.example."),
            id="operations.W001",
        )
    elif is_example(parts.hostname):
        yield Warning(
            _("BASE_URL is %(url)s, which is an example.") % {"url": settings.BASE_URL},
            hint=_("Set BASE_URL to the address that people type."),
            id="operations.W011",
        )
    elif parts.scheme != "https":
        yield Warning(
            _("BASE_URL is not https: passwords and cookies can be read on their way."),
            hint=_("Put a reverse proxy with TLS in front (docs/deploy.md), then change BASE_URL."),
            id="operations.W002",
        )
    elif not settings.SECURE_HSTS_SECONDS:
        yield Warning(
            _("HSTS_SECONDS is 0: browsers may be led to an unencrypted copy of the studio."),
            hint=_("Set it to 3600, and to 31536000 when https works well."),
            id="operations.W003",
        )
    if "*" in settings.ALLOWED_HOSTS:
        yield Warning(
            _("ALLOWED_HOSTS has *: links in mails can be made to lead to another host."),
            hint=_("Name the hosts, or leave ALLOWED_HOSTS out: the host of BASE_URL is allowed."),
            id="operations.W004",
        )


def secrets() -> Iterator[CheckMessage]:
    """Check what must stay secret."""
    if settings.DEBUG:
        yield Warning(
            _("DEBUG is on: errors show code and settings to everybody."),
            hint=_("Leave DEBUG out."),
            id="operations.W005",
        )
    if len(settings.SECRET_KEY) < LEAST_SECRET or len(set(settings.SECRET_KEY)) < 5:
        yield Warning(
            _("SECRET_KEY is short: who guesses it can sign in as anybody."),
            hint=_("Make one: python3 -c 'import secrets; print(secrets.token_urlsafe(60))'"),
            id="operations.W006",
        )


def mail() -> Iterator[CheckMessage]:
    """Check that mails are delivered."""
    if not settings.MAIL_TRANSPORT.endswith(".smtp.EmailBackend"):
        yield Warning(
            _("Mails are not sent: invitations, new passwords and notices reach nobody."),
            hint=_("Set EMAIL_URL, such as smtp+tls://user:password@mail.example.com:587."),
            id="operations.W007",
        )
    elif is_example(settings.EMAIL_HOST):
        yield Warning(
            _("EMAIL_URL leads to %(host)s, which is an example.") % {"host": settings.EMAIL_HOST},
            hint=_("Set EMAIL_URL to your mail server, and FROM_EMAIL to an address of yours."),
            id="operations.W012",
        )


def limits() -> Iterator[CheckMessage]:
    """Check the limits on password guessing and floods of requests."""
    if settings.RATE_LIMITS == "off":
        yield Warning(
            _("RATE_LIMITS is off: passwords can be guessed as fast as the server answers."),
            hint=_("Leave RATE_LIMITS out; off is for measuring."),
            id="operations.W008",
        )


def said() -> Iterator[CheckMessage]:
    """Check the settings that should be chosen before the first day."""
    for name in SAID_ONCE:
        if name not in os.environ:
            yield Warning(
                _("%(name)s is not set, so the studio takes %(value)s.")
                % {"name": name, "value": getattr(settings, name)},
                hint=_("Set it before the first budget and deal, also to this value."),
                id="operations.W009",
            )


def built() -> Iterator[CheckMessage]:
    """Check that the static files have been built and collected."""
    if not (Path(settings.STATIC_ROOT) / "staticfiles.json").is_file():
        yield Warning(
            _("There are no static files in %(folder)s: no page can be shown.")
            % {"folder": settings.STATIC_ROOT},
            hint=_("Run: make install, with the same DATA_DIR."),
            id="operations.W010",
        )
