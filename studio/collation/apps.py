from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.utils.translation import gettext_lazy as _


class CollationConfig(AppConfig):
    name = "studio.collation"
    verbose_name = _("Search and sorting")

    def ready(self) -> None:
        from studio.collation.functions import teach_sqlite

        connection_created.connect(teach_sqlite, dispatch_uid="collation.teach_sqlite")
