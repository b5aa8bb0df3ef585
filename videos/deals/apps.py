from django.apps import AppConfig
from django.db.models.signals import post_save
from django.utils.translation import gettext_lazy as _


class DealsConfig(AppConfig):
    name = "videos.deals"
    verbose_name = _("Deals")

    def ready(self) -> None:
        from studio.people.models import User
        from videos.deals import leaving
        from videos.deals.owners import match_a_new_user

        leaving.register()
        post_save.connect(match_a_new_user, User, dispatch_uid="deals.match_a_new_user")
