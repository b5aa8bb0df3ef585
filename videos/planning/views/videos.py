"""The videos: their list, their forms, and the one page of a video."""

from typing import Any

import django_filters
from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.views import generic

from studio.fields import RowsFilter
from studio.once.views import Once
from studio.people.roles import Role, roles_of
from videos.planning.access import may_link_questions, may_move, signed_in
from videos.planning.addresses import video_url
from videos.planning.errors import when
from videos.planning.forms import CancelForm, producers
from videos.planning.models import Expert, Move, Question, Stage, Video
from videos.planning.moves import move_on, ready_to_be_shot, ready_to_plan
from videos.planning.next_step import NEXT_ROOM, steps, waits_for
from videos.planning.panels import panel_for, panels_for
from videos.planning.shoots import booked_shoots
from videos.planning.stages import MOVES, MoveRefused
from videos.planning.views.generic import CheckedEditView, ListView, PageOfOne


class VideoFilterSet(WagtailFilterSet):
    """Narrows the list of videos."""

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
    """Every video, dense, with where it stands."""

    empty_text = gettext_lazy(
        "No videos yet. Start from what buyers ask: open a question and plan a video from it, or "
        "add a video here."
    )

    def get_base_queryset(self) -> "QuerySet[Video]":
        videos: QuerySet[Video] = super().get_base_queryset()
        return videos.select_related("producer").prefetch_related("experts__user")


class VideoCreateView(Once, generic.CreateView):
    """A new video, an idea; whoever makes it is its producer if that is their role."""

    def get_initial_form_instance(self) -> Video:
        user = self.request.user
        producer = user if Role.PRODUCER in roles_of(user) else None
        return Video(created_by=user, producer=producer)

    def get_success_url(self) -> str:
        return video_url(self.object)

    def get_success_buttons(self) -> list[Any]:
        return []


class VideoEditView(CheckedEditView):
    """What is planned about a video. Its stage changes elsewhere."""


class VideoPage(PageOfOne):
    """Where one video is followed from a question to the deals it helped to sign."""

    template_name = "planning/video.html"
    edit_label = gettext_lazy("Edit")

    def get_object(self, queryset: Any = None) -> Video:
        videos = Video.objects.select_related("producer", "created_by").prefetch_related(
            Prefetch("experts", Expert.objects.select_related("user")),
            Prefetch("questions", Question.objects.select_related("heard_by")),
            Prefetch("moves", Move.objects.select_related("by")),
        )
        return get_object_or_404(videos, pk=self.pk)

    @cached_property
    def shoots(self) -> list[Any]:
        """The video's booked shoots, by time."""
        experts = Prefetch("experts", Expert.objects.select_related("user"))
        return list(booked_shoots(self.object).prefetch_related(experts, "resources"))

    @cached_property
    def missing(self) -> str | None:
        """What an idea lacks to be planned."""
        return ready_to_plan(self.object) if self.object.stage == Stage.IDEA else None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        video, user = self.object, self.request.user
        panels = list(panels_for(self.request, video))
        moves = list(video.moves.all())
        context: dict[str, Any] = super().get_context_data(**kwargs) | {
            "video": video,
            "panels": panels,
            "moves": moves[::-1],
            "shoots": self.shoots,
            "questions": video.questions.all(),
            "experts": video.experts.all(),
            "may_edit": self.may_edit(),
            "may_see_shoots": user.has_perm("planning.view_shoot"),
            "may_see_experts": user.has_perm("planning.view_expert"),
            "may_see_questions": user.has_perm("planning.view_question"),
            "may_link_questions": may_link_questions(user),
        }
        for panel in panels:
            context["media"] = context.get("media", forms.Media()) + panel.media
        if not video.imported:
            context |= self.progress(panels, moves)
        return context

    def progress(self, panels: list[Any], moves: list[Any]) -> dict[str, Any]:
        """The line of steps, what is waited for, and what the user may do about it."""
        video, user = self.object, self.request.user
        coming = next((s for s in self.shoots if s.starts_at > timezone.now()), None)
        room = NEXT_ROOM.get(video.stage)
        left = moves[-1].was if moves and video.stage == Stage.CANCELLED else None
        return {
            "steps": steps(
                Stage(video.stage), reached={m.now: m.at for m in moves}, left_from=left
            ),
            "waits_for": waits_for(
                Stage(video.stage),
                experts=[str(expert) for expert in video.experts.all()],
                producer=str(video.producer or ""),
                shoot=when(coming) if coming and self.is_yet_to_be_shot else "",
                missing=self.missing,
            ),
            "because": moves[-1].note if left else "",
            "waiting_panel": next((p for p in panels if room and p.room == room), None),
            "main_act": self.main_act(),
            "may_go_back_to_idea": video.stage == Stage.PLANNED and may_move(user, Stage.IDEA),
            "may_book_again": video.stage == Stage.SCHEDULED
            and user.has_perm("planning.add_shoot"),
            "cancel_form": self.cancel_form(),
        }

    @cached_property
    def is_yet_to_be_shot(self) -> bool:
        return ready_to_be_shot(self.object) is not None

    def main_act(self) -> dict[str, Any] | None:
        """The next step that is planning's, if this user may make it."""
        video, user = self.object, self.request.user

        def post(to: Stage, label: str) -> dict[str, Any] | None:
            url = reverse("planning_move", args=[video.pk, to])
            return {"url": url, "label": label, "post": True} if may_move(user, to) else None

        if video.stage == Stage.IDEA:
            if self.missing and self.may_edit():
                return {"url": self.get_edit_url(), "label": _("Add what is missing")}
            return None if self.missing else post(Stage.PLANNED, _("Plan this video"))
        if video.stage == Stage.GREENLIT and user.has_perm("planning.add_shoot"):
            url = f"{reverse('planning_shoots:add')}?video={video.pk}"
            return {"url": url, "label": _("Book a shoot")}
        if video.stage == Stage.SCHEDULED and not self.is_yet_to_be_shot:
            return post(Stage.SHOT, _("Mark as shot"))
        if video.stage == Stage.SHOT:
            return post(Stage.EDITING, _("Start editing"))
        return None

    def cancel_form(self) -> CancelForm | None:
        """The form that cancels the video, if this user may and it can be."""
        can_be = (Stage(self.object.stage), Stage.CANCELLED) in MOVES
        return CancelForm() if can_be and may_move(self.request.user, Stage.CANCELLED) else None


class PlanningMoveView(View):
    """Makes one of planning's moves, by POST."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int, to: str) -> HttpResponse:
        video = get_object_or_404(Video, pk=pk)
        if to not in Stage.values:
            raise Http404
        stage = Stage(to)
        if not may_move(request.user, stage):
            raise PermissionDenied
        try:
            move_on(video.pk, stage, by=signed_in(request), note=request.POST.get("note", ""))
        except MoveRefused as refusal:
            messages.error(request, refusal.messages[0])
        else:
            text = _("“%(title)s” is now: %(stage)s.")
            params = {"title": video.title, "stage": stage.label}
            messages.success(request, text % params)
        return redirect(video_url(video))


class VideoPanelView(View):
    """The inside of one panel of a video's page, for those who see it there."""

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
