"""URLs for administrators and monitors."""

from django.urls import path

from studio.operations.metrics import metrics
from studio.operations.views import healthz, readyz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
]
