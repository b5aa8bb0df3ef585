"""The views to hand in questions, list them and plan videos from them."""

from typing import Any

import django_filters
from django import forms
from django.contrib.auth.mixins import UserPassesTestMixin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views import View
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.views import generic
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.log_actions import log

from studio.fields import RowsFilter
from studio.once.views import Once
from studio.people.models import User
from studio.people.roles import Role, roles_of
from studio.ui.views import CheckedEditView, ListView, PageOfOne
from videos.planning.access import may_link_questions, may_plan_from_question, signed_in
from videos.planning.admin.forms import LinkQuestionForm
from videos.planning.models import Question, Video
from videos.planning.urls_for import question_url, video_url


class QuestionFilterSet(WagtailFilterSet):
    """The filters of the list of questions."""

    answered = django_filters.ChoiceFilter(
        label=gettext_lazy("Answered by a video"),
        choices=[("no", gettext_lazy("Not yet")), ("yes", gettext_lazy("Yes"))],
        method="filter_answered",
        widget=forms.RadioSelect,
        empty_label=gettext_lazy("All"),
    )
    heard_by = RowsFilter(
        queryset=lambda request: User.objects.filter(questions__isnull=False).distinct(),
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("Heard by"),
    )
    heard_on = django_filters.DateFromToRangeFilter(
        widget=DateRangePickerWidget, label=gettext_lazy("Heard on")
    )

    class Meta:
        model = Question
        fields = ["answered", "heard_by", "heard_on"]

    def filter_answered(
        self, questions: "QuerySet[Question]", name: str, value: str
    ) -> "QuerySet[Question]":
        return questions.filter(video__isnull=value == "no")


class QuestionListView(ListView):
    """The list of questions."""

    add_item_label = gettext_lazy("New question")
    empty_text = gettext_lazy(
        "No questions yet. After your next call, write down what the buyer asked, in their words: "
        "every video starts there."
    )

    def get_base_queryset(self) -> "QuerySet[Question]":
        questions: QuerySet[Question] = super().get_base_queryset()
        return questions.select_related("heard_by", "video")


class QuestionCreateView(Once, generic.CreateView):
    """Hand in a question. By default, the signed-in user heard it."""

    success_message = gettext_lazy("Thank you. Your question was added.")
    submit_button_label = gettext_lazy("Hand in")
    submit_button_active_label = gettext_lazy("Handing in…")

    def get_initial_form_instance(self) -> Question:
        return Question(heard_by=signed_in(self.request))

    def get_success_buttons(self) -> list[Any]:
        return [messages.button(question_url(self.object), pgettext("button", "Open"))]


class QuestionEditView(CheckedEditView):
    """Edit a question."""


class QuestionPage(PageOfOne):
    """One question, and the video that answers it."""

    template_name = "planning/question.html"

    def get_object(self, queryset: Any = None) -> Question:
        questions = Question.objects.select_related("heard_by", "video")
        return get_object_or_404(questions, pk=self.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {
            "question": self.object,
            "may_plan": self.object.video is None and may_plan_from_question(user),
            "may_link": may_link_questions(user),
        }


class PlanVideoView(View):
    """Create a video that answers a question, by POST."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = signed_in(request)
        if not may_plan_from_question(user):
            raise PermissionDenied
        with transaction.atomic():
            question = get_object_or_404(Question.objects.select_for_update(), pk=pk)
            if video := question.video:
                messages.warning(request, _("This video already answers the question."))
            else:
                video = self.plan(question, user)
                messages.success(request, _("This is the video that will answer the question."))
        return redirect(video_url(video))

    def plan(self, question: Question, user: User) -> Video:
        producer = user if Role.PRODUCER in roles_of(user) else None
        title = Truncator(" ".join(question.text.split())).chars(255)
        video = Video.objects.create(title=title, created_by=user, producer=producer)
        question.video = video
        question.save(update_fields=["video"])
        log(video, "wagtail.create", user=user)
        log(question, "wagtail.edit", user=user)
        return video


class LinkQuestionView(UserPassesTestMixin, WagtailAdminTemplateMixin, FormView):
    """Set which video answers a question, if any."""

    form_class = LinkQuestionForm
    template_name = "ui/form.html"
    page_title = gettext_lazy("Link to a video")
    header_icon = "link"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.question = get_object_or_404(Question, pk=kwargs["pk"])

    def test_func(self) -> bool:
        return may_link_questions(self.request.user)

    def get_page_subtitle(self) -> str:
        return str(self.question)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": question_url(self.question), "label": str(self.question)},
            {"url": "", "label": self.get_page_title()},
        ]

    def get_initial(self) -> dict[str, Any]:
        return {"video": self.question.video_id}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {
            "action_url": self.request.path,
            "submit_button_label": _("Save"),
            "submit_button_active_label": _("Saving…"),
            "media": context["form"].media,
        }

    def form_valid(self, form: LinkQuestionForm) -> HttpResponse:
        self.question.video = form.cleaned_data["video"]
        self.question.save(update_fields=["video"])
        log(self.question, "wagtail.edit", user=self.request.user)
        return redirect(question_url(self.question))
