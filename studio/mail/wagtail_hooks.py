"""What the outbox adds to the admin."""

from django.urls import URLPattern, path
from wagtail import hooks

from studio.mail.views import UndeliveredPage


@hooks.register("register_admin_urls")
def register_urls() -> list[URLPattern]:
    """The list of what was not delivered."""
    return [path("mails/undelivered/", UndeliveredPage.as_view(), name="undelivered_mails")]
