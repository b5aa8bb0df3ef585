"""The views to list, book, change and cancel shoots."""

from functools import partial
from typing import Any

import django_filters
from django import forms
from django.contrib.auth.mixins import UserPassesTestMixin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from studio.fields import RowsFilter
from studio.formats.plain_numbers import key_of
from studio.once.views import Once
from studio.ui.acts import ActView
from studio.ui.optimistic_lock import ChangedMeanwhile, FormLockMixin, last_in_log
from studio.ui.views import ListView, PageOfOne
from videos.planning import shoots
from videos.planning.access import expert_of, may_change_shoot, signed_in
from videos.planning.admin.forms import ShootForm, rows_of
from videos.planning.errors import ShootRefused, shoot_time
from videos.planning.minutes import minutes_in_month_of
from videos.planning.models import Expert, Shoot, Video
from videos.planning.shoots import BOOKABLE
from videos.planning.urls_for import shoot_url, video_url

WITH_ALL = ("videos", "experts__user", "resources")


class ShootFilterSet(WagtailFilterSet):
    """The filters of the list of shoots; by default, it shows upcoming ones."""

    when = django_filters.ChoiceFilter(
        label=gettext_lazy("When"),
        choices=[
            ("past", gettext_lazy("Over")),
            ("cancelled", pgettext_lazy("shoot", "Cancelled")),
            ("all", gettext_lazy("All")),
        ],
        empty_label=gettext_lazy("To come"),
        method="filter_when",
        widget=forms.RadioSelect,
    )
    experts = RowsFilter(
        queryset=lambda request: Expert.objects.select_related("user"),
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("Expert"),
    )

    class Meta:
        model = Shoot
        fields = ["when", "experts"]

    def filter_when(self, queryset: "QuerySet[Shoot]", name: str, value: str) -> "QuerySet[Shoot]":
        now = timezone.now()
        if value == "past":
            return queryset.filter(cancelled_at__isnull=True, ends_at__lte=now)
        return queryset.filter(cancelled_at__isnull=False) if value == "cancelled" else queryset

    def filter_queryset(self, queryset: "QuerySet[Shoot]") -> "QuerySet[Shoot]":
        found: QuerySet[Shoot] = super().filter_queryset(queryset)
        return found if self.form.cleaned_data["when"] else to_come(found)


def to_come(found: "QuerySet[Shoot]") -> "QuerySet[Shoot]":
    """The booked shoots that are not over."""
    return found.filter(cancelled_at__isnull=True, ends_at__gt=timezone.now())


class ShootListView(ListView):
    """The list of shoots."""

    add_item_label = gettext_lazy("Book a shoot")
    empty_text = gettext_lazy(
        "No shoots to come. Once a video is greenlit, book half an hour with its experts."
    )

    def get_base_queryset(self) -> "QuerySet[Shoot]":
        found: QuerySet[Shoot] = super().get_base_queryset()
        return found.prefetch_related(*WITH_ALL)


class ShootPage(PageOfOne):
    """One shoot: when, who, where, for which videos."""

    template_name = "planning/shoot.html"

    def get_object(self, queryset: Any = None) -> Shoot:
        found = Shoot.objects.select_related("booked_by", "cancelled_by")
        return get_object_or_404(found.prefetch_related(*WITH_ALL), pk=self.pk)

    def get_page_subtitle(self) -> str:
        return shoot_time(self.object)

    def get_header_title(self) -> str:
        return shoot_time(self.object)

    def may_edit(self) -> bool:
        is_open = not self.object.cancelled_at and self.object.starts_at > timezone.now()
        return is_open and super().may_edit()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        shoot = self.object
        return context | {
            "shoot": shoot,
            "minutes": [] if shoot.cancelled_at else minutes_in_month_of(shoot),
            "may_change": self.may_edit(),
            "may_cancel": not shoot.cancelled_at and may_change_shoot(self.request.user, shoot),
        }


class ShootFormView(PermissionCheckedMixin, WagtailAdminTemplateMixin, FormView):
    """The form of a shoot. If the shoot is refused, it links to what prevents it."""

    model = Shoot
    index_url_name = ""
    header_icon = "calendar-check"
    template_name = "planning/shoot_form.html"
    form_class = ShootForm
    shoot: Shoot | None = None
    submit_label: Any = ""

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_form_kwargs()
        return kwargs | {"user": self.request.user, "shoot": self.shoot}

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse(self.index_url_name), "label": _("Shoots")},
            {"url": "", "label": self.get_page_title()},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {
            "action_url": self.request.get_full_path(),
            "submit_button_label": self.submit_label,
            "submit_button_active_label": _("Saving…"),
            "has_unsaved_changes": context["form"].is_bound,
            "media": context["form"].media,
        }

    def save(self, form: ShootForm) -> Shoot:
        raise NotImplementedError

    def form_valid(self, form: ShootForm) -> HttpResponse:
        try:
            shoot = self.save(form)
        except ShootRefused as refusal:
            form.add_error(None, refusal)
            return self.refused(form, refusal)
        for minutes in minutes_in_month_of(shoot):
            if minutes.is_over:
                text = _("%(who)s is now booked for %(minutes)s of that month.")
                params = {"who": minutes.expert, "minutes": minutes}
                messages.info(self.request, text % params)
        return redirect(shoot_url(shoot))

    def refused(self, form: ShootForm, refusal: ShootRefused) -> HttpResponse:
        """The form again, with a link to the shoot or video that prevents this one."""
        context = self.get_context_data(form=form)
        if refusal.shoot:
            context["obstacle"] = {"url": shoot_url(refusal.shoot), "label": _("See that shoot")}
        elif refusal.video:
            context["obstacle"] = {"url": video_url(refusal.video), "label": _("See the video")}
        return self.render_to_response(context)


class BookShootView(Once, ShootFormView):
    """Book a shoot, for oneself or for others."""

    permission_required = "add"
    page_title = gettext_lazy("Book a shoot")
    submit_label = gettext_lazy("Book")

    def get_initial(self) -> dict[str, Any]:
        """The video in the URL with its experts, and the user if they are an expert."""
        key = self.request.GET.get("video", "")
        videos = Video.objects.filter(pk=key_of(key), stage__in=BOOKABLE)
        expert_ids = {expert.pk for video in videos for expert in video.experts.filter(active=True)}
        if me := expert_of(self.request.user):
            expert_ids |= set() if self.request.user.has_perm("planning.change_shoot") else {me.pk}
        return {
            "videos": [video.pk for video in videos],
            "experts": list(expert_ids),
            "minutes": 30,
        }

    def save(self, form: ShootForm) -> Shoot:
        shoot = shoots.book(**form.shoot_arguments(), by=signed_in(self.request))
        messages.success(self.request, _("Booked for %(when)s.") % {"when": shoot_time(shoot)})
        return shoot


class ChangeShootView(UserPassesTestMixin, FormLockMixin, ShootFormView):
    """Change a booked shoot."""

    permission_required = "change"
    page_title = gettext_lazy("Change the shoot")
    submit_label = gettext_lazy("Save")

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.shoot = get_object_or_404(Shoot, pk=kwargs["pk"])

    def test_func(self) -> bool:
        return bool(self.user_has_permission_for_instance("change", self.shoot))

    def get_initial(self) -> dict[str, Any]:
        shoot = self.shoot
        assert shoot is not None
        start = timezone.localtime(shoot.starts_at)
        initial: dict[str, Any] = dict(rows_of(shoot))
        return initial | {
            "day": start.date(),
            "time": start.time(),
            "minutes": shoot.minutes,
            "note": shoot.note,
        }

    def unbound_form(self) -> ShootForm:
        self.shoot = Shoot.objects.get(pk=self.kwargs["pk"])
        user = signed_in(self.request)
        return ShootForm(user=user, shoot=self.shoot, initial=self.get_initial())

    def changed_by(self) -> object:
        return last_in_log(Shoot.objects.get(pk=self.kwargs["pk"]))

    def form_valid(self, form: ShootForm) -> HttpResponse:
        try:
            return super().form_valid(form)
        except ChangedMeanwhile as refusal:
            return self.show_again(form, refusal)

    def save(self, form: ShootForm) -> Shoot:
        shoot = shoots.change(
            self.kwargs["pk"],
            **form.shoot_arguments(),
            by=signed_in(self.request),
            check=partial(self.refuse_over_changes, form),
        )
        messages.success(self.request, _("Now booked for %(when)s.") % {"when": shoot_time(shoot)})
        return shoot


class CancelShootView(ActView):
    """Cancel a shoot."""

    @cached_property
    def shoot(self) -> Shoot:
        return get_object_or_404(Shoot, pk=self.kwargs["pk"])

    def may_act(self) -> bool:
        return may_change_shoot(self.by, self.shoot)

    def act(self) -> str:
        shoots.cancel(self.shoot.pk, by=self.by)
        return _("The shoot on %(when)s is cancelled.") % {"when": shoot_time(self.shoot)}

    def back(self) -> str:
        return shoot_url(self.shoot)
