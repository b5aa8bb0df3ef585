"""Views for load balancers and monitors."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from studio.operations.health import glance


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Report that this process responds, without using the database or any other service."""
    return JsonResponse({"alive": True})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Report database, queue and storage as ok, warning or failed, with a message.

    The status is 503 if one of them failed.

    Anybody may ask, so the results are kept for a few seconds.
    """
    found = glance()
    ready = all(finding.ok for finding in found.values())
    checks = {
        name: {"state": finding.state, "words": finding.words} for name, finding in found.items()
    }
    return JsonResponse({"ready": ready, "checks": checks}, status=200 if ready else 503)
