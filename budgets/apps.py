from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BudgetsConfig(AppConfig):
    name = "budgets"
    verbose_name = _("Budgets")

    def ready(self) -> None:
        from budgets import leaving, situation
        from budgets.signals import release_budget
        from videos.planning.stages import stage_changed

        leaving.register()
        situation.register()
        stage_changed.connect(release_budget, dispatch_uid="budgets.release_budget")
