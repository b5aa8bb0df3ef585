"""The Content-Security-Policy of every response, see docs/decisions/0004.

The public site has the strict policy of the settings. Wagtail's admin needs two exceptions: its
widgets write small inline scripts, of which we let run those that only start a widget with plain
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

# What Wagtail's widgets write: a known function or chooser, called with JSON alone.
WIDGET_START = re.compile(
    r"\s*(?:init(?:Date|Time|DateTime)Chooser|new [A-Z]\w*Chooser)\((?P<arguments>.*)\);?\s*",
    re.DOTALL,
)


def starts_a_widget(script: str) -> bool:
    """Whether an inline script does nothing but start a widget with plain data."""
    call = WIDGET_START.fullmatch(script)
    if not call:
        return False
    try:
        json.loads(f"[{call['arguments']}]")
    except ValueError:
        return False
    return True


def widget_hashes(html: str) -> list[str]:
    """The sources for `script-src` of the inline scripts in a page that only start widgets."""
    bodies = (
        script["body"]
        for script in INLINE_SCRIPT.finditer(html)
        if "src=" not in script["attributes"]
    )
    return sorted({source(body) for body in bodies if starts_a_widget(body)})


def source(script: str) -> str:
    """A script's hash as the policy writes it."""
    return f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"


class StudioCSPMiddleware(CSPMiddleware):
    """django-csp's policy, with the exceptions that the admin needs."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if not report_only and request.path.startswith(reverse("wagtailadmin_home")):
            parts.update = {
                "script-src": [SELF, *self.widgets_in(response)],
                "style-src": [SELF, UNSAFE_INLINE],
                "img-src": ["blob:"],  # pictures about to be uploaded
            }
        return parts

    def widgets_in(self, response: HttpResponseBase) -> list[str]:
        """The hashes for a whole HTML page; none for anything else."""
        is_html = response.get("Content-Type", "").startswith("text/html")
        if not is_html or not isinstance(response, HttpResponse):
            return []
        return widget_hashes(response.content.decode(response.charset))
