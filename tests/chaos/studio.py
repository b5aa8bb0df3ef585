"""The studio's settings for a fault run: its own, but static files need not be collected."""

from studio.settings import *  # noqa: F403
from studio.settings import STORAGES

STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
