"""What the views of the budget share."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib.auth.mixins import UserPassesTestMixin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages

from budgets.access import Someone


class PermissionMixin(UserPassesTestMixin):
    """Mixin that responds with 403 to users who are not `allowed`, before anything else."""

    request: HttpRequest
    allowed: ClassVar[Callable[[Someone], bool]]

    def test_func(self) -> bool:
        return type(self).allowed(self.request.user)


def breadcrumbs(*steps: tuple[str, Any]) -> list[dict[str, Any]]:
    """Return breadcrumbs from the home page on, from pairs of URL and label."""
    return [
        {"url": reverse_lazy("wagtailadmin_home"), "label": _("Home")},
        *({"url": url, "label": label} for url, label in steps),
    ]


def budget_breadcrumb() -> tuple[str, Any]:
    """Return the URL and label of the report."""
    return reverse("budgets_report"), _("Budget")


def show_refusal(request: HttpRequest, refusal: ValidationError) -> None:
    """Show why an action was refused, on the next page."""
    messages.error(request, " ".join(refusal.messages))
