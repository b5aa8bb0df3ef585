"""Numbers in addresses stay within what the databases compare."""

from typing import Any

from django.http import Http404, HttpRequest
from django.utils.deprecation import MiddlewareMixin

LARGEST = 2**63 - 1  # SQLite raises OverflowError above, where Django does not ask before


class BoundedAddressesMiddleware(MiddlewareMixin):
    """Nothing has a larger key, and so an address with one is no page, also of Wagtail's own."""

    def process_view(
        self, request: HttpRequest, view: Any, args: list[Any], kwargs: dict[str, Any]
    ) -> None:
        if any(isinstance(value, int) and value > LARGEST for value in [*args, *kwargs.values()]):
            raise Http404
