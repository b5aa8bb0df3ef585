"""What runs by itself, as rows of django-q2."""

from typing import Any

from django.apps import AppConfig

from studio.schedules import every


def every_minute(name: str, function: str, using: str = "default", *, minutes: int = 1) -> None:
    """Keep one schedule of this name that calls `function` each minute, or each so many.

    Twice changes nothing.
    """
    every(minutes, name, function, using)


def keep_schedules(sender: AppConfig, using: str = "default", **kwargs: Any) -> None:
    """After the migrations of django-q2: dead workers' jobs are taken over from now on."""
    if sender.label == "django_q":
        every_minute("media: stale jobs", "videos.media.upkeep.every_minute", using)
        every_minute("media: uploads", "videos.media.checking.look_after_uploads", using)
        parts = "videos.media.checking.remove_abandoned_parts"
        every_minute("media: abandoned parts", parts, using, minutes=60)
