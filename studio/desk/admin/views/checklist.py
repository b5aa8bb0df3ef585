"""The set-up checklist as a page, for administrators who dismissed it on the home page."""

from typing import Any

from django.contrib.auth.mixins import UserPassesTestMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from studio.desk import checklist


class ChecklistPage(UserPassesTestMixin, WagtailAdminTemplateMixin, TemplateView):
    """Lists all steps; hides or shows the checklist on the user's home page. For administrators."""

    template_name = "desk/first_steps.html"
    page_title = _("First steps")
    header_icon = "list-ul"

    def test_func(self) -> bool:
        return self.request.user.is_superuser

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*super().get_breadcrumbs_items(), {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = checklist.steps()
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {
            "steps": found,
            "next": checklist.next_of(found),
            "done": sum(step.done for step in found),
            "is_finished": checklist.is_finished(found),
            "is_on_home_page": checklist.is_on_home_page(self.request.user),  # type: ignore[arg-type]
        }

    def post(self, request: HttpRequest) -> HttpResponse:
        user: Any = request.user
        if "dismiss" in request.POST:
            checklist.dismiss(user)
            messages.success(request, gettext("You can find the first steps again under Settings."))
        else:
            checklist.bring_back(user)
        return redirect("wagtailadmin_home")
