"""The two addresses that load balancers and monitors ask."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from studio.operations.health import glance


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers. Asks nothing of the database or of anyone else."""
    return JsonResponse({"alive": True})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Database, queue and storage, each with ok or failed and words; 503 when one failed.

    Anybody may ask, so that this process looks once in some seconds.
    """
    found = glance()
    ready = all(finding.ok for finding in found.values())
    checks = {
        name: {"state": "ok" if finding.ok else "failed", "words": finding.words}
        for name, finding in found.items()
    }
    return JsonResponse({"ready": ready, "checks": checks}, status=200 if ready else 503)
