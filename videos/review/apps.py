from importlib import import_module
from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ReviewConfig(AppConfig):
    name = "videos.review"
    verbose_name = _("Review")

    def ready(self) -> None:
        import_module("videos.review.signals")
        import_module("videos.review.next_step").register()
        post_migrate.connect(keep_schedules, dispatch_uid="review.keep_schedules")


def keep_schedules(sender: AppConfig, using: str = "default", **kwargs: Any) -> None:
    """Create the schedule, after django-q2's migrations."""
    from studio.schedules import every

    if sender.label == "django_q":
        every(5, "review: untold", "videos.review.notifications.send_missed_notifications", using)
