"""Shows refusals to publish as messages."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.deprecation import MiddlewareMixin
from django.utils.http import url_has_allowed_host_and_scheme

from videos.publishing.readiness import PublishRefused


class PublishRefusedMiddleware(MiddlewareMixin):
    """If Wagtail's own views publish, a refusal becomes a message and a redirect back.

    The page editor validates before; this covers bulk actions, workflows and the like.
    """

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        home = reverse("wagtailadmin_home")
        if not isinstance(exception, PublishRefused) or not request.path.startswith(home):
            return None
        messages.error(request, exception.messages[0])
        back = request.headers.get("Referer", "")
        same = url_has_allowed_host_and_scheme(
            back, {request.get_host()}, require_https=request.is_secure()
        )
        return redirect(back if same else home)
