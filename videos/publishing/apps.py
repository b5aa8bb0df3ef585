from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_delete, pre_save
from django.utils.translation import gettext_lazy as _


class PublishingConfig(AppConfig):
    name = "videos.publishing"
    verbose_name = _("Publishing")

    def ready(self) -> None:
        from videos.publishing import gate, site
        from videos.publishing.models import VideoPage

        pre_save.connect(gate.before_save, dispatch_uid="publishing.gate")
        pre_delete.connect(
            gate.before_delete, sender=VideoPage, dispatch_uid="publishing.gate_delete"
        )
        post_migrate.connect(site.set_up, dispatch_uid="publishing.site")
