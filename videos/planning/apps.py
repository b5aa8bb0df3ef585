from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlanningConfig(AppConfig):
    name = "videos.planning"
    verbose_name = _("Planning")

    def ready(self) -> None:
        from videos.planning import signals  # noqa: F401
