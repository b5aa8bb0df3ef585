from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class MediaConfig(AppConfig):
    name = "videos.media"
    verbose_name = _("Media")

    def ready(self) -> None:
        from django_q.signals import post_spawn

        from videos.media import situation
        from videos.media.jobs import shutdown
        from videos.media.jobs.schedules import keep_schedules
        from videos.media.uploads import cors

        situation.register()
        post_spawn.connect(shutdown.listen, dispatch_uid="media.stopping")
        post_migrate.connect(keep_schedules, dispatch_uid="media.keep_schedules")
        post_migrate.connect(cors.set_up, sender=self, dispatch_uid="media.cors")
