"""What an open home page asks for every few seconds."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from studio.desk.admin.panels import what_waits
from studio.ui.live import unless_known


@require_safe
def waiting(request: HttpRequest) -> HttpResponseBase:
    """What waits for the user, unless their page shows it already."""
    context = what_waits(request.user)
    return unless_known(
        request, context["version"], lambda: render(request, "desk/waiting_live.html", context)
    )
