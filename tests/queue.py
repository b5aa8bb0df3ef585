"""What stands in the queue, whichever broker keeps it."""

from typing import Any

from django.conf import settings
from django_q.brokers import get_broker
from django_q.models import OrmQ
from django_q.signing import SignedPackage

Task = tuple[str, tuple[Any, ...]]


def queued() -> list[Task]:
    """(function, arguments) of every task that waits, the oldest first."""
    if settings.REDIS_URL:
        broker = get_broker()
        packages = [
            package.decode() for package in broker.connection.lrange(broker.list_key, 0, -1)
        ]
    else:
        packages = list(OrmQ.objects.order_by("pk").values_list("payload", flat=True))
    tasks = [SignedPackage.loads(package) for package in packages]
    return [(task["func"], task["args"]) for task in tasks]


def empty_queue() -> None:
    """Takes out all that waits."""
    get_broker().purge_queue()
