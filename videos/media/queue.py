"""The queue's page, and what people do there with the work on a cut."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.generic import ListView
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from videos.media.access import may_end_any_upload, may_see_cuts, may_upload
from videos.media.acts import OPEN, cancel, prioritise, retry
from videos.media.models import Cut, Job
from videos.media.showing import ShownCut, in_order, places, shown, shown_to, with_rows
from videos.media.uploads import coming
from videos.planning.addresses import video_url


class Tab(NamedTuple):
    """One way to look at the queue. `empty` is what an empty one teaches."""

    label: Any
    wanted: Q
    empty: Any


# Cuts with open work are found by their state, or, where they show a set already, by their job.
UNDER_WAY = Q(state__in=[Cut.State.WAITING, Cut.State.WORKING]) | Q(jobs__state__in=OPEN)
TABS = {
    "all": Tab(
        gettext_lazy("All"),
        Q(),
        gettext_lazy(
            "No cuts yet. When a video is shot, open its page and upload what you filmed: "
            "here you see what is being made ready, and what needs a hand."
        ),
    ),
    "under-way": Tab(
        gettext_lazy("Under way"),
        UNDER_WAY,
        gettext_lazy("Nothing is being made ready now. What you upload next starts at once."),
    ),
    "failed": Tab(
        gettext_lazy("Failed"),
        Q(state__in=[Cut.State.FAILED, Cut.State.REFUSED]),
        gettext_lazy("Nothing has failed. What does, stands here with its reason."),
    ),
    "cancelled": Tab(
        gettext_lazy("Cancelled"),
        Q(state=Cut.State.CANCELLED),
        gettext_lazy("Nothing was cancelled. What is, can be made after all from here."),
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


class CutsView(WagtailAdminTemplateMixin, ListView):
    """The queue. With `part`, only what changes: the page asks for it every few seconds."""

    template_name = "media/cuts.html"
    page_title = gettext_lazy("Cuts")
    header_icon = "upload"
    paginate_by = 25
    context_object_name = "cuts"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may_see_cuts(request.user):
            raise PermissionDenied
        response = super().dispatch(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response

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
            "uploads": coming() if may_end_any_upload(self.request.user) else [],
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


def row_of(request: HttpRequest, pk: int) -> ShownCut:
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


class ActView(View):
    """One act on a cut: done or not, it says so and leads back to where it was asked for."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        cut = get_object_or_404(Cut.objects.select_related("video"), pk=pk)
        if not self.may(request, cut):
            raise PermissionDenied
        is_done, text = self.act(request, cut)
        say = messages.success if is_done else messages.warning
        told = {"Cut": cut.title, "cut": cut.called, "title": cut.video.title}
        say(request, text % told)
        tab = request.POST.get("tab", "")
        return redirect(queue_url(tab) if tab in TABS else f"{video_url(cut.video)}#cuts")

    def may(self, request: HttpRequest, cut: Cut) -> bool:
        """Whether the user may do it: whoever may upload to the video."""
        return may_upload(request.user, cut.video)

    def act(self, request: HttpRequest, cut: Cut) -> tuple[bool, str]:
        """Does it. Whether it was possible, and what to say.

        With `title` of the video, and `cut` (or `Cut`, where a sentence begins).
        """
        raise NotImplementedError


class RetryView(ActView):
    """Try a cut again that ended without a set."""

    def act(self, request: HttpRequest, cut: Cut) -> tuple[bool, str]:
        if retry(cut):
            return True, _("%(Cut)s is tried again, from the start.")
        return False, why_not_again(cut)


def why_not_again(cut: Cut) -> str:
    """What to say where a cut is not tried again."""
    cut.refresh_from_db(fields=["state"])
    if cut.state in (Cut.State.FAILED, Cut.State.REFUSED):
        return _("Trying again cannot help %(cut)s: upload another file.")
    return _("%(Cut)s has not failed.")


class CancelView(ActView):
    """End the work on a cut."""

    def act(self, request: HttpRequest, cut: Cut) -> tuple[bool, str]:
        if cancel(cut):
            return True, _("The work on %(cut)s of “%(title)s” is cancelled.")
        return False, _("%(Cut)s is not being made ready any more.")


class PriorityView(ActView):
    """Give a waiting cut another place in line."""

    WORDS: dict[int, Callable[[], str]] = {
        Job.Priority.NEXT: lambda: _("%(Cut)s of “%(title)s” is made next."),
        Job.Priority.USUAL: lambda: _("%(Cut)s of “%(title)s” is made in its turn."),
        Job.Priority.LATER: lambda: _("%(Cut)s of “%(title)s” is made after the others."),
    }

    def may(self, request: HttpRequest, cut: Cut) -> bool:
        """The line is everyone's: only who may change any cut."""
        return request.user.has_perm("media.change_cut")

    def act(self, request: HttpRequest, cut: Cut) -> tuple[bool, str]:
        try:
            priority = Job.Priority(int(request.POST.get("priority", "")))
        except ValueError:
            return False, _("Say where in line %(cut)s is to stand.")
        if prioritise(cut, priority):
            return True, self.WORDS[priority]()
        return False, _("%(Cut)s does not wait any more.")
