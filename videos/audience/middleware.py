"""Remembers in a browser that somebody of the studio signed in with it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from videos.audience import cookies

Handler = Callable[[HttpRequest], HttpResponse]


class StaffBrowserMiddleware:
    """Marks the browser in the response to the request that signed somebody in."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if getattr(request, "signed_in_staff", False):
            cookies.mark_staff_browser(response)
        return response
