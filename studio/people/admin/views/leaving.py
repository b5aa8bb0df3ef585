"""Hands over what a leaving user was responsible for."""

from typing import Any

from django import forms
from django.contrib.auth.mixins import UserPassesTestMixin
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from studio.people.leaving import HOLDINGS, Holding, hand_over, held_by
from studio.people.models import User

SHOWN = 10  # objects of one kind


class HeirForm(forms.Form):
    """Chooses who takes over one kind of object."""

    heir = forms.ModelChoiceField(
        label=gettext_lazy("Who takes over?"),
        queryset=User.objects.none(),
        empty_label=gettext_lazy("Choose a colleague"),
    )

    def __init__(self, data: Any = None, *, holding: Holding, leaver: User) -> None:
        super().__init__(data, auto_id=f"{holding.name}-%s")
        heir: Any = self.fields["heir"]
        heir.queryset = holding.heirs(leaver)


class LeavingView(UserPassesTestMixin, WagtailAdminTemplateMixin, TemplateView):
    """Lists what a user is responsible for, by kind, with who can take over. For administrators."""

    template_name = "people/leaving.html"
    header_icon = "user"

    def test_func(self) -> bool:
        return self.request.user.is_superuser

    @cached_property
    def leaver(self) -> User:
        return get_object_or_404(User, pk=self.kwargs["pk"])

    def get_page_title(self) -> str:
        return _("Who takes over from %(user)s?") % {"user": self.leaver}

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *super().get_breadcrumbs_items(),
            {"url": reverse("wagtailusers_users:index"), "label": _("Users")},
            {
                "url": reverse("wagtailusers_users:edit", args=[self.leaver.pk]),
                "label": str(self.leaver),
            },
            {"url": "", "label": _("Who takes over?")},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        held = [
            {
                "holding": holding,
                "count": rows.count(),
                "rows": [str(row) for row in rows[:SHOWN]],
                "more": max(rows.count() - SHOWN, 0),
                "form": HeirForm(holding=holding, leaver=self.leaver),
            }
            for holding, rows in held_by(self.leaver)
        ]
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"leaver": self.leaver, "held": held}

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        holding = HOLDINGS.get(request.POST.get("kind", ""))
        if holding is None:
            raise Http404
        form = HeirForm(request.POST, holding=holding, leaver=self.leaver)
        if not form.is_valid():
            messages.error(request, _("Choose an active colleague who may take these over."))
            return redirect("people_leaving", self.leaver.pk)
        heir = form.cleaned_data["heir"]
        assert isinstance(request.user, User)
        try:
            count = hand_over(holding, self.leaver, heir, by=request.user)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        else:
            text = ngettext(
                "%(heir)s takes over %(count)d thing.",
                "%(heir)s takes over %(count)d things.",
                count,
            )
            messages.success(request, text % {"heir": heir, "count": count})
        return redirect("people_leaving", self.leaver.pk)
