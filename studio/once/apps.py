from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class OnceConfig(AppConfig):
    name = "studio.once"
    verbose_name = _("One-time forms")

    def ready(self) -> None:
        from studio.once.schedules import keep_schedules

        post_migrate.connect(keep_schedules, dispatch_uid="once.keep_schedules")
