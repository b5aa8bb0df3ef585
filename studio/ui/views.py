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

A_PAGE = 50  # rows on a page of a list that grows with every view


def page_of(rows: "Sequence[Any] | QuerySet[Any]", request: HttpRequest) -> dict[str, Any]:
    """Return the requested page of rows, as context for `rows_nav.html`."""
    paginator = Paginator(rows, A_PAGE)
    page = paginator.get_page(request.GET.get("p"))
    return {"page_obj": page, "elided_page_range": paginator.get_elided_page_range(page.number)}


class ClearFilters:
    """Shows no rows and the reason if the filters are not valid. Mix it in before `IndexView`.

    Wagtail would ignore such filters and show every row.
    """

    filters: Any

    @cached_property
    def unclear_filters(self) -> list[str]:
        """The errors of the filters, one line each."""
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
    """A list whose rows link to their pages; when empty, it explains the first step."""

    results_template_name = "ui/list_results.html"
    table_classname = CARDS
    empty_text: ClassVar[Any] = ""

    def get_list_buttons(self, instance: models.Model) -> list[Any]:
        return []


class PageOfOne(RowPage):
    """The page of one object, with an edit button for users who may edit it."""

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
    """An edit view that checks the permission for the object, and warns before it overwrites a
    colleague's changes.
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
