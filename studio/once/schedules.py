"""What of the one-time forms runs by itself."""

from typing import Any

from django.apps import AppConfig

from studio.schedules import every


def keep_schedules(sender: AppConfig, using: str = "default", **kwargs: Any) -> None:
    """After the migrations of django-q2: old keys go each hour."""
    if sender.label == "django_q":
        every(60, "once: old keys", "studio.once.keys.tidy_up", using)
