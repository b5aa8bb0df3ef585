from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class MailConfig(AppConfig):
    name = "studio.mail"
    verbose_name = _("Mail")

    def ready(self) -> None:
        from studio.mail.schedules import keep_schedules

        post_migrate.connect(keep_schedules, dispatch_uid="mail.keep_schedules")
