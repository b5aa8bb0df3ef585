"""The page “Cuts” with the queue, and the actions on cuts."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.contrib.auth.mixins import UserPassesTestMixin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views import View
from django.views.generic import ListView
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from studio.ui.acts import ActView
from videos.media.access import may_end_any_upload, may_see_cuts, may_upload
from videos.media.admin.presenters import CutRow, in_order, places, shown, shown_to, with_rows
from videos.media.jobs.actions import cancel, prioritise, retry
from videos.media.models import Cut, Job
from videos.media.uploads.intake import cancellable_uploads
from videos.planning.urls_for import video_url


class Tab(NamedTuple):
    """A tab of the page. `empty` is the help text for an empty list."""

    label: Any
    wanted: Q
    empty: Any


# Cuts with open work are found by their state, or, where they show a set already, by their job.
UNDER_WAY = Q(state__in=[Cut.State.WAITING, Cut.State.WORKING]) | Q(jobs__state__in=Job.OPEN)
TABS = {
    "all": Tab(
        gettext_lazy("All"),
        Q(),
        gettext_lazy(
            "No cuts yet. When a video is shot, open its page and upload what you filmed. "
            "This page then shows what is being made ready, and what needs your attention."
        ),
    ),
    "under-way": Tab(
        gettext_lazy("In progress"),
        UNDER_WAY,
        gettext_lazy("Nothing is being made ready. Your next upload starts immediately."),
    ),
    "failed": Tab(
        gettext_lazy("Failed"),
        Q(state__in=[Cut.State.FAILED, Cut.State.REFUSED]),
        gettext_lazy("Nothing has failed. Failed cuts appear here with the reason."),
    ),
    "cancelled": Tab(
        pgettext_lazy("cut", "Cancelled"),
        Q(state=Cut.State.CANCELLED),
        gettext_lazy(
            "Nothing was cancelled. Cancelled cuts appear here, where you can try them again."
        ),
    ),
    "ready": Tab(
        gettext_lazy("Ready"),
        Q(state=Cut.State.READY),
        gettext_lazy("No cut is ready to watch yet."),
    ),
}


def queue_url(tab: str) -> str:
    """Where a tab of the queue is."""
    return reverse("media_cuts") + (f"?state={tab}" if tab != "all" else "")


class CutsView(UserPassesTestMixin, WagtailAdminTemplateMixin, ListView):
    """The queue. With `part`, only what changes: the page asks for it every few seconds."""

    template_name = "media/cuts.html"
    page_title = gettext_lazy("Cuts")
    header_icon = "upload"
    paginate_by = 25
    context_object_name = "cuts"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response

    def test_func(self) -> bool:
        return may_see_cuts(self.request.user)

    @property
    def tab(self) -> str:
        """The tab that is asked for; an unknown one is all."""
        asked = self.request.GET.get("state", "all")
        return asked if asked in TABS else "all"

    def get_template_names(self) -> list[str]:
        return ["media/cuts_part.html" if "part" in self.request.GET else self.template_name]

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.get_page_title()}]

    def get_queryset(self) -> QuerySet[Cut]:
        wanted = Cut.objects.filter(TABS[self.tab].wanted).order_by().values("pk").distinct()
        return in_order(with_rows(Cut.objects.filter(pk__in=wanted)))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        counts = counted()
        return context | {
            "rows": shown_to(context["cuts"], self.request.user),
            "tab": self.tab,
            "empty": TABS["all" if not counts["all"] else self.tab].empty,
            "is_first": not counts["all"],
            "uploads": cancellable_uploads() if may_end_any_upload(self.request.user) else [],
            "tabs": [
                {"url": queue_url(key), "label": tab.label, "count": counts[key], "key": key}
                for key, tab in TABS.items()
            ],
            "part_url": address(self.request, without=("part",)) + "part=1",
            "page_url": address(self.request, without=("part", "page")),
        }


def address(request: HttpRequest, *, without: tuple[str, ...]) -> str:
    """The page's own address without some parameters, ready for one more."""
    query = request.GET.copy()
    for name in without:
        query.pop(name, None)
    return f"{request.path}?{query.urlencode()}{'&' if query else ''}"


def counted() -> dict[str, int]:
    """How many cuts each tab has."""
    counts = {
        key.replace("-", "_"): Count("pk", filter=tab.wanted or Q(pk__gt=0), distinct=True)
        for key, tab in TABS.items()
    }
    found = Cut.objects.order_by().aggregate(**counts)
    return {key: found[key.replace("-", "_")] for key in TABS}


def row_of(request: HttpRequest, pk: int) -> CutRow:
    """A cut as its row shows it to the user. Raises PermissionDenied."""
    if not may_see_cuts(request.user):
        raise PermissionDenied
    cut = get_object_or_404(with_rows(Cut.objects.all()), pk=pk)
    line = places() if cut.state == Cut.State.WAITING else {}
    return shown(cut, request.user, may=may_upload(request.user, cut.video), line=line)


class CutStateView(View):
    """How far a cut is, for the page that asks every two seconds."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = row_of(request, pk)
        html = render_to_string("media/cut_inside.html", {"row": row}, request)
        response = JsonResponse(
            {
                "state": row.cut.state,
                "label": str(row.badge.label),
                "percent": row.percent,
                "under_way": row.is_under_way,
                "html": html,
            }
        )
        response["Cache-Control"] = "no-store"
        return response


class NotPossible(ValidationError):
    """An act that the state of a cut does not allow (any more)."""


class CutAct(ActView):
    """An action on a cut, for users who may upload to its video."""

    @cached_property
    def cut(self) -> Cut:
        return get_object_or_404(Cut.objects.select_related("video"), pk=self.kwargs["pk"])

    def may_act(self) -> bool:
        return may_upload(self.by, self.cut.video)

    def told(self, text: str) -> str:
        """`text` with `title` of the video, and `cut` (or `Cut`, where a sentence begins)."""
        cut = self.cut
        return text % {"Cut": cut.title, "cut": cut.called, "title": cut.video.title}

    def back(self) -> str:
        tab = self.request.POST.get("tab", "")
        return queue_url(tab) if tab in TABS else f"{video_url(self.cut.video)}#cuts"


class RetryView(CutAct):
    """Try a cut again that ended without a set."""

    def act(self) -> str:
        if not retry(self.cut):
            raise NotPossible(self.told(why_not_again(self.cut)))
        return self.told(_("%(Cut)s is being made ready again, from the start."))


def why_not_again(cut: Cut) -> str:
    """What to say where a cut is not tried again."""
    cut.refresh_from_db(fields=["state"])
    if cut.state in (Cut.State.FAILED, Cut.State.REFUSED):
        return _("Trying again does not help with %(cut)s. Upload another file.")
    return _("%(Cut)s has not failed.")


class CancelView(CutAct):
    """End the work on a cut."""

    def act(self) -> str:
        if not cancel(self.cut):
            raise NotPossible(self.told(_("%(Cut)s is no longer being made ready.")))
        return self.told(_("Work on %(cut)s of “%(title)s” was cancelled."))


class PriorityView(CutAct):
    """Give a waiting cut another place in line."""

    WORDS: dict[int, Callable[[], str]] = {
        Job.Priority.NEXT: lambda: _("%(Cut)s of “%(title)s” is next in the queue."),
        Job.Priority.USUAL: lambda: _("%(Cut)s of “%(title)s” is in its usual place in the queue."),
        Job.Priority.LATER: lambda: _("%(Cut)s of “%(title)s” is at the end of the queue."),
    }

    def may_act(self) -> bool:
        """The line is everyone's: only who may change any cut."""
        return bool(self.by.has_perm("media.change_cut"))

    def act(self) -> str:
        try:
            priority = Job.Priority(int(self.request.POST.get("priority", "")))
        except ValueError:
            raise NotPossible(self.told(_("Choose a place in the queue for %(cut)s."))) from None
        if not prioritise(self.cut, priority):
            raise NotPossible(self.told(_("%(Cut)s is no longer waiting.")))
        return self.told(self.WORDS[priority]())
