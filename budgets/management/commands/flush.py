"""Django's `flush`, which deletes all data, without the ledger's triggers."""

from typing import Any

from django.core.management.commands import flush
from django.db import connections

from budgets.db_triggers import without_triggers
from budgets.models import Entry


class Command(flush.Command):
    def handle(self, **options: Any) -> None:
        connection = connections[options["database"]]
        if Entry._meta.db_table not in connection.introspection.table_names():
            return super().handle(**options)
        with without_triggers(connection):
            return super().handle(**options)
