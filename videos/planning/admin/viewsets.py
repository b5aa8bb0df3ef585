"""The viewsets of planning: lists, forms and pages."""

from typing import Any

from django.urls import URLPattern, path
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import TitleColumn
from wagtail.admin.viewsets.model import ModelViewSet

from studio.changes import keep_on_record
from studio.ui.badges import Badge
from studio.ui.tables import BadgeColumn, DayColumn, LabelledColumn, PictureTitleColumn
from studio.ui.usage import UsageView
from videos.planning.admin.badges import StageColumn, shoot_badge_now
from videos.planning.admin.forms import ExpertForm, QuestionForm, ShootForm, VideoForm
from videos.planning.admin.views import experts, questions, shoots, videos
from videos.planning.errors import shoot_time
from videos.planning.models import Expert, Question, Resource, Shoot, Video
from videos.planning.urls_for import expert_url, question_url, shoot_url, video_url


def names(rows: Any) -> str:
    """The names of the rows, with “and” before the last."""
    return get_text_list([str(row) for row in rows], _("and"))


keep_on_record(Video, "duration_seconds", "published_at")


class VideoLinkColumn(LabelledColumn):
    """The video that answers a question."""

    cell_template_name = "planning/video_cell.html"


class NextStepColumn(LabelledColumn):
    """What a video is waiting for."""

    cell_template_name = "planning/next_cell.html"


def active_badge(row: Expert | Resource) -> Badge:
    """The badge of an expert or a resource: whether it can be booked."""
    if row.active:
        return Badge(gettext_lazy("Active"), "check", "good")
    return Badge(gettext_lazy("Inactive"), "no-view", "quiet")


ACTIVE = BadgeColumn("active", label=gettext_lazy("State"), accessor=active_badge)


class PlanningViewSet(ModelViewSet):
    """What planning's viewsets have in common: no copy view."""

    add_to_admin_menu = True
    copy_view_enabled = False
    inspect_view_enabled = True
    inspect_view_fields = ["pk"]
    list_per_page = 30
    usage_view_class = UsageView


class QuestionViewSet(PlanningViewSet):
    """The questions of buyers."""

    model = Question
    url_prefix = "questions"
    url_namespace = "planning_questions"
    icon = "openquote"
    menu_order = 100
    index_view_class = questions.QuestionListView
    add_view_class = questions.QuestionCreateView
    create_template_name = "once/create.html"
    edit_view_class = questions.QuestionEditView
    inspect_view_class = questions.QuestionPage
    filterset_class = questions.QuestionFilterSet
    search_fields = ["text", "heard_at", "video__title"]
    list_display = [
        TitleColumn("text", label=gettext_lazy("Question"), accessor=str, get_url=question_url),
        VideoLinkColumn("video", label=gettext_lazy("Answered by")),
        LabelledColumn("heard_by", label=gettext_lazy("Heard by"), sort_key="heard_by__first_name"),
        LabelledColumn("heard_at", label=gettext_lazy("Where")),
        DayColumn("heard_on", label=gettext_lazy("When"), sort_key="heard_on"),
    ]

    def get_form_class(self, for_update: bool = False) -> type:
        return QuestionForm

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("plan/<int:pk>/", questions.PlanVideoView.as_view(), name="plan_video"),
            path("link/<int:pk>/", questions.LinkQuestionView.as_view(), name="link"),
        ]


class VideoViewSet(PlanningViewSet):
    """The entries of the content calendar."""

    model = Video
    url_prefix = "videos"
    url_namespace = "planning_videos"
    icon = "media"
    menu_order = 110
    index_view_class = videos.VideoListView
    add_view_class = videos.VideoCreateView
    create_template_name = "once/create.html"
    edit_view_class = videos.VideoEditView
    inspect_view_class = videos.VideoPage
    filterset_class = videos.VideoFilterSet
    search_fields = ["title", "summary", "questions__text"]
    list_display = [
        PictureTitleColumn(
            "title", label=gettext_lazy("Title"), get_url=video_url, sort_key="title"
        ),
        StageColumn("stage", label=gettext_lazy("Stage"), sort_key="stage"),
        NextStepColumn("next_step", label=gettext_lazy("What comes next")),
        LabelledColumn(
            "experts",
            label=gettext_lazy("Experts"),
            accessor=lambda video: names(video.experts.all()),
        ),
        DayColumn("planned_for", label=gettext_lazy("Planned for"), sort_key="planned_for"),
        LabelledColumn("producer", label=gettext_lazy("Producer"), sort_key="producer__first_name"),
    ]

    def get_form_class(self, for_update: bool = False) -> type:
        return VideoForm

    def get_urlpatterns(self) -> list[URLPattern]:
        page = self.get_inspect_view_kwargs() | {"template_name": "planning/video_live.html"}
        live = self.construct_view(videos.VideoLiveView, **page)
        return [*super().get_urlpatterns(), path("live/<int:pk>/", live, name="live")]


class ShootViewSet(PlanningViewSet):
    """The shoots."""

    model = Shoot
    url_prefix = "shoots"
    url_namespace = "planning_shoots"
    icon = "calendar-check"
    menu_order = 130
    ordering = "starts_at"
    index_view_class = shoots.ShootListView
    add_view_class = shoots.BookShootView
    edit_view_class = shoots.ChangeShootView
    inspect_view_class = shoots.ShootPage
    filterset_class = shoots.ShootFilterSet
    search_fields = ["videos__title", "note"]
    list_display = [
        TitleColumn(
            "starts_at",
            label=gettext_lazy("When"),
            accessor=shoot_time,
            get_url=shoot_url,
            sort_key="starts_at",
        ),
        LabelledColumn(
            "videos",
            label=gettext_lazy("Videos"),
            accessor=lambda shoot: names(shoot.videos.all()),
        ),
        LabelledColumn(
            "experts",
            label=gettext_lazy("Experts"),
            accessor=lambda shoot: names(shoot.experts.all()),
        ),
        LabelledColumn(
            "resources",
            label=gettext_lazy("Crew, place and gear"),
            accessor=lambda shoot: names(shoot.resources.all()),
        ),
        BadgeColumn("state", label=gettext_lazy("State"), accessor=shoot_badge_now),
    ]

    def get_form_class(self, for_update: bool = False) -> type:
        return ShootForm

    def get_urlpatterns(self) -> list[URLPattern]:
        kept = [url for url in super().get_urlpatterns() if url.name != "delete"]
        cancel = shoots.CancelShootView.as_view()
        return [*kept, path("cancel/<int:pk>/", cancel, name="cancel")]


class ExpertViewSet(PlanningViewSet):
    """The experts on camera."""

    model = Expert
    url_prefix = "experts"
    url_namespace = "planning_experts"
    icon = "group"
    menu_order = 140
    index_view_class = experts.ExpertListView
    edit_view_class = experts.ExpertEditView
    inspect_view_class = experts.ExpertPage
    list_filter = ["active"]
    search_fields = ["user__first_name", "user__last_name", "user__email", "topics"]
    list_display = [
        TitleColumn("user", label=gettext_lazy("Expert"), accessor=str, get_url=expert_url),
        LabelledColumn("topics", label=gettext_lazy("Knows about")),
        experts.MinutesColumn(
            "minutes", label=gettext_lazy("Booked this month"), classname="ui-number"
        ),
        ACTIVE,
    ]

    def get_form_class(self, for_update: bool = False) -> type:
        return ExpertForm


class ResourceViewSet(PlanningViewSet):
    """Crew, places and gear. They are in the settings menu because they seldom change."""

    model = Resource
    url_prefix = "resources"
    url_namespace = "planning_resources"
    icon = "cogs"
    add_to_admin_menu = False
    add_to_settings_menu = True
    menu_label = gettext_lazy("Crew, places and gear")
    menu_order = 300
    inspect_view_enabled = False
    index_view_class = experts.ResourceListView
    edit_view_class = experts.ResourceEditView
    form_fields = ["kind", "name", "active"]
    list_filter = ["kind", "active"]
    search_fields = ["name"]
    list_display = [
        "name",
        LabelledColumn(
            "kind", label=gettext_lazy("Kind"), accessor="get_kind_display", sort_key="kind"
        ),
        ACTIVE,
    ]
