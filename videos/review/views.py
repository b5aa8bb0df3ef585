"""The pages of the review: what waits, and one cut with what is said of it."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views.generic import IndexView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.permission_policies import ModelPermissionPolicy

from studio.once.views import STALE, Once
from studio.people.models import User
from videos.media.models import Cut
from videos.planning.addresses import video_url
from videos.planning.stages import MoveRefused
from videos.review.access import (
    is_theirs,
    may_approve,
    may_remove,
    may_send_back,
    may_watch,
    waiting_for,
)
from videos.review.approvals import (
    Standing,
    approve,
    ask_for_changes,
    is_newer,
    may_be_approved,
    may_be_sent_back,
    newest_ready,
    refusal_of,
    standing_of,
)
from videos.review.downloads import download_of, is_approved
from videos.review.errors import NewerCut, ReviewRefused
from videos.review.forms import ChangesForm, CommentForm
from videos.review.models import Comment, Verdict

REFUSALS = (ReviewRefused, MoveRefused)


class VerdictColumn(Column):
    """The latest verdict on a cut: an icon and a word."""

    cell_template_name = "review/verdict_cell.html"


class ReviewIndexView(IndexView):
    """Every cut that can be watched; those that wait for my word stand above."""

    model = Cut
    permission_policy = ModelPermissionPolicy(Verdict)
    any_permission_required = ["view"]
    page_title = gettext_lazy("Review")
    header_icon = "glasses"
    template_name = "review/index.html"
    results_template_name = "review/index_results.html"
    index_url_name = "review:index"
    paginate_by = 25
    default_ordering = "-uploaded_at"
    columns = [
        TitleColumn("video", label=gettext_lazy("Video"), url_name="review:cut"),
        Column("number", label=gettext_lazy("Cut"), classname="review-number"),
        VerdictColumn("latest_kind", label=gettext_lazy("Verdict")),
        Column("uploaded_by", label=gettext_lazy("Uploaded by"), classname="review-wide"),
        DateColumn(
            "uploaded_at",
            label=gettext_lazy("Uploaded"),
            sort_key="uploaded_at",
            classname="review-wide",
        ),
    ]

    @cached_property
    def waiting(self) -> list[Cut]:
        return list(waiting_for(self.request.user))

    def get_base_queryset(self) -> QuerySet[Cut]:
        latest = Verdict.objects.filter(cut=OuterRef("pk"))
        return (
            Cut.objects.filter(state=Cut.State.READY)
            .exclude(pk__in=[cut.pk for cut in self.waiting])
            .select_related("video", "uploaded_by")
            .annotate(latest_kind=Subquery(latest.values("kind")[:1]))
            .order_by(F("uploaded_at").desc(), "-pk")
        )

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)
        return context | {"waiting": self.waiting, "can_add": False}


class CutView(WagtailAdminTemplateMixin, TemplateView):
    """One cut: watch it, read and say what is to be said, and give a verdict."""

    template_name = "review/cut.html"
    header_icon = "glasses"
    http_method_names = ["get", "head", "options"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may_watch(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @property
    def user(self) -> User:
        """Who is signed in; the admin lets nobody else come here."""
        assert isinstance(self.request.user, User)
        return self.request.user

    @cached_property
    def cut(self) -> Cut:
        cuts = Cut.objects.select_related("video__producer", "uploaded_by", "current_set")
        return get_object_or_404(cuts, pk=self.kwargs["pk"])

    @cached_property
    def standing(self) -> Standing:
        return standing_of(self.cut, watched=self.cut.sha256, by=self.user)

    @property
    def length(self) -> Decimal | None:
        """Seconds of the cut; unknown until it is ready."""
        return self.cut.current_set.seconds if self.cut.current_set else None

    def get_page_title(self) -> str:
        return self.cut.video.title

    def get_page_subtitle(self) -> str:
        return self.cut.title

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("review:index"), "label": _("Review")},
            {"url": "", "label": self.get_page_title(), "sublabel": self.get_page_subtitle()},
        ]

    def why_not(self) -> ValidationError | None:
        """What is in the way of an approval by who is looking, if they may give any."""
        if not may_approve(self.user, self.cut.video) or may_be_approved(self.standing):
            return None
        return refusal_of(self.cut, self.standing)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, video = self.user, self.cut.video
        has_a_say = may_send_back(user, video)
        comments = list(self.cut.comments.select_related("by"))
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
            newer=None if self.standing.newest else newest_ready(video.pk),
            can_approve=may_approve(user, video) and may_be_approved(self.standing),
            can_send_back=has_a_say and may_be_sent_back(self.standing),
            can_comment=has_a_say and self.standing.newest and self.standing.ready,
            why_not=self.why_not(),
            comments=sorted(comments, key=lambda comment: comment.seconds or Decimal(-1)),
            removable=set() if judged else {c for c in comments if is_theirs(user, c)},
            verdicts=verdicts,
            others=video.cuts.numbered().exclude(pk=self.cut.pk).order_by("-number"),
            **{
                "comment_form": CommentForm(length=self.length),
                "changes_form": ChangesForm(),
                **kwargs,
            },
        )

    def back(self, anchor: str) -> HttpResponse:
        """To the page of the cut, at what was just done."""
        return redirect(reverse("review:cut", args=[self.cut.pk]) + anchor)


class ActView(Once, CutView):
    """Something done to a cut, by POST alone. Its form shows again where it is refused."""

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
        """The page of the cut with what was typed and what is wrong with it."""
        return self.render_to_response(self.get_context_data(**{self.form_name: form}))


class CommentView(ActView):
    """Adds a comment."""

    form_name = "comment_form"

    def may_act(self) -> bool:
        return may_send_back(self.user, self.cut.video)

    def form(self) -> forms.ModelForm:
        comment = Comment(cut=self.cut, by=self.user)
        return CommentForm(self.request.POST, instance=comment, length=self.length)

    def act(self, form: forms.ModelForm) -> HttpResponse:
        newest = newest_ready(self.cut.video_id)
        if newest and is_newer(newest, self.cut):
            raise NewerCut(newest)
        comment = form.save()
        return self.back(f"#comment-{comment.pk}")


class ChangesView(ActView):
    """Asks for changes."""

    form_name = "changes_form"

    def may_act(self) -> bool:
        return may_send_back(self.user, self.cut.video)

    def form(self) -> forms.ModelForm:
        verdict = Verdict(cut=self.cut, kind=Verdict.Kind.CHANGES, by=self.user)
        return ChangesForm(self.request.POST, instance=verdict)

    def act(self, form: forms.ModelForm) -> HttpResponse:
        ask_for_changes(self.cut, by=self.user, note=form.cleaned_data["note"])
        messages.success(self.request, _("Your note is on its way to the producer."))
        return self.back("#verdicts")


class ApproveView(Once, CutView):
    """Approves the cut, by POST alone."""

    http_method_names = ["post", "options"]

    def form_url(self, request: HttpRequest) -> str:
        return reverse("review:cut", args=[self.kwargs["pk"]])

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not may_approve(request.user, self.cut.video):
            raise PermissionDenied
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


class RemoveCommentView(CutView):
    """Takes back one's own comment, by POST alone."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        comment = get_object_or_404(
            Comment.objects.select_related("cut"), pk=kwargs["comment"], cut=self.cut
        )
        if not may_remove(request.user, comment):
            raise PermissionDenied
        comment.delete()
        messages.success(request, _("Your comment is gone."))
        return self.back("#comments")
