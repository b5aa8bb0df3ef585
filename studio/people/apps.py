from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "studio.people"
    verbose_name = _("People")

    def ready(self) -> None:
        from studio.people.roles import apply_grants

        post_migrate.connect(apply_grants, dispatch_uid="people.apply_grants")
