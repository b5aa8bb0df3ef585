"""Marks browsers that staff sign in with."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from videos.audience.tracking import cookies
from videos.audience.tracking.browser import is_signed_in

Handler = Callable[[HttpRequest], HttpResponse]


class StaffBrowserMiddleware:
    """Sets the staff cookie in the response to the request that signed somebody in.

    Also in the admin if a browser has no cookie, or one from before the cookie was signed.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if getattr(request, "signed_in_staff", False) or needs_staff_cookie(request):
            cookies.mark_staff_browser(response)
        return response


def needs_staff_cookie(request: HttpRequest) -> bool:
    """Whether somebody is signed in to the admin in a browser without the staff cookie."""
    in_admin = request.path.startswith(reverse("wagtailadmin_home"))
    return in_admin and not cookies.is_staff_browser(request) and is_signed_in(request)
