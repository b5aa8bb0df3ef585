from typing import Any

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AudienceConfig(AppConfig):
    name = "videos.audience"
    verbose_name = _("Audience")

    def ready(self) -> None:
        from videos.audience import leaving, next_step
        from videos.audience.links import retirement_warning
        from videos.audience.public_site.extras import (
            BeaconScript,
            ConsentExtra,
            ProblemReportExtra,
        )
        from videos.audience.tracking.signals import mark_viewer_as_staff
        from videos.publishing.extras import register_page_extra
        from videos.publishing.retirement_warnings import register_retirement_warning

        leaving.register()
        next_step.register()
        user_logged_in.connect(mark_viewer_as_staff, dispatch_uid="audience.note_staff_browser")
        register_page_extra(ConsentExtra, "beside")
        register_page_extra(ProblemReportExtra, "beside")
        register_page_extra(BeaconScript, "foot")
        register_retirement_warning(retirement_warning)
        post_migrate.connect(keep_schedules, dispatch_uid="audience.keep_schedules")


def keep_schedules(sender: AppConfig, using: str = "default", **kwargs: Any) -> None:
    """Create the schedules, after django-q2's migrations."""
    from videos.media.jobs.schedules import every_minute

    if sender.label == "django_q":
        tracking = "videos.audience.tracking"
        every_minute("audience: av1", f"{tracking}.av1_promotion.ask_for_av1", using, minutes=60)
        missed = f"{tracking}.notifications.send_missed_notifications"
        every_minute("audience: untold reps", missed, using)
