"""The outbox in the admin."""

from django.urls import URLPattern, path
from wagtail import hooks

from studio.mail.views import UndeliveredPage


@hooks.register("register_admin_urls")
def register_urls() -> list[URLPattern]:
    """Register the list of undelivered mails."""
    return [path("mails/undelivered/", UndeliveredPage.as_view(), name="mail_undelivered")]
