"""Generic views: lists, pages of one thing, and edit forms."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied
from django.core.paginator import Paginator
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from wagtail.admin.views import generic
from wagtail.admin.widgets.button import HeaderButton

from studio.collation.listing import CollatedListing
from studio.ui.acts import RowPage
from studio.ui.optimistic_lock import OptimisticLockMixin
from studio.ui.tables import CARDS

A_PAGE = 50  # rows of a list that anybody's watching makes longer


def page_of(rows: "Sequence[Any] | QuerySet[Any]", request: HttpRequest) -> dict[str, Any]:
    """The page of the rows that the address asks for, for templates that show `rows_nav.html`."""
    paginator = Paginator(rows, A_PAGE)
    page = paginator.get_page(request.GET.get("p"))
    return {"page_obj": page, "elided_page_range": paginator.get_elided_page_range(page.number)}


class ClearFilters:
    """A list that shows nothing under filters it does not understand, and says why.

    Wagtail would show every row, as if nothing had been asked. Mix it in before `IndexView`.
    """

    filters: Any

    @cached_property
    def unclear_filters(self) -> list[str]:
        """What is wrong with the filters, a line for each."""
        if not self.filters or self.filters.is_valid():
            return []
        form = self.filters.form
        return [
            text if name == NON_FIELD_ERRORS else f"{form[name].label}: {text}"
            for name, errors in form.errors.items()
            for text in errors
        ]

    def filter_queryset(self, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        if self.unclear_filters:
            return queryset.none()
        found: QuerySet[Any] = super().filter_queryset(queryset)  # type: ignore[misc]
        return found


class ListView(CollatedListing, ClearFilters, generic.IndexView):
    """A list whose rows open the page of one thing, and which teaches the first step when empty."""

    results_template_name = "ui/list_results.html"
    table_classname = CARDS
    empty_text: ClassVar[Any] = ""

    def get_list_buttons(self, instance: models.Model) -> list[Any]:
        return []


class PageOfOne(RowPage):
    """The page of one thing, with its edit button for those who may."""

    page_title = ""
    edit_label: ClassVar[Any] = ""

    def may_edit(self) -> bool:
        return bool(self.user_has_permission_for_instance("change", self.object))

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        if not self.may_edit():
            return []
        url = reverse(self.edit_url_name, args=[self.object.pk])
        return [HeaderButton(self.edit_label or _("Edit"), url=url, icon_name="edit")]


class CheckedEditView(OptimisticLockMixin, generic.EditView):
    """An edit form that asks whether the user may change this very thing, and never saves over
    what a colleague changed meanwhile without saying so.
    """

    def get_object(self, queryset: Any = None) -> models.Model:
        instance: models.Model = super().get_object(queryset)
        if not self.user_has_permission_for_instance("change", instance):
            raise PermissionDenied
        return instance

    def get_success_url(self) -> str:
        return reverse(self.inspect_url_name, args=[self.object.pk])

    def get_success_buttons(self) -> list[Any]:
        return []

    @cached_property
    def header_more_buttons(self) -> list[Any]:
        return []
