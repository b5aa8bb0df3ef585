"""Remembers in a browser that somebody of the studio signed in with it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from videos.audience import cookies
from videos.audience.browser import is_signed_in

Handler = Callable[[HttpRequest], HttpResponse]


class StaffBrowserMiddleware:
    """Marks the browser in the response to the request that signed somebody in.

    In the admin, too, where a browser has no mark, or one from before marks were signed.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if getattr(request, "signed_in_staff", False) or lacks_mark(request):
            cookies.mark_staff_browser(response)
        return response


def lacks_mark(request: HttpRequest) -> bool:
    """Whether somebody is at work in the admin in a browser without a mark."""
    in_admin = request.path.startswith(reverse("wagtailadmin_home"))
    return in_admin and not cookies.is_staff_browser(request) and is_signed_in(request)
