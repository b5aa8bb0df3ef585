"""The views of videos: their list, their forms, and the page of each video."""

from collections.abc import Collection
from functools import partial
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import (
    Case,
    DateField,
    F,
    IntegerField,
    Prefetch,
    QuerySet,
    Value,
    When,
)
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.views import generic

from studio.fields import RowsFilter
from studio.once.views import Once
from studio.people.roles import Role, roles_of
from studio.ui.acts import ActView
from studio.ui.live import unless_known, version_of
from studio.ui.views import CheckedEditView, ListView, PageOfOne
from videos.planning.access import may_change_stage, may_link_questions
from videos.planning.admin.forms import CancelForm, producers
from videos.planning.admin.listed import look_up
from videos.planning.admin.panels import VideoPanel, panel_for, panels_for
from videos.planning.models import Expert, Question, Stage, StageTransition, Video
from videos.planning.next_step.actions import Action, NextStep, UserAccess
from videos.planning.next_step.loading import (
    access_of,
    next_step_of,
    pending_condition,
    prefetch_experts,
)
from videos.planning.next_step.progress import ACTIVE_STAGES, progress_steps
from videos.planning.shoots import booked_shoots
from videos.planning.stages import TRANSITIONS
from videos.planning.transitions import make_transition
from videos.planning.urls_for import video_url


class VideoFilterSet(WagtailFilterSet):
    """The filters of the list of videos."""

    stage = django_filters.MultipleChoiceFilter(
        choices=Stage.choices, widget=forms.CheckboxSelectMultiple, label=gettext_lazy("Stage")
    )
    experts = RowsFilter(
        queryset=lambda request: Expert.objects.select_related("user"),
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("Expert"),
    )
    producer = RowsFilter(
        queryset=lambda request: producers(),
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("Producer"),
    )

    class Meta:
        model = Video
        fields = ["stage", "experts", "producer"]


class VideoListView(ListView):
    """The list of videos."""

    empty_text = gettext_lazy(
        "No videos yet. Start from what buyers ask: open a question and plan a video from it, or "
        "add a video here."
    )

    def get_base_queryset(self) -> "QuerySet[Video]":
        videos: QuerySet[Video] = super().get_base_queryset()
        return videos.select_related("producer").prefetch_related(prefetch_experts())

    def order_queryset(self, queryset: "QuerySet[Video]") -> "QuerySet[Video]":
        """By default: videos that wait for somebody, by planned day; then ideas; then the rest."""
        if self.ordering:
            ordered: QuerySet[Video] = super().order_queryset(queryset)
            return ordered
        place = Case(
            When(stage=Stage.IDEA, then=Value(1)),
            When(pending_condition(), then=Value(0)),
            When(stage=Stage.PUBLISHED, then=Value(2)),
            When(stage=Stage.RETIRED, then=Value(3)),
            default=Value(4),
            output_field=IntegerField(),
        )
        due = Case(When(stage__in=ACTIVE_STAGES, then=F("planned_for")), output_field=DateField())
        return queryset.annotate(place=place, due=due).order_by(
            "place", F("due").asc(nulls_last=True), F("published_at").desc(nulls_last=True), "title"
        )

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)
        look_up(context["object_list"])
        return context


class VideoCreateView(Once, generic.CreateView):
    """Create a video. If the user is a producer, they become its producer."""

    def get_initial_form_instance(self) -> Video:
        user = self.request.user
        producer = user if Role.PRODUCER in roles_of(user) else None
        return Video(created_by=user, producer=producer)

    def get_success_url(self) -> str:
        return video_url(self.object)

    def get_success_buttons(self) -> list[Any]:
        return []


class VideoEditView(CheckedEditView):
    """Edit what is planned for a video; not its stage."""


class VideoPage(PageOfOne):
    """The page of a video, with the panels of all apps."""

    template_name = "planning/video.html"
    edit_label = gettext_lazy("Edit")

    def get_object(self, queryset: Any = None) -> Video:
        videos = Video.objects.select_related("producer", "created_by").prefetch_related(
            Prefetch("experts", Expert.objects.select_related("user")),
            Prefetch("questions", Question.objects.select_related("heard_by")),
            Prefetch("transitions", StageTransition.objects.select_related("by")),
        )
        return get_object_or_404(videos, pk=self.pk)

    @cached_property
    def shoots(self) -> list[Any]:
        """The video's booked shoots, by time."""
        experts = Prefetch("experts", Expert.objects.select_related("user"))
        return list(booked_shoots(self.object).prefetch_related(experts, "resources"))

    @cached_property
    def next_step(self) -> NextStep:
        return next_step_of(self.object)

    @cached_property
    def act(self) -> Action | None:
        """The main action of the current user."""
        return self.next_step.action_for(self.user_access)

    @cached_property
    def user_access(self) -> UserAccess:
        return access_of(self.request.user)

    @cached_property
    def panels(self) -> list[VideoPanel]:
        return list(panels_for(self.request, self.object))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        video, user = self.object, self.request.user
        transitions = list(video.transitions.all())
        tabs = [panel for panel in self.panels if not panel.is_screen]
        context: dict[str, Any] = super().get_context_data(**kwargs) | {
            "video": video,
            "next_step": self.next_step,
            "act": self.act,
            "is_my_turn": self.next_step.is_assigned_to(self.user_access),
            "screen": next((panel for panel in self.panels if panel.is_screen), None),
            "panels": tabs,
            "first_tab": first_tab(video, self.act, tabs),
            "transitions": transitions[::-1],
            "shoots": self.shoots,
            "questions": video.questions.all(),
            "experts": video.experts.all(),
            "may_edit": self.may_edit(),
            "may_see_shoots": user.has_perm("planning.view_shoot"),
            "may_see_experts": user.has_perm("planning.view_expert"),
            "may_see_questions": user.has_perm("planning.view_question"),
            "may_link_questions": may_link_questions(user),
            "live_url": reverse("planning_videos:live", args=[video.pk]),
            "version": self.version(),
        }
        for panel in self.panels:
            context["media"] = context.get("media", forms.Media()) + panel.media
        if not video.imported:
            context |= self.progress(transitions)
        return context

    def version(self) -> str:
        """Differs whenever the head of the page does."""
        video = self.object
        shown = (self.next_step, video.stage, video.title, video.planned_for, video.published_at)
        people = [*(expert.pk for expert in video.experts.all()), video.producer_id]
        return version_of(shown, people, self.act)

    def progress(self, transitions: list[Any]) -> dict[str, Any]:
        """The progress of the video, and what the user may do besides the main action."""
        video, user = self.object, self.request.user
        left = (
            transitions[-1].from_stage if transitions and video.stage == Stage.CANCELLED else None
        )
        return {
            "steps": progress_steps(
                Stage(video.stage), reached={m.to_stage: m.at for m in transitions}, left_from=left
            ),
            "may_go_back_to_idea": video.stage == Stage.PLANNED
            and may_change_stage(user, Stage.IDEA),
            "may_book_again": video.stage == Stage.SCHEDULED
            and user.has_perm("planning.add_shoot"),
            "cancel_form": self.cancel_form(),
        }

    def cancel_form(self) -> CancelForm | None:
        """The form that cancels the video, if it can be cancelled and the user may do so."""
        can_be = (Stage(self.object.stage), Stage.CANCELLED) in TRANSITIONS
        return (
            CancelForm()
            if can_be and may_change_stage(self.request.user, Stage.CANCELLED)
            else None
        )


def first_tab(video: Video, act: Action | None, panels: Collection[VideoPanel]) -> str:
    """The tab to open first: one that needs an answer, the one of the user's action, or “About”."""
    asking = next((panel.anchor for panel in panels if panel.is_asking), "")
    if asking:
        return asking
    there = act.url.rpartition("#")[2].partition("-")[0] if act and "#" in act.url else ""
    wanted = {"cut": "cuts", "public": "public-page"}.get(there, there)
    if not wanted and video.stage in (Stage.SHOT, Stage.EDITING):
        wanted = "cuts"
    return wanted if wanted in {panel.anchor for panel in panels} else "about"


class VideoLiveView(VideoPage):
    """The content of a video's page, for an open page that checks for changes."""

    http_method_names = ["get"]
    template_name = "planning/video_live.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return unless_known(request, self.version(), partial(super().get, request))


class StageTransitionView(ActView):
    """Make one of planning's stage transitions."""

    @cached_property
    def video(self) -> Video:
        return get_object_or_404(Video, pk=self.kwargs["pk"])

    @cached_property
    def to(self) -> Stage:
        if self.kwargs["to"] not in Stage.values:
            raise Http404
        return Stage(self.kwargs["to"])

    def may_act(self) -> bool:
        return may_change_stage(self.by, self.to)

    def act(self) -> str:
        make_transition(self.video.pk, self.to, by=self.by, note=self.request.POST.get("note", ""))
        told = {"title": self.video.title, "stage": self.to.label}
        return _("“%(title)s” is now: %(stage)s.") % told

    def back(self) -> str:
        return video_url(self.video)


class VideoPanelView(View):
    """The content of one panel of a video's page, for users who may see it."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest, pk: int, anchor: str) -> HttpResponse:
        if not request.user.has_perm("planning.view_video"):
            raise PermissionDenied
        panel = panel_for(request, get_object_or_404(Video, pk=pk), anchor)
        if panel is None:
            raise Http404
        answer = HttpResponse(panel.render_html({"request": request}))
        answer["Cache-Control"] = "private, no-store"
        return answer
