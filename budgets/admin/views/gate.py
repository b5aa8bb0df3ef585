"""Who comes in: one check before every page of the budget."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib.auth.mixins import UserPassesTestMixin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages

from budgets.access import Someone


class Gate(UserPassesTestMixin):
    """Lets a page's `allowed(user)` decide before anything else; 403 otherwise."""

    request: HttpRequest
    allowed: ClassVar[Callable[[Someone], bool]]

    def test_func(self) -> bool:
        return type(self).allowed(self.request.user)


def trail(*steps: tuple[str, Any]) -> list[dict[str, Any]]:
    """Breadcrumbs from the home page through the budget to the last step."""
    return [
        {"url": reverse_lazy("wagtailadmin_home"), "label": _("Home")},
        *({"url": url, "label": label} for url, label in steps),
    ]


def budget_step() -> tuple[str, Any]:
    """The breadcrumb of the report."""
    return reverse("budgets_report"), _("Budget")


def tell(request: HttpRequest, refusal: ValidationError) -> None:
    """Shows why something was refused."""
    messages.error(request, " ".join(refusal.messages))
