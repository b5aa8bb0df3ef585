"""The forms of planning."""

import datetime as dt
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.models import WagtailAdminModelForm

from studio.clock import after, instant_of
from studio.fields import RowsFormField, WholeNumberFormField
from studio.people.models import User
from studio.people.roles import Role
from studio.ui.moments import turns
from studio.ui.widgets import DayInput, TimeInput
from videos.planning.access import expert_of
from videos.planning.admin.choosers import ENDED, video_chooser
from videos.planning.minutes import minutes_text, this_month
from videos.planning.models import Expert, ExpertQuerySet, Question, Resource, Shoot, Stage, Video
from videos.planning.months import whole_minutes
from videos.planning.shoots import BOOKABLE

FURTHEST_AHEAD = dt.timedelta(days=5 * 366)  # a shoot later than that has a mistyped year


def people(*roles: Role) -> "QuerySet[User]":
    """Active users with one of the roles."""
    names = [role.value for role in roles]
    return User.objects.filter(is_active=True, groups__name__in=names).distinct()


def producers() -> "QuerySet[User]":
    """The users who can be the producer of a video."""
    return people(Role.PRODUCER)


def experts(*also: int) -> ExpertQuerySet:
    """The active experts, and those with the primary keys `also`."""
    return Expert.objects.filter(Q(active=True) | Q(pk__in=also)).select_related("user")


class VideoForm(WagtailAdminModelForm):
    """What is planned about a video."""

    class Meta:
        model = Video
        fields = ["title", "summary", "experts", "planned_for", "producer"]
        field_classes = {"experts": RowsFormField}
        widgets = {
            "summary": forms.Textarea(attrs={"rows": 3}),
            "experts": forms.CheckboxSelectMultiple,
            "planned_for": DayInput,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        there = self.instance.experts.values_list("pk", flat=True) if self.instance.pk else []
        self.fields["experts"].queryset = experts(*there)
        self.fields["producer"].queryset = (
            producers() | User.objects.filter(pk=self.instance.producer_id).distinct()
        )


class QuestionForm(WagtailAdminModelForm):
    """A question of a buyer.

    Only users who may change every question choose who heard it; for others it is themselves.
    """

    class Meta:
        model = Question
        fields = ["text", "heard_at", "heard_on", "heard_by"]
        widgets = {
            "text": forms.Textarea(attrs={"rows": 4, "autofocus": True}),
            "heard_on": DayInput,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.for_user.has_perm("planning.change_question"):
            heard = people(Role.EXPERT, Role.SALES_MANAGER, Role.PRODUCER)
            self.fields["heard_by"].queryset = (
                heard | User.objects.filter(pk=self.instance.heard_by_id).distinct()
            )
        else:
            del self.fields["heard_by"]
        self.fields["heard_on"].widget.attrs["max"] = timezone.localdate().isoformat()

    def clean_heard_on(self) -> dt.date:
        heard_on: dt.date = self.cleaned_data["heard_on"]
        if heard_on > timezone.localdate():
            raise forms.ValidationError(_("This day is in the future."))
        return heard_on


class LinkQuestionForm(forms.Form):
    """Which video answers a question."""

    video = forms.ModelChoiceField(
        queryset=Video.objects.none(),
        required=False,
        label=_("Video"),
        widget=video_chooser("alive"),
        help_text=_("Leave it empty if no video answers it yet."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["video"].queryset = Video.objects.exclude(stage__in=ENDED)  # type: ignore[attr-defined]


class CancelForm(forms.Form):
    """Why a video is cancelled."""

    note = forms.CharField(
        label=_("Why is it cancelled?"),
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Its upcoming shoots are cancelled, too."),
    )


class ExpertsField(RowsFormField):
    """Checkboxes for experts, each with the minutes that are booked this month."""

    def label_from_instance(self, expert: Expert) -> str:
        text = _("%(who)s (%(minutes)s booked this month)")
        booked = whole_minutes(expert.booked)
        return text % {"who": expert, "minutes": minutes_text(booked, expert.minutes_a_month)}


class ShootForm(forms.Form):
    """The form to book or change a shoot, made for phones."""

    videos = RowsFormField(
        Video.objects.none(), widget=forms.CheckboxSelectMultiple, label=_("Videos")
    )
    experts = ExpertsField(
        Expert.objects.none(), widget=forms.CheckboxSelectMultiple, label=_("Experts on camera")
    )
    day = forms.DateField(widget=DayInput, label=_("Day"))
    time = forms.TimeField(widget=TimeInput, label=_("Starts at"))
    time_which = forms.ChoiceField(
        required=False,
        label=_("Which of the two"),
        help_text=_("Clocks are set back on this day, so this time occurs twice."),
    )
    minutes = WholeNumberFormField(
        min_value=5,
        max_value=24 * 60,
        initial=30,
        label=_("Minutes"),
    )
    resources = RowsFormField(
        Resource.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=_("Crew, place and gear"),
    )
    note = forms.CharField(
        required=False, label=_("Note"), widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, user: User, shoot: Shoot | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.was = shoot
        self.me = None if user.has_perm("planning.change_shoot") else expert_of(user)
        now = rows_of(shoot)
        stages = [Stage.GREENLIT] if self.me else list(BOOKABLE)
        offers: dict[str, QuerySet[Any]] = {
            "videos": Video.objects.filter(Q(stage__in=stages) | Q(pk__in=now["videos"])),
            "experts": experts(*now["experts"]).with_minutes(*this_month()),
            "resources": Resource.objects.filter(Q(active=True) | Q(pk__in=now["resources"])),
        }
        for name, rows in offers.items():
            self.fields[name].queryset = rows  # type: ignore[attr-defined]
        if not offers["resources"].exists():
            del self.fields["resources"]
        zone = timezone.get_default_timezone_name()
        self.fields["time"].help_text = _("Time zone: %(zone)s") % {"zone": zone}
        self.offer_turns()
        self.fields["day"].widget.attrs["min"] = timezone.localdate().isoformat()

    def offer_turns(self) -> None:
        """Keep the field `time_which` only if the time in the form occurs twice on that day."""
        try:
            day = self.fields["day"].to_python(self["day"].value())
            time = self.fields["time"].to_python(self["time"].value())
        except forms.ValidationError:
            day = time = None
        choices = turns(dt.datetime.combine(day, time)) if day and time is not None else []
        which = self.fields["time_which"]
        assert isinstance(which, forms.ChoiceField)
        which.choices = choices
        if not choices:
            del self.fields["time_which"]
        elif self.was:
            which.initial = str(timezone.localtime(self.was.starts_at).fold)

    def clean_day(self) -> dt.date:
        day: dt.date = self.cleaned_data["day"]
        if day > timezone.localdate() + FURTHEST_AHEAD:
            raise forms.ValidationError(_("That day is years ahead. Check the year."))
        return day

    def clean_experts(self) -> "QuerySet[Expert]":
        chosen: QuerySet[Expert] = self.cleaned_data["experts"]
        if self.me and self.me not in chosen:
            raise forms.ValidationError(_("You can only book shoots with yourself on camera."))
        return chosen

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if {"day", "time", "minutes"} <= data.keys():
            try:
                data["starts_at"] = instant_of(
                    dt.datetime.combine(data["day"], data["time"]),
                    timezone.get_default_timezone(),
                    which=data.get("time_which", ""),
                    before=self.was.starts_at if self.was else None,
                )
            except forms.ValidationError as refusal:
                self.add_error("time", refusal)
            else:
                data["ends_at"] = after(data["starts_at"], dt.timedelta(minutes=data["minutes"]))
        return data

    def shoot_arguments(self) -> dict[str, Any]:
        """The cleaned data as arguments of `shoots.book` and `shoots.change`."""
        data = self.cleaned_data
        return {
            "videos": list(data["videos"]),
            "experts": list(data["experts"]),
            "resources": list(data.get("resources", [])),
            "starts_at": data["starts_at"],
            "ends_at": data["ends_at"],
            "note": data["note"],
        }


def rows_of(shoot: Shoot | None) -> dict[str, list[int]]:
    """The primary keys of a shoot's videos, experts and resources; empty lists for no shoot."""
    names = ("videos", "experts", "resources")
    return {
        name: list(getattr(shoot, name).values_list("pk", flat=True)) if shoot else []
        for name in names
    }


class ExpertForm(WagtailAdminModelForm):
    """A colleague who goes on camera, and the minutes they promise."""

    class Meta:
        model = Expert
        fields = ["user", "minutes_a_month", "topics", "active"]
        field_classes = {"minutes_a_month": WholeNumberFormField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["user"]
        else:
            free = User.objects.filter(is_active=True, expert__isnull=True)
            self.fields["user"].queryset = free
