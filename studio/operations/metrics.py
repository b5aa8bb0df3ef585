"""Prometheus metrics, computed on request.

They are read from the database, so that every web process returns the same values and a restart
loses none.
"""

import hmac
from collections.abc import Iterable

from django.conf import settings
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from studio.mail.models import Mail
from studio.mail.outbox import oldest_wait
from studio.people import throttle
from studio.people.network import address_of, network_of
from videos.media.jobs.metrics import Histogram, numbers

PREFIX = "closing_shot"


class JobsCollector(Collector):
    """Metrics of transcode jobs."""

    def collect(self) -> Iterable[Metric]:
        found = numbers()
        yield counted("jobs", "Jobs by kind and state.", ["kind", "state"], found.jobs.items())
        yield GaugeMetricFamily(
            f"{PREFIX}_jobs_oldest_wait_seconds",
            "Since when the longest waiting job waits.",
            value=found.oldest_wait,
        )
        failures = CounterMetricFamily(
            f"{PREFIX}_job_failures", "Failed jobs by reason.", labels=["kind", "reason"]
        )
        for labels, count in found.failures.items():
            failures.add_metric(labels, count)
        yield failures
        yield CounterMetricFamily(
            f"{PREFIX}_job_attempts", "Attempts of all jobs.", value=found.attempts
        )
        yield measured("job_wait_seconds", "From queued to started.", found.wait)
        yield measured("job_duration_seconds", "From started to ready.", found.work)
        yield measured("job_speed_ratio", "Seconds of video made in a second.", found.speed)
        sizes = [((kind,), size) for kind, size in found.set_bytes.items()]
        yield counted("set_bytes", "Bytes of sets of renditions.", ["kind"], sizes)
        yield GaugeMetricFamily(
            f"{PREFIX}_source_bytes", "Bytes of sources.", value=found.source_bytes
        )


class MailCollector(Collector):
    """Metrics of the outbox."""

    def collect(self) -> Iterable[Metric]:
        states = dict(Mail.objects.order_by().values_list("state").annotate(count=Count("pk")))
        counts = [((state,), states.get(state, 0)) for state in Mail.State.values]
        yield counted("mails", "Mails of the last weeks by state.", ["state"], counts)
        yield GaugeMetricFamily(
            f"{PREFIX}_mails_oldest_wait_seconds",
            "Since when the longest waiting mail waits.",
            value=oldest_wait(),
        )


def counted(
    name: str, words: str, labels: list[str], values: Iterable[tuple[tuple[str, ...], int]]
) -> GaugeMetricFamily:
    """Return a gauge with labels."""
    family = GaugeMetricFamily(f"{PREFIX}_{name}", words, labels=labels)
    for pair, value in sorted(values):
        family.add_metric(pair, value)
    return family


def measured(name: str, words: str, values: Histogram) -> HistogramMetricFamily:
    """Return a histogram."""
    buckets = [(str(float(bound)), float(count)) for bound, count in values.buckets]
    buckets.append(("+Inf", float(values.count)))
    return HistogramMetricFamily(f"{PREFIX}_{name}", words, buckets, sum_value=values.sum)


def may_read(request: HttpRequest) -> bool:
    """Whether the request has the metrics token or comes from a signed-in superuser."""
    if request.user.is_active and request.user.is_superuser:
        return True
    given = request.headers.get("Authorization", "")
    network = network_of(address_of(request))
    if not (settings.METRICS_TOKEN and given and throttle.would_allow(throttle.METRICS, network)):
        return False
    wanted = f"Bearer {settings.METRICS_TOKEN}"
    if hmac.compare_digest(given.encode(), wanted.encode()):
        return True
    throttle.allow_request(throttle.METRICS, network)
    return False


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Serve the metrics; 404 to anyone who may not read them."""
    if not may_read(request):
        raise Http404
    registry = CollectorRegistry()
    registry.register(JobsCollector())
    registry.register(MailCollector())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
