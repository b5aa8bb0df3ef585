"""The page of a cut, with comments and verdicts, and the actions on it."""

from contextlib import suppress
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.auth.mixins import UserPassesTestMixin
from django.contrib.messages import get_messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from studio import ranges
from studio.once.views import STALE, Once
from studio.people.models import User
from videos.media.delivery.attachments import download_of
from videos.media.models import Cut
from videos.media.timecodes import time_code
from videos.planning.stages import TransitionRefused
from videos.planning.urls_for import video_url
from videos.review.access import (
    is_theirs,
    may_approve,
    may_mark,
    may_remove,
    may_send_back,
    may_watch,
)
from videos.review.admin.forms import ChangesForm, CommentForm
from videos.review.admin.views.download import is_approved
from videos.review.approvals import (
    ApprovalState,
    approval_state,
    approve,
    ask_for_changes,
    is_newer,
    may_be_approved,
    may_be_sent_back,
    newest_ready_cut,
    refusal_for,
)
from videos.review.comments import mark_done, open_before, reopen
from videos.review.errors import NewerCut, ReviewRefused
from videos.review.models import Comment, Verdict
from videos.review.playback import add_played_ranges, is_watched, played_by, ranges_of

# The parts of a cut's page that its script renews, and their templates
PARTS = {
    "open": "review/open_comments.html",
    "form": "review/comment_form.html",
    "comments": "review/comments.html",
}

REFUSALS = (ReviewRefused, TransitionRefused)


class CutView(UserPassesTestMixin, WagtailAdminTemplateMixin, TemplateView):
    """The page of a cut, to watch it, comment on it, and approve it or request changes."""

    template_name = "review/cut.html"
    header_icon = "glasses"
    http_method_names = ["get", "head", "options"]

    def test_func(self) -> bool:
        return may_watch(self.request.user)

    @property
    def user(self) -> User:
        """The signed-in user; the admin requires one."""
        assert isinstance(self.request.user, User)
        return self.request.user

    @cached_property
    def cut(self) -> Cut:
        cuts = Cut.objects.select_related("video__producer", "uploaded_by", "current_set")
        return get_object_or_404(cuts, pk=self.kwargs["pk"])

    @cached_property
    def standing(self) -> ApprovalState:
        return approval_state(self.cut, watched=self.cut.sha256, by=self.user)

    @property
    def length(self) -> Decimal | None:
        """The length in seconds; None until the cut is ready."""
        return self.cut.current_set.seconds if self.cut.current_set else None

    def get_page_title(self) -> str:
        return self.cut.video.title

    def get_page_subtitle(self) -> str:
        return self.cut.title

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("review_cuts:index"), "label": _("Review")},
            {"url": "", "label": self.get_page_title(), "sublabel": self.get_page_subtitle()},
        ]

    def why_not(self) -> ValidationError | None:
        """Why the user cannot approve this cut; None if they can, or may approve none at all."""
        if not may_approve(self.user, self.cut.video) or may_be_approved(self.standing):
            return None
        return refusal_for(self.cut, self.standing)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, video = self.user, self.cut.video
        has_a_say = may_send_back(user, video)
        comments = list(self.cut.comments.select_related("by", "done_by"))
        comments.sort(key=lambda comment: comment.seconds or Decimal(-1))
        verdicts = list(Verdict.objects.filter(cut__video=video).select_related("by", "cut"))
        judged = any(verdict.cut_id == self.cut.pk for verdict in verdicts)
        return super().get_context_data(
            cut=self.cut,
            video=video,
            set=self.cut.current_set,
            video_url=video_url(video),
            captions=self.cut.captions.with_words(),
            experts=video.experts.select_related("user"),
            questions=video.questions.select_related("heard_by"),
            has_download=bool(download_of(self.cut)) and is_approved(self.cut),
            newer=None if self.standing.newest else newest_ready_cut(video.pk),
            can_approve=may_approve(user, video) and may_be_approved(self.standing),
            can_send_back=has_a_say and may_be_sent_back(self.standing),
            can_comment=has_a_say and self.standing.newest and self.standing.ready,
            why_not=self.why_not(),
            open_comments=[comment for comment in comments if comment.done_at is None],
            done_comments=[comment for comment in comments if comment.done_at],
            open_before=open_before(self.cut),
            markable=set(comments) if has_a_say else {c for c in comments if c.by_id == user.pk},
            removable=set() if judged else {c for c in comments if is_theirs(user, c)},
            verdicts=verdicts,
            others=video.cuts.numbered().exclude(pk=self.cut.pk).order_by("-number"),
            **{
                "comment_form": CommentForm(length=self.length),
                "changes_form": ChangesForm(),
                **kwargs,
            },
        )

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """The page, or as JSON for its script: the parts that change with the comments."""
        response: HttpResponse
        if self.request.headers.get("Accept") == "application/json":
            parts = {
                name: render_to_string(template, context, self.request)
                for name, template in PARTS.items()
            }
            said = [str(message).strip() for message in get_messages(self.request)]
            refused = self.request.method == "POST"  # what was done leads back here by GET
            response = JsonResponse({"parts": parts, "said": said, "refused": refused})
        else:
            response = super().render_to_response(context, **kwargs)
        patch_vary_headers(response, ["Accept"])
        return response

    def back(self, anchor: str) -> HttpResponse:
        """A redirect to the page of the cut, to what has just changed."""
        return redirect(reverse("review_cuts:cut", args=[self.cut.pk]) + anchor)


class ActView(Once, CutView):
    """An action on a cut, by POST only. If it is refused, its form is shown again."""

    http_method_names = ["post", "options"]
    form_name = ""

    def form(self) -> forms.ModelForm:
        raise NotImplementedError

    def may_act(self) -> bool:
        raise NotImplementedError

    def act(self, form: forms.ModelForm) -> HttpResponse:
        raise NotImplementedError

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not self.may_act():
            raise PermissionDenied
        form = self.form()
        if form.is_valid():
            try:
                return self.act(form)
            except REFUSALS as refusal:
                form.add_error(None, refusal)
        return self.form_again(form)

    def stale(self, request: HttpRequest) -> HttpResponse:
        if not self.may_act():
            raise PermissionDenied
        form = self.form()
        form.add_error(None, STALE)
        return self.form_again(form)

    def form_again(self, form: forms.ModelForm) -> HttpResponse:
        """The page of the cut with the form and its errors."""
        return self.render_to_response(self.get_context_data(**{self.form_name: form}))


class CommentView(ActView):
    """Add a comment."""

    form_name = "comment_form"

    def may_act(self) -> bool:
        return may_send_back(self.user, self.cut.video)

    def form(self) -> forms.ModelForm:
        comment = Comment(cut=self.cut, by=self.user)
        return CommentForm(self.request.POST, instance=comment, length=self.length)

    def act(self, form: forms.ModelForm) -> HttpResponse:
        newest = newest_ready_cut(self.cut.video_id)
        if newest and is_newer(newest, self.cut):
            raise NewerCut(newest)
        comment = form.save()
        messages.success(self.request, _("Your comment was added."))
        return self.back(f"#comment-{comment.pk}")


class ChangesView(ActView):
    """Request changes."""

    form_name = "changes_form"

    def may_act(self) -> bool:
        return may_send_back(self.user, self.cut.video)

    def form(self) -> forms.ModelForm:
        verdict = Verdict(cut=self.cut, kind=Verdict.Kind.CHANGES, by=self.user)
        return ChangesForm(self.request.POST, instance=verdict)

    def act(self, form: forms.ModelForm) -> HttpResponse:
        ask_for_changes(self.cut, by=self.user, note=form.cleaned_data["note"])
        messages.success(self.request, _("Your note was sent to the producer."))
        return self.back("#verdicts")


class ApproveView(Once, CutView):
    """Approve the cut, by POST only. Asks for confirmation if the user has not watched all of it.

    Sending `unwatched` confirms.
    """

    http_method_names = ["post", "options"]
    question_template_name = "review/approve_unwatched.html"

    def form_url(self, request: HttpRequest) -> str:
        return reverse("review_cuts:cut", args=[self.kwargs["pk"]])

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not may_approve(request.user, self.cut.video):
            raise PermissionDenied
        played = self.take_in_played()
        is_known = "unwatched" in request.POST or is_watched(played, self.length)
        if not is_known and may_be_approved(self.standing):
            return self.ask_once_more(played)
        try:
            approve(self.cut, by=self.user)
        except REFUSALS as refusal:
            self.is_refused = True
            messages.error(request, refusal.messages[0])
        else:
            messages.success(
                request, _("“%(cut)s” is approved and can be published.") % {"cut": self.cut}
            )
        return self.back("#verdicts")

    def take_in_played(self) -> list[ranges.Range]:
        """Store the ranges in the form, if they are valid; return all that the user played."""
        with suppress(ValueError):
            add_played_ranges(
                self.cut, ranges_of(self.request.POST.get("played", "")), by=self.user
            )
        return played_by(self.user, self.cut)

    def ask_once_more(self, played: list[ranges.Range]) -> HttpResponse:
        """The page that asks for confirmation, with how much of the cut the user played."""
        self.template_name = self.question_template_name
        context = self.get_context_data(
            played=time_code(ranges.seconds(played)) if played else "",
            all=time_code(self.length or Decimal(0)),
        )
        return self.render_to_response(context)


class PlayedView(CutView):
    """Store the ranges that the player of the page played, by POST only."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            add_played_ranges(self.cut, ranges_of(request.POST.get("played", "")), by=self.user)
        except ValueError:
            return HttpResponse(status=400)
        return HttpResponse(status=204)


class MarkCommentView(CutView):
    """Mark a comment as done, or reopen it, by POST only. Doing so twice changes nothing."""

    http_method_names = ["post", "options"]
    done = True

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        comments = Comment.objects.select_related("cut__video")
        comment = get_object_or_404(comments, pk=kwargs["comment"], cut=self.cut)
        if not may_mark(request.user, comment):
            raise PermissionDenied
        if self.done:
            mark_done(comment, by=self.user)
            messages.success(request, _("The comment is marked as done."))
        else:
            reopen(comment, by=self.user)
            messages.success(request, _("The comment is open again."))
        return self.back(f"#comment-{comment.pk}")


class RemoveCommentView(CutView):
    """Remove one's own comment, by POST only."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        comment = get_object_or_404(
            Comment.objects.select_related("cut"), pk=kwargs["comment"], cut=self.cut
        )
        if not may_remove(request.user, comment):
            raise PermissionDenied
        comment.delete()
        messages.success(request, _("Your comment was removed."))
        return self.back("#comments")
