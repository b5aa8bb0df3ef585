"""Refusals of the gate, told to the person who asked."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.deprecation import MiddlewareMixin
from django.utils.http import url_has_allowed_host_and_scheme

from videos.publishing.readiness import PublishRefused


class PublishRefusedMiddleware(MiddlewareMixin):
    """Where Wagtail's own views publish, a refusal is a message and the way back.

    The editor's form says it before; this is for the bulk action, workflows and the like.
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
