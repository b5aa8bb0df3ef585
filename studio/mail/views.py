"""What the outbox could not deliver, for whoever looks after the studio."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views.generic import IndexView

from studio.mail.models import Mail


class UndeliveredPage(IndexView):
    """Mails that were refused or given up in the last weeks, with the mail server's words."""

    any_permission_required = None
    model = Mail
    page_title = _("Undelivered mails")
    header_icon = "mail"
    index_url_name = "undelivered_mails"
    paginate_by = 50
    is_searchable = False
    default_ordering = "-ended_at"
    columns = [
        DateColumn("ended_at", label=_("Ended"), sort_key="ended_at"),
        Column("recipient", label=_("To")),
        Column("subject", label=_("Subject")),
        Column("state", label=_("State"), accessor="get_state_display"),
        Column("attempts", label=_("Attempts")),
        Column("reason", label=_("What the mail server said")),
    ]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_superuser:
            raise PermissionDenied
        answer: HttpResponse = super().dispatch(request, *args, **kwargs)
        return answer

    def get_base_queryset(self) -> QuerySet[Mail]:
        return Mail.objects.undelivered().defer("content")
