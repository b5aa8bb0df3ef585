"""Rows that people make, look at and act upon, and that nobody edits: the views of all of them."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.mixins import UserPassesTestMixin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, reverse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.views.generic import View
from wagtail.admin import messages
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet


class ActView(UserPassesTestMixin, View):
    """One act, by POST: done, or refused with the reason, and then back to where it was asked for.

    Mix `Once` in before it where doing it twice would do harm.
    """

    http_method_names = ["post"]
    is_refused = False  # `Once` asks

    def test_func(self) -> bool:
        return self.may_act()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            said = self.act()
        except ValidationError as refusal:
            self.is_refused = True
            messages.error(request, " ".join(refusal.messages))
        else:
            if said:
                messages.success(request, said)
        return redirect(self.back())

    @cached_property
    def by(self) -> Any:
        """Who acts: every page of the admin is for users who signed in."""
        return self.request.user

    def may_act(self) -> bool:
        """Whether they may. Raises Http404 where there is nothing to act upon."""
        raise NotImplementedError

    def act(self) -> str:
        """Does it, and says what was done, if that does not show. Raises ValidationError."""
        raise NotImplementedError

    def back(self) -> str:
        """Where it was asked for."""
        raise NotImplementedError


class ActedOnIndexView(generic.IndexView):
    """A list whose rows open their pages, where the acts are."""

    page_subtitle = ""

    def get_list_buttons(self, instance: Any) -> list[Any]:
        return []


class MakeView(generic.CreateView):
    """The form that makes a row."""

    def refused(self, form: Any, field: str, refusal: ValidationError) -> HttpResponse:
        """The form again, with what is in the way beside one of its fields."""
        form.add_error(field, refusal)
        self.is_valid(form)  # finds the words that Wagtail's answer begins with
        answer: HttpResponse = self.form_invalid(form)
        return answer


class RowPage(generic.InspectView):
    """The page of one row, under its name. What can be done with it stands in its template."""

    def get_header_title(self) -> str:
        return str(self.object)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        plural = capfirst(str(self.model._meta.verbose_name_plural))
        return [
            *self.breadcrumbs_items,
            {"url": reverse(self.index_url_name), "label": plural},
            {"url": "", "label": self.get_page_subtitle()},
        ]

    @cached_property
    def header_buttons(self) -> list[Any]:
        return []

    @cached_property
    def header_more_buttons(self) -> list[Any]:
        return []


class ActedOnViewSet(ModelViewSet):
    """The pages of such rows: a list, the form that makes one, its page, and the acts on it."""

    copy_view_enabled = False
    inspect_view_enabled = True
    inspect_view_fields = ["pk"]
    add_to_reference_index = False
    index_view_class = ActedOnIndexView
    inspect_view_class = RowPage
    kept = frozenset({"index", "index_results", "add", "inspect"})

    def act_urlpatterns(self) -> Sequence[URLPattern]:
        """The addresses of the acts."""
        return []

    def get_urlpatterns(self) -> list[URLPattern]:
        own = (pattern for pattern in super().get_urlpatterns() if pattern.name in self.kept)
        return [*own, *self.act_urlpatterns()]

    @property
    def url_finder_class(self) -> type:
        inspect = {"edit_url_name": self.get_url_name("inspect")}
        return type(f"{self.model.__name__}Finder", (super().url_finder_class,), inspect)
