from django.apps import AppConfig
from django.db.models.signals import post_delete, post_migrate, post_save, pre_delete, pre_save
from django.utils.translation import gettext_lazy as _


class PublishingConfig(AppConfig):
    name = "videos.publishing"
    verbose_name = _("Publishing")

    def ready(self) -> None:
        from wagtail.models import PageViewRestriction
        from wagtail.signals import post_page_move

        from videos.media.access import register_door
        from videos.publishing import gate, privacy, site
        from videos.publishing.models import VideoPage

        pre_save.connect(gate.before_save, dispatch_uid="publishing.gate")
        pre_delete.connect(
            gate.before_delete, sender=VideoPage, dispatch_uid="publishing.gate_delete"
        )
        for signal in (post_save, post_delete):
            signal.connect(
                privacy.follow_restriction,
                sender=PageViewRestriction,
                dispatch_uid="publishing.privacy",
            )
        post_page_move.connect(privacy.follow_move, dispatch_uid="publishing.privacy_move")
        register_door(privacy.lets_in)
        post_migrate.connect(site.set_up, dispatch_uid="publishing.site")
