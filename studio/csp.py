"""The Content-Security-Policy of every response, see docs/decisions/0004.

The public site has the strict policy of the settings. Wagtail's admin needs two exceptions: its
widgets write small inline scripts, of which only those are allowed that start a widget with plain
data; and its libraries insert style elements.
"""

import json
import re
from base64 import b64encode
from hashlib import sha256

from csp.constants import SELF, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse

INLINE_SCRIPT = re.compile(r"<script(?P<attributes>[^>]*)>(?P<body>.*?)</script>", re.DOTALL)

# What Wagtail's widgets write: a call of a known function or chooser with JSON only
WIDGET_START = re.compile(
    r"\s*(?:init(?:Date|Time|DateTime)Chooser|new [A-Z]\w*Chooser)\((?P<arguments>.*)\);?\s*",
    re.DOTALL,
)


def starts_a_widget(script: str) -> bool:
    """Whether an inline script only starts a widget with plain data."""
    call = WIDGET_START.fullmatch(script)
    if not call:
        return False
    try:
        json.loads(f"[{call['arguments']}]")
    except ValueError:
        return False
    return True


def widget_hashes(html: str) -> list[str]:
    """Return the `script-src` sources of a page's inline scripts that only start widgets."""
    bodies = (
        script["body"]
        for script in INLINE_SCRIPT.finditer(html)
        if "src=" not in script["attributes"]
    )
    return sorted({source(body) for body in bodies if starts_a_widget(body)})


def source(script: str) -> str:
    """Return a script's hash as a CSP source."""
    return f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"


class StudioCSPMiddleware(CSPMiddleware):
    """Adds the exceptions that the admin needs to django-csp's policy."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if not report_only and request.path.startswith(reverse("wagtailadmin_home")):
            parts.update = {
                "script-src": [SELF, *self.widgets_in(response)],
                "style-src": [SELF, UNSAFE_INLINE],
                "img-src": ["blob:"],  # previews of images to upload
            }
        return parts

    def widgets_in(self, response: HttpResponseBase) -> list[str]:
        """Return the hashes for an HTML page; none for other responses."""
        is_html = response.get("Content-Type", "").startswith("text/html")
        if not is_html or not isinstance(response, HttpResponse):
            return []
        return widget_hashes(response.content.decode(response.charset))
