"""Wagtail's choosers for models that are not pages: find one row by search.

A select with hundreds of options is hard to use, and one with thousands makes the page slow.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib.auth.mixins import UserPassesTestMixin
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from wagtail.actions import action_registry
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import chooser
from wagtail.admin.viewsets.chooser import ChooserViewSet
from wagtail.admin.widgets.chooser import BaseChooser

from studio.collation.listing import find
from studio.formats.plain_numbers import key_of


class SearchForm(BaseFilterForm):
    """The search form of a chooser."""

    q = forms.CharField(
        label=_("Search"),
        max_length=255,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": _("Search"), "autocomplete": "off"}),
    )
    fields_to_search: ClassVar[Sequence[str]] = ()

    def filter(self, objects: "QuerySet[Any]") -> "QuerySet[Any]":
        if text := self.cleaned_data["q"].strip():
            self.is_searching, self.search_query = True, text
            return find(objects, self.fields_to_search, text)
        return objects


class RowChooser(BaseChooser):
    """A form field that opens a chooser. A Stimulus controller starts it, without inline scripts.

    A submitted value that is not a valid primary key chooses nothing.
    """

    show_edit_link = False
    classname = "row-chooser"
    query = ""  # query string of the chooser's URL

    def __init__(self, **kwargs: Any) -> None:
        self.query = kwargs.pop("query", self.query)
        super().__init__(**kwargs)

    def get_chooser_modal_url(self) -> str:
        return f"{super().get_chooser_modal_url()}{self.query}"

    def get_instance(self, value: Any) -> models.Model | None:
        if value is not None and not isinstance(value, self.model_class):
            value = key_of(str(value)) or None
        instance: models.Model | None = super().get_instance(value)
        return instance

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> str:
        attrs = self.build_attrs(self.attrs, attrs)
        return format_html(
            '<div data-controller="row-chooser" data-row-chooser-field-value="{}"'
            ' data-row-chooser-url-value="{}">{}</div>',
            attrs["id"],
            self.get_chooser_modal_url(),
            self.render_html(name, self.get_value_data(value), attrs),
        )

    @property
    def media(self) -> forms.Media:
        own: list[Any] = [forms.Script("ui/row_chooser.js", type="module")]
        styles: dict[str, Any] = {"all": ["ui/row_chooser.css"]}
        whole: forms.Media = super().media + forms.Media(js=own, css=styles)
        return whole


class MoreColumn(Column):
    """A further column of a chooser; on a phone it is shown below the name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, classname="row-chooser__more", **kwargs)


class ForThoseWhoMay(UserPassesTestMixin):
    """Restricts a chooser's view to users who may see its rows elsewhere, too."""

    request: HttpRequest
    may_choose: ClassVar[Any] = None

    def test_func(self) -> bool:
        return bool(self.may_choose(self.request.user))


class OneOfMany:
    """A chooser's list of the rows that may be chosen, with further columns."""

    is_multiple_choice = False
    more_columns: ClassVar[Sequence[Column]] = ()
    rows: ClassVar[Any] = None  # `rows(request)` returns the rows that may be chosen

    def get_object_list(self) -> "QuerySet[Any]":
        found: QuerySet[Any] = self.rows(self.request)  # type: ignore[attr-defined]
        return found

    @property
    def columns(self) -> list[Column]:
        title: Column = self.title_column  # type: ignore[attr-defined]
        title.label = capfirst(str(self.model_class._meta.verbose_name))  # type: ignore[attr-defined]
        return [title, *self.more_columns]


class RowChooserViewSet(ChooserViewSet):
    """A chooser of one row by search."""

    base_widget_class = RowChooser
    register_widget = False
    preserve_url_parameters: ClassVar[Sequence[str]] = ()
    search_fields: ClassVar[Sequence[str]] = ()
    columns: ClassVar[Sequence[Column]] = ()

    @staticmethod
    def may_choose(user: Any) -> bool:
        """Whether the user may see the rows of this chooser."""
        raise NotImplementedError

    @staticmethod
    def rows(request: HttpRequest) -> "QuerySet[Any]":
        """The rows that may be chosen."""
        raise NotImplementedError

    def made(self, *bases: type, **attributes: Any) -> type:
        """Return a view class of this chooser."""
        own = {"may_choose": staticmethod(self.may_choose), **attributes}
        return type(bases[-1].__name__, (ForThoseWhoMay, *bases), own)

    def list_of(self, view: type) -> type:
        """Return a view class of this chooser that lists rows."""
        form = type("SearchForm", (SearchForm,), {"fields_to_search": self.search_fields})
        return self.made(
            OneOfMany,
            view,
            rows=staticmethod(self.rows),
            more_columns=self.columns,
            filter_form_class=form,
        )

    @property
    def choose_view_class(self) -> type:
        return self.list_of(chooser.ChooseView)

    @property
    def choose_results_view_class(self) -> type:
        return self.list_of(chooser.ChooseResultsView)

    @property
    def chosen_view_class(self) -> type:
        rows = self.rows

        def get_object(view: Any, pk: str) -> models.Model:
            chosen: models.Model = rows(view.request).get(pk=key_of(pk))
            return chosen

        return self.made(chooser.ChosenView, get_object=get_object)

    @property
    def create_view_class(self) -> type:
        return self.made(chooser.CreateView, save_form=self.save_new)

    @staticmethod
    def save_new(view: Any, form: Any) -> models.Model:
        """Save a row that was added in the chooser, and log it."""
        action = action_registry.get_action_class(type(form.instance), "create")
        new: models.Model = action(form.instance, user=view.request.user, form=form).execute()
        return new

    def get_urlpatterns(self) -> list[URLPattern]:
        names = ["choose", "choose_results", "chosen"]
        if self.creation_form_class:
            names.append("create")
        return [pattern for pattern in super().get_urlpatterns() if pattern.name in names]
