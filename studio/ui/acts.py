"""Views for objects that are created, viewed and acted upon, but never edited."""

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
    """One act, by POST: shows what was done, or why it was refused, and redirects back.

    Use `ActOnceView` if doing it twice would do harm.
    """

    http_method_names = ["post"]
    is_refused = False  # read by `Once`

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
        """The user who acts; all pages of the admin require sign-in."""
        return self.request.user

    def may_act(self) -> bool:
        """Whether the user may act. Raises Http404 if there is no object to act upon."""
        raise NotImplementedError

    def act(self) -> str:
        """Act; returns the message to show, or "" if the page shows the result. Raises
        ValidationError.
        """
        raise NotImplementedError

    def back(self) -> str:
        """The URL to redirect to: the page with the button."""
        raise NotImplementedError


class ActedOnIndexView(generic.IndexView):
    """A list without buttons: the acts are on the pages of its objects."""

    page_subtitle = ""

    def get_list_buttons(self, instance: Any) -> list[Any]:
        return []


class MakeView(generic.CreateView):
    """The form that creates an object."""

    def refused(self, form: Any, field: str, refusal: ValidationError) -> HttpResponse:
        """Show the form again, with a refusal as the error of a field."""
        form.add_error(field, refusal)
        self.is_valid(form)  # sets the message that Wagtail's response starts with
        answer: HttpResponse = self.form_invalid(form)
        return answer


class RowPage(generic.InspectView):
    """The page of one object. Its template has the buttons of the acts."""

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
    """List, form, page and acts of such objects."""

    copy_view_enabled = False
    inspect_view_enabled = True
    inspect_view_fields = ["pk"]
    add_to_reference_index = False
    index_view_class = ActedOnIndexView
    inspect_view_class = RowPage
    kept = frozenset({"index", "index_results", "add", "inspect"})

    def act_urlpatterns(self) -> Sequence[URLPattern]:
        """The URL patterns of the acts."""
        return []

    def get_urlpatterns(self) -> list[URLPattern]:
        own = (pattern for pattern in super().get_urlpatterns() if pattern.name in self.kept)
        return [*own, *self.act_urlpatterns()]

    @property
    def url_finder_class(self) -> type:
        inspect = {"edit_url_name": self.get_url_name("inspect")}
        return type(f"{self.model.__name__}Finder", (super().url_finder_class,), inspect)
