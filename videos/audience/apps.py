from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.utils.translation import gettext_lazy as _


class AudienceConfig(AppConfig):
    name = "videos.audience"
    verbose_name = _("Audience")

    def ready(self) -> None:
        from videos.audience.extras import BeaconScript, RememberMe, StaffNotice
        from videos.audience.signals import note_staff_browser
        from videos.publishing.extras import register_page_extra

        user_logged_in.connect(note_staff_browser, dispatch_uid="audience.note_staff_browser")
        register_page_extra(StaffNotice, "notice")
        register_page_extra(BeaconScript, "foot")
        register_page_extra(RememberMe, "foot")
