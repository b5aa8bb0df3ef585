"""Addresses for whoever looks after the studio."""

from django.urls import path

from studio.operations.views import healthz, readyz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
]
