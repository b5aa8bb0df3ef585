"""Schedules of the outbox."""

from typing import Any

from django.apps import AppConfig

from studio.schedules import every


def keep_schedules(sender: AppConfig, using: str = "default", **kwargs: Any) -> None:
    """Create or update the schedules, after django-q2's migrations."""
    if sender.label == "django_q":
        every(1, "mail: outbox", "studio.mail.outbox.look", using)
        every(24 * 60, "mail: old outcomes", "studio.mail.outbox.tidy_up", using)
