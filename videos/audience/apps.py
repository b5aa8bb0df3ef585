from typing import Any

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AudienceConfig(AppConfig):
    name = "videos.audience"
    verbose_name = _("Audience")

    def ready(self) -> None:
        from videos.audience import leaving
        from videos.audience.extras import BeaconScript, Consent
        from videos.audience.signals import note_staff_browser
        from videos.publishing.extras import register_page_extra

        leaving.register()
        user_logged_in.connect(note_staff_browser, dispatch_uid="audience.note_staff_browser")
        register_page_extra(Consent, "beside")
        register_page_extra(BeaconScript, "foot")
        post_migrate.connect(keep_schedules, dispatch_uid="audience.keep_schedules")


def keep_schedules(sender: AppConfig, using: str = "default", **kwargs: Any) -> None:
    """After the migrations of django-q2: what is watched much gets a second set, and is told."""
    from videos.media.schedules import every_minute

    if sender.label == "django_q":
        every_minute("audience: av1", "videos.audience.earned.ask_for_av1", using, minutes=60)
        every_minute("audience: untold reps", "videos.audience.telling.tell_the_untold", using)
