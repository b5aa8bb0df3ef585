"""What planning adds to the admin."""

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.base import ViewSet
from wagtail.permissions import register_permission_policy

from videos.planning.access import QuestionPermissionPolicy, ShootPermissionPolicy
from videos.planning.admin import choosers
from videos.planning.admin.views.content_calendar import CalendarView
from videos.planning.admin.views.videos import StageTransitionView, VideoPanelView
from videos.planning.admin.viewsets import (
    ExpertViewSet,
    QuestionViewSet,
    ResourceViewSet,
    ShootViewSet,
    VideoViewSet,
)
from videos.planning.log_actions import register_actions
from videos.planning.models import Question, Shoot

register_permission_policy(Question, QuestionPermissionPolicy(Question))
register_permission_policy(Shoot, ShootPermissionPolicy(Shoot))
hooks.register("register_log_actions", register_actions)


@hooks.register("register_admin_viewset")
def register_viewsets() -> list[ViewSet]:
    """Questions, videos, shoots, experts, crew, places and gear; and how a video is chosen."""
    return [
        QuestionViewSet(),
        VideoViewSet(),
        ShootViewSet(),
        ExpertViewSet(),
        ResourceViewSet(),
        choosers.viewset,
    ]


@hooks.register("register_admin_urls")
def register_urls() -> list[URLPattern]:
    """The URLs of the calendar, stage transitions and panels."""
    return [
        path("calendar/", CalendarView.as_view(), name="planning_calendar"),
        path(
            "videos/stage/<int:pk>/<str:to>/",
            StageTransitionView.as_view(),
            name="planning_change_stage",
        ),
        path(
            "videos/panel/<int:pk>/<slug:anchor>/",
            VideoPanelView.as_view(),
            name="planning_video_panel",
        ),
    ]


class CalendarMenuItem(MenuItem):
    """The calendar, for those who may see videos."""

    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm("planning.view_video")


@hooks.register("register_admin_menu_item")
def register_calendar() -> MenuItem:
    """The calendar in the menu."""
    return CalendarMenuItem(
        _("Calendar"), reverse("planning_calendar"), icon_name="calendar-alt", order=120
    )


@hooks.register("insert_global_admin_css")
def planning_css() -> str:
    """Badges, steps and the calendar."""
    return format_html('<link rel="stylesheet" href="{}">', static("planning/planning.css"))
