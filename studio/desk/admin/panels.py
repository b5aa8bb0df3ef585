"""Panels of the home page: the user's tasks first, then those of the user's role."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.db.models import Count
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from wagtail.admin.ui.components import Component

from budgets.access import may_see_report
from budgets.models import Period
from budgets.report import Figures, budget_totals
from studio.desk.checklist import Step, is_finished, is_on_home_page, next_of, steps
from studio.desk.signed import OwnReport, signed_since
from studio.desk.waiting import waiting_for
from studio.formats.money import shown
from studio.people.roles import Role, roles_of
from studio.ui.live import version_of
from videos.audience.links import recently_watched
from videos.media.models import Job
from videos.planning.access import expert_of
from videos.planning.admin.badges import stage_badge
from videos.planning.minutes import Minutes
from videos.planning.models import Expert, Stage, Video
from videos.planning.months import Month, whole_minutes


class DeskPanel(Component):
    """A panel of the home page; `is_shown` says whether the user sees it.

    A panel that sums up won deals says since which day in `since`, and gets them from `own`.
    """

    order = 100
    own: OwnReport  # by `panels_for`

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.user: Any = request.user

    def is_shown(self) -> bool:
        return True

    @property
    def since(self) -> dt.date | None:
        """The first day of the won deals that it sums up; None where it sums up none."""
        return None

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        return {"request": self.request, "user": self.user}


class WaitingPanel(DeskPanel):
    """The user's tasks."""

    order = 10
    template_name = "desk/waiting.html"

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        return {
            **super().get_context_data(parent_context),
            "csrf_token": get_token(self.request),  # components are rendered without the request
            **waiting_context(self.user),
        }


def waiting_context(user: Any) -> dict[str, Any]:
    """Return the context of the task panel; `version` changes with its content."""
    waiting = waiting_for(user)
    return {
        "waiting": waiting,
        "first_steps": first_steps(user),
        "version": version_of(waiting),
    }


def first_steps(user: Any) -> list[tuple[str, str]]:
    """Return suggestions (label, URL) for users without tasks."""
    steps = [
        ("planning.add_question", _("Hand in a buyer's question"), "planning_questions:add"),
        ("audience.add_sharelink", _("Send a video to a prospect"), "audience_share_links:add"),
        ("budgets.view_report", _("See the sales budget"), "budgets_report"),
        ("deals.view_influence", _("See what the videos helped to sign"), "deals_influence"),
    ]
    return [(text, reverse(name)) for permission, text, name in steps if user.has_perm(permission)]


class OnCameraPanel(DeskPanel):
    """An expert's month: minutes on camera, watched links, influenced deals."""

    order = 20
    template_name = "desk/on_camera.html"

    def is_shown(self) -> bool:
        return Role.EXPERT in roles_of(self.user) or expert_of(self.user) is not None

    @property
    def since(self) -> dt.date:
        """The first of January in the studio's time zone."""
        return first_day_of_year()

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        month = Month.of(timezone.localdate())
        mine = Expert.objects.filter(user=self.user, active=True).with_minutes(*month).first()
        return {
            **super().get_context_data(parent_context),
            "month": month,
            "minutes": minutes_of(mine, month) if mine else None,
            "watched": recently_watched(self.user),
            "signed": signed_since(self.own, self.since),
        }


class OwedMinutesPanel(DeskPanel):
    """Experts with promised minutes left this month."""

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
    """The number of videos in each stage, and the jobs in progress."""

    order = 40
    template_name = "desk/pipeline.html"

    def is_shown(self) -> bool:
        return bool({Role.PRODUCER, Role.SALES_MANAGER} & roles_of(self.user)) or (
            self.user.is_superuser
        )

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        found = Video.objects.order_by().values_list("stage").annotate(Count("pk"))
        counts = dict.fromkeys(Stage, 0) | {Stage(stage): number for stage, number in found}
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
    """What videos cost and influenced in the current period."""

    order = 50
    template_name = "desk/figures.html"

    def is_shown(self) -> bool:
        return may_see_report(self.user)

    @cached_property
    def period(self) -> Period | None:
        """The fiscal period of today."""
        return Period.objects.on(timezone.localdate()).first()

    @property
    def since(self) -> dt.date:
        """The first day of the period; of the year, where there is none."""
        return self.period.starts_on if self.period else first_day_of_year()

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        period = self.period
        figures = budget_totals(period, settings.CURRENCY) if period else Figures()
        return {
            **super().get_context_data(parent_context),
            "period": period,
            "since": self.since,
            "figures": {
                name: shown(minor, settings.CURRENCY) for name, minor in figures._asdict().items()
            },
            "shares": figures.shares(),
            "signed": signed_since(self.own, self.since),
        }


def first_day_of_year() -> dt.date:
    """The first of January in the studio's time zone."""
    return timezone.localdate().replace(month=1, day=1)


def minutes_of(expert: Any, month: Month) -> Minutes:
    """The minutes of an expert annotated by `with_minutes`."""
    return Minutes(expert, month, whole_minutes(expert.booked), expert.minutes_a_month)


class ChecklistPanel(DeskPanel):
    """The set-up checklist, for administrators, until it is complete or dismissed."""

    order = 5
    template_name = "desk/checklist.html"

    @cached_property
    def steps(self) -> list[Step]:
        return steps()

    def is_shown(self) -> bool:
        return is_on_home_page(self.user) and not is_finished(self.steps)

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        return {
            **super().get_context_data(parent_context),
            "steps": self.steps,
            "next": next_of(self.steps),
            "done": sum(step.done for step in self.steps),
        }


PANELS = (
    ChecklistPanel,
    WaitingPanel,
    OnCameraPanel,
    OwedMinutesPanel,
    PipelinePanel,
    FiguresPanel,
)


def panels_for(request: HttpRequest) -> list[DeskPanel]:
    """Return the panels that the user sees, in order."""
    assert request.user.is_authenticated
    shown = [panel for panel in (make(request) for make in PANELS) if panel.is_shown()]
    if days := [panel.since for panel in shown if panel.since]:
        own = OwnReport(request.user, min(days))
        for panel in shown:
            panel.own = own
    return shown
