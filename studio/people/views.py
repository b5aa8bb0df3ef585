"""Wagtail's own pages that the studio keeps to fewer people."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from wagtail.admin.auth import require_admin_access
from wagtail.admin.views.reports.audit_logging import LogEntriesView


class SiteHistory(LogEntriesView):
    """What everybody did, for superusers alone.

    Wagtail shows all entries of a model to whoever has any permission on it, and so would show
    reps each other's deals and share links.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_superuser:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)  # type: ignore[no-any-return]


site_history = require_admin_access(SiteHistory.as_view())
site_history_results = require_admin_access(SiteHistory.as_view(results_only=True))
