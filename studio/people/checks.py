"""System checks of the settings on proxies."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Warning
from django.utils.translation import gettext as _


def check_trusted_proxies(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Warn if there must be a proxy, but TRUSTED_PROXIES does not name it.

    The studio's web server speaks no TLS, so https means a proxy. Without TRUSTED_PROXIES all
    visitors have the proxy's address: they share the rate limits, and if that address is in
    INTERNAL_NETWORKS, no view counts.
    """
    if urlsplit(settings.BASE_URL).scheme != "https" or settings.TRUSTED_PROXIES:
        return []
    return [
        Warning(
            _("BASE_URL is https, which takes a proxy, but TRUSTED_PROXIES is 0."),
            hint=_(
                "All visitors seem to have the proxy's address: the wrong passwords of one lock "
                "out all others, and if INTERNAL_NETWORKS contains it, no view counts. Set "
                "TRUSTED_PROXIES to the number of proxies that add to X-Forwarded-For."
            ),
            id="people.W001",
        )
    ]
