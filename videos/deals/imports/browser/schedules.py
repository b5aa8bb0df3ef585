"""The schedules of imports."""

from typing import Any

from django.apps import AppConfig

from studio.schedules import every


def keep_schedules(sender: AppConfig, using: str = "default", **kwargs: Any) -> None:
    """Creates the schedules after the migrations of django-q2."""
    if sender.label == "django_q":
        every(1, "deals: imports", "videos.deals.imports.browser.actions.resume_stale", using)
        every(
            24 * 60,
            "deals: old imports",
            "videos.deals.imports.browser.actions.delete_old_data",
            using,
        )
