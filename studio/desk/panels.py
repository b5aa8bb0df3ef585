"""The panels of the home page: what waits for me first, then what concerns my role."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.admin.ui.components import Component

from budgets.access import sees_report
from budgets.models import Period
from budgets.report import Figures, budget_report
from studio.desk.signed import OwnWorld, signed_since
from studio.desk.waiting import waiting_for
from studio.money import shown
from studio.people.roles import Role, roles_of
from videos.audience.links import recently_watched
from videos.media.models import Job
from videos.planning.access import expert_of
from videos.planning.badges import stage_badge
from videos.planning.minutes import Minutes
from videos.planning.models import Expert, Stage, Video
from videos.planning.months import Month, whole_minutes


class DeskPanel(Component):
    """A panel of the home page for one user; `is_shown` says for whom."""

    order = 100

    def __init__(self, request: HttpRequest, own: OwnWorld) -> None:
        self.request = request
        self.user: Any = request.user
        self.own = own

    def is_shown(self) -> bool:
        return True

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        return {"request": self.request, "user": self.user}


class WaitingPanel(DeskPanel):
    """What waits for me."""

    order = 10
    template_name = "desk/waiting.html"

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        return {
            **super().get_context_data(parent_context),
            "waiting": waiting_for(self.user),
            "first_steps": first_steps(self.user),
        }


def first_steps(user: Any) -> list[tuple[str, str]]:
    """(what to do, where) for somebody for whom nothing waits."""
    steps = [
        ("planning.add_question", _("Hand in a buyer's question"), "planning_questions:add"),
        ("audience.add_sharelink", _("Send a video to a prospect"), "audience_share_links:add"),
        ("budgets.view_report", _("See the sales budget"), "budgets:report"),
        ("deals.view_influence", _("See what the videos helped to sign"), "deals_influence"),
    ]
    return [(text, reverse(name)) for permission, text, name in steps if user.has_perm(permission)]


class OnCameraPanel(DeskPanel):
    """An expert's month: minutes given, links watched, what the videos helped to sign."""

    order = 20
    template_name = "desk/on_camera.html"

    def is_shown(self) -> bool:
        return Role.EXPERT in roles_of(self.user) or expert_of(self.user) is not None

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        month = Month.of(timezone.localdate())
        mine = Expert.objects.filter(user=self.user, active=True).with_minutes(*month).first()
        return {
            **super().get_context_data(parent_context),
            "month": month,
            "minutes": minutes_of(mine, month) if mine else None,
            "watched": recently_watched(self.user),
            "signed": signed_since(self.own, first_day_of_year()),
        }


class OwedMinutesPanel(DeskPanel):
    """Whose time is owed this month."""

    order = 30
    template_name = "desk/owed_minutes.html"

    def is_shown(self) -> bool:
        return bool(self.user.has_perm("planning.change_expert"))

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        month = Month.of(timezone.localdate())
        experts = Expert.objects.filter(active=True).with_minutes(*month).select_related("user")
        rows = sorted((minutes_of(expert, month) for expert in experts), key=lambda row: -row.left)
        return {**super().get_context_data(parent_context), "month": month, "rows": rows}


class PipelinePanel(DeskPanel):
    """How many videos stand in each stage, and what the workers are making."""

    order = 40
    template_name = "desk/pipeline.html"

    def is_shown(self) -> bool:
        return bool({Role.PRODUCER, Role.SALES_MANAGER} & roles_of(self.user)) or (
            self.user.is_superuser
        )

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        counts = dict.fromkeys(Stage, 0)
        for stage in Video.objects.order_by().values_list("stage", flat=True):
            counts[Stage(stage)] += 1
        videos = reverse("planning_videos:index")
        return {
            **super().get_context_data(parent_context),
            "stages": [
                (stage_badge(stage), count, f"{videos}?stage={stage}")
                for stage, count in counts.items()
            ],
            "jobs": Job.objects.filter(
                state__in=[Job.State.QUEUED, Job.State.RUNNING]
            ).select_related("cut__video")[:5],
        }


class FiguresPanel(DeskPanel):
    """What video cost the sales budget, and what it helped to sign, in the period of today."""

    order = 50
    template_name = "desk/figures.html"

    def is_shown(self) -> bool:
        return sees_report(self.user)

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        period = Period.objects.on(timezone.localdate()).first()
        figures = budget_report(period, settings.CURRENCY).totals if period else Figures()
        since = period.starts_on if period else first_day_of_year()
        return {
            **super().get_context_data(parent_context),
            "period": period,
            "since": since,
            "figures": {
                name: shown(minor, settings.CURRENCY) for name, minor in figures._asdict().items()
            },
            "shares": figures.shares(),
            "signed": signed_since(self.own, since),
        }


def minutes_of(expert: Any, month: Month) -> Minutes:
    """The minutes of an expert that was asked for `with_minutes`."""
    return Minutes(expert, month, whole_minutes(expert.booked), expert.minutes_a_month)


def first_day_of_year() -> Any:
    """The first of January in the studio's time zone."""
    return timezone.localdate().replace(month=1, day=1)


PANELS = (WaitingPanel, OnCameraPanel, OwedMinutesPanel, PipelinePanel, FiguresPanel)


def panels_for(request: HttpRequest) -> list[DeskPanel]:
    """The panels that the signed-in user sees, in their order."""
    assert request.user.is_authenticated
    own = OwnWorld(request.user)
    return [panel for panel in (make(request, own) for make in PANELS) if panel.is_shown()]
