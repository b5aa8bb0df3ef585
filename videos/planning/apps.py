from django.apps import AppConfig
from django.db.models.signals import post_save
from django.utils.translation import gettext_lazy as _


class PlanningConfig(AppConfig):
    name = "videos.planning"
    verbose_name = _("Planning")

    def ready(self) -> None:
        from studio.people.models import User
        from videos.planning import leaving, signals  # noqa: F401

        leaving.register()
        post_save.connect(leaving.deactivate_expert, User, dispatch_uid="planning.leave_the_cast")
