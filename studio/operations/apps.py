from django.apps import AppConfig
from django.core.checks import register
from django.utils.translation import gettext_lazy as _


class OperationsConfig(AppConfig):
    name = "studio.operations"
    verbose_name = _("Operations")

    def ready(self) -> None:
        from studio.operations.checks import check_deployment, check_former_names
        from studio.operations.demo.premiere import cut_came_to_an_end
        from videos.media.signals import cut_failed, cut_ready

        for signal in (cut_ready, cut_failed):
            signal.connect(cut_came_to_an_end, dispatch_uid="operations.premiere")
        register(check_former_names)
        register(check_deployment, deploy=True)
