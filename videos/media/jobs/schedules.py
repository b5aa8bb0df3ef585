"""Scheduled tasks, as rows of django-q2."""

from typing import Any

from django.apps import AppConfig

from studio.schedules import every


def every_minute(name: str, function: str, using: str = "default", *, minutes: int = 1) -> None:
    """Create or update the schedule of this name, which calls `function` every `minutes`."""
    every(minutes, name, function, using)


def keep_schedules(sender: AppConfig, using: str = "default", **kwargs: Any) -> None:
    """Create the schedules of media after the migrations of django-q2."""
    if sender.label == "django_q":
        every_minute("media: stale jobs", "videos.media.jobs.maintenance.every_minute", using)
        uploads = "videos.media.uploads.verification"
        every_minute("media: uploads", f"{uploads}.look_after_uploads", using)
        parts = f"{uploads}.remove_abandoned_parts"
        every_minute("media: abandoned parts", parts, using, minutes=60)
