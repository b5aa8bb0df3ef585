"""Middleware that limits numbers in URLs to what the databases can compare."""

from typing import Any

from django.http import Http404, HttpRequest
from django.utils.deprecation import MiddlewareMixin

LARGEST = 2**63 - 1  # above, SQLite raises OverflowError where Django does not check


class BoundedAddressesMiddleware(MiddlewareMixin):
    """Responds with 404 to URLs with a larger key, including Wagtail's own URLs."""

    def process_view(
        self, request: HttpRequest, view: Any, args: list[Any], kwargs: dict[str, Any]
    ) -> None:
        if any(isinstance(value, int) and value > LARGEST for value in [*args, *kwargs.values()]):
            raise Http404
