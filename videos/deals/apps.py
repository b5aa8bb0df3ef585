from django.apps import AppConfig
from django.db.models.signals import post_migrate, post_save
from django.utils.translation import gettext_lazy as _


class DealsConfig(AppConfig):
    name = "videos.deals"
    verbose_name = _("Deals")

    def ready(self) -> None:
        from studio.changes import edited
        from studio.people.models import User
        from videos.deals import leaving
        from videos.deals.imports.browser.schedules import keep_schedules
        from videos.deals.imports.owners import match_new_user
        from videos.deals.imports.reconcile import record_corrections

        leaving.register()
        edited.connect(record_corrections, dispatch_uid="deals.note_corrections")
        post_save.connect(match_new_user, User, dispatch_uid="deals.match_a_new_user")
        post_migrate.connect(keep_schedules, dispatch_uid="deals.keep_schedules")
