"""Schedules of one-time forms."""

from typing import Any

from django.apps import AppConfig

from studio.schedules import every


def keep_schedules(sender: AppConfig, using: str = "default", **kwargs: Any) -> None:
    """Create or update the schedules, after django-q2's migrations."""
    if sender.label == "django_q":
        every(60, "once: old keys", "studio.once.keys.tidy_up", using)
