"""`manage.py qcluster`: django-q2's own command, with our guard over its processes."""

from typing import Any

from django_q.management.commands import qcluster

from studio.operations.cluster import run


class Command(qcluster.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        if options.get("run_once"):
            super().handle(*args, **options)
            return
        run()
