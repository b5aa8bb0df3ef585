"""Undelivered mails, for administrators."""

from django.contrib.auth.mixins import UserPassesTestMixin
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views.generic import IndexView

from studio.mail.models import Mail


class UndeliveredPage(UserPassesTestMixin, IndexView):
    """Lists mails refused or given up in the last weeks, with the mail server's message."""

    any_permission_required = None
    model = Mail
    page_title = _("Undelivered mails")
    header_icon = "mail"
    index_url_name = "mail_undelivered"
    paginate_by = 50
    is_searchable = False
    default_ordering = "-ended_at"
    columns = [
        DateColumn("ended_at", label=_("Ended"), sort_key="ended_at"),
        Column("recipient", label=pgettext_lazy("mail", "To")),
        Column("subject", label=_("Subject")),
        Column("state", label=_("State"), accessor="get_state_display"),
        Column("attempts", label=_("Attempts")),
        Column("reason", label=_("What the mail server said")),
    ]

    def test_func(self) -> bool:
        return bool(self.request.user.is_superuser)

    def get_base_queryset(self) -> QuerySet[Mail]:
        return Mail.objects.undelivered().defer("content")
