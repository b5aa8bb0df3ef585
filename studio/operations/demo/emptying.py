"""Is the studio empty, and how it becomes so."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.core.management import call_command
from django.utils.translation import gettext as _

from studio.people.models import User
from videos.deals.models import Deal
from videos.planning.models import Question, Video

LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def what_is_there() -> list[str]:
    """What keeps the studio from being empty, in words."""
    found = (
        (_("users"), User),
        (_("questions"), Question),
        (_("videos"), Video),
        (_("deals"), Deal),
    )
    return [words for words, model in found if model._default_manager.exists()]


def takes_the_demo() -> bool:
    """Whether the demo is wanted: nobody else reaches this studio, and DEMO does not say no."""
    host = urlsplit(settings.BASE_URL).hostname
    return bool(settings.DEMO) and is_this_machine_alone(host)


def is_this_machine_alone(host: str | None) -> bool:
    """Whether a host of BASE_URL can be reached from this machine only."""
    return host in LOOPBACK


def delete_files(storage: Storage, folder: str = "") -> None:
    """Deletes everything below a folder of a storage."""
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in files:
        storage.delete(f"{folder}/{name}" if folder else name)
    for name in folders:
        path = f"{folder}/{name}" if folder else name
        delete_files(storage, path)
        storage.delete(path)


def empty_the_studio() -> None:
    """Deletes every row and every file, and makes anew what every studio has."""
    call_command("flush", interactive=False, verbosity=0)
    for alias in settings.STORAGES:
        if alias != "staticfiles":
            delete_files(storages[alias])
