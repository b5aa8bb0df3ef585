"""Who comes in: one check before every page of the budget."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages

from budgets.access import Someone


class Gate:
    """Lets a page's `allowed(user)` decide before anything else; 403 otherwise."""

    allowed: ClassVar[Callable[[Someone], bool]]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not type(self).allowed(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc, no-any-return]


def trail(*steps: tuple[str, Any]) -> list[dict[str, Any]]:
    """Breadcrumbs from the home page through the budget to the last step."""
    return [
        {"url": reverse_lazy("wagtailadmin_home"), "label": _("Home")},
        *({"url": url, "label": label} for url, label in steps),
    ]


def budget_step() -> tuple[str, Any]:
    """The breadcrumb of the report."""
    return reverse("budgets:report"), _("Budget")


def tell(request: HttpRequest, refusal: ValidationError) -> None:
    """Shows why something was refused."""
    messages.error(request, " ".join(refusal.messages))
