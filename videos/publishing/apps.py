from django.apps import AppConfig
from django.db.models.signals import post_delete, post_migrate, post_save, pre_delete, pre_save
from django.utils.translation import gettext_lazy as _


class PublishingConfig(AppConfig):
    name = "videos.publishing"
    verbose_name = _("Publishing")

    def ready(self) -> None:
        from wagtail.models import PageViewRestriction
        from wagtail.signals import post_page_move

        from studio.library import let_pages_bear_broken_pictures
        from videos.media.access import register_access_rule
        from videos.planning.admin.agenda import register_agenda
        from videos.publishing import next_step, privacy, publishing_rules, site_setup
        from videos.publishing.admin.agenda import pages_due
        from videos.publishing.models import VideoPage

        let_pages_bear_broken_pictures()
        pre_save.connect(publishing_rules.before_save, dispatch_uid="publishing.rules")
        pre_delete.connect(
            publishing_rules.before_delete, sender=VideoPage, dispatch_uid="publishing.rules_delete"
        )
        for signal in (post_save, post_delete):
            signal.connect(
                privacy.sync_after_restriction_change,
                sender=PageViewRestriction,
                dispatch_uid="publishing.privacy",
            )
        post_page_move.connect(privacy.sync_after_page_move, dispatch_uid="publishing.privacy_move")
        register_access_rule(privacy.passes_page_privacy)
        next_step.register()
        register_agenda(pages_due)
        post_migrate.connect(site_setup.set_up, dispatch_uid="publishing.site")
