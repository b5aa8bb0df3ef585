"""The user's tasks, which an open home page fetches every few seconds."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from studio.desk.admin.panels import waiting_context
from studio.ui.live import unless_known


@require_safe
def waiting(request: HttpRequest) -> HttpResponseBase:
    """Return the user's tasks, unless their page shows them already."""
    context = waiting_context(request.user)
    return unless_known(
        request, context["version"], lambda: render(request, "desk/waiting_live.html", context)
    )
