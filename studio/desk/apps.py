from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    name = "studio.desk"
    verbose_name = _("Desk")

    def ready(self) -> None:
        post_migrate.connect(keep_schedules, dispatch_uid="desk.keep_schedules")


def keep_schedules(sender: AppConfig, using: str = "default", **kwargs: Any) -> None:
    """After the migrations of django-q2: schedule the daily digest of sales reps."""
    from studio.schedules import every

    if sender.label == "django_q":
        every(15, "desk: digests", "studio.desk.digest.send_due", using)
