"""The content calendar of a month: shoots, planned publishing days, and pages that go live."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from itertools import chain
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.db.models import Q
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format, get_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from studio.formats.plain_numbers import key_of
from studio.ui.badges import Badge
from videos.planning.access import expert_of
from videos.planning.admin.agenda import Entry, Found, days_of, more_entries, of_video, time_on
from videos.planning.admin.badges import stage_badge
from videos.planning.admin.listed import look_up
from videos.planning.models import Expert, Shoot, Stage, Video
from videos.planning.months import Month, midnight
from videos.planning.urls_for import shoot_url, video_url


class Day(NamedTuple):
    """A day of the calendar with its entries."""

    date: dt.date
    is_today: bool
    is_outside: bool
    entries: list[Entry]


def asked_month(year: str, month: str, today: dt.date) -> Month:
    """The month in the URL, by default the current one. Raises Http404 if it is not valid."""
    if not year and not month:
        return Month.of(today)
    asked = Month(key_of(year), key_of(month))
    if 1 <= asked.month <= 12 and 1900 <= asked.year <= 2200:
        return asked
    raise Http404


def shoot_entries(
    first: dt.datetime, after: dt.datetime, expert: Expert | None, opens: bool
) -> Found:
    """The shoots from `first` until before `after`, on each of their days.

    They link to the shoot, or to its first video if the user may not open shoots.
    """
    found = Shoot.objects.filter(cancelled_at__isnull=True, starts_at__lt=after, ends_at__gt=first)
    if expert:
        found = found.filter(experts=expert)
    for shoot in found.prefetch_related("videos", "experts__user"):
        start, end = timezone.localtime(shoot.starts_at), timezone.localtime(shoot.ends_at)
        videos = list(shoot.videos.all())
        for day in days_of(start, end):
            yield (
                day,
                Entry(
                    order=f"0 {shoot.starts_at.astimezone(dt.UTC):%Y%m%d%H%M}",
                    kind="shoot",
                    time=time_on(day, start, end),
                    title=get_text_list([video.title for video in videos], _("and")),
                    who=get_text_list([str(one) for one in shoot.experts.all()], _("and")),
                    url=shoot_url(shoot) if opens or not videos else video_url(videos[0]),
                    badge=Badge(_("Shoot"), "media", "busy"),
                ),
            )


def video_entries(
    first: dt.datetime, after: dt.datetime, expert: Expert | None, due: Collection[int]
) -> Found:
    """The videos on the day they were published, or else on the day they are planned for.

    Those in `due` are left out, because their pages have an entry when they go live.
    """
    last = timezone.localtime(after).date()
    planned = Q(published_at__isnull=True, planned_for__gte=timezone.localtime(first).date())
    found = (
        Video.objects.filter(
            Q(published_at__gte=first, published_at__lt=after) | planned & Q(planned_for__lt=last)
        )
        .exclude(stage=Stage.CANCELLED)
        .exclude(pk__in=due)
        .select_related("producer")
    )
    videos = list(found.filter(experts=expert) if expert else found)
    look_up(videos)
    for video in videos:
        published = video.published_at
        day = timezone.localdate(published) if published else video.planned_for
        if day:
            entry = Entry(
                order=f"2 {video.title}",
                kind="published" if published else "planned",
                time="",
                title=video.title,
                who="" if published else _("To be published"),
                url=video_url(video),
                badge=stage_badge(video.stage),
            )
            yield day, of_video(entry, video)


class CalendarView(PermissionRequiredMixin, WagtailAdminTemplateMixin, TemplateView):
    """A month: a grid of weeks on wide screens, a list of days on phones."""

    template_name = "planning/calendar.html"
    page_title = gettext_lazy("Calendar")
    header_icon = "calendar-alt"
    permission_required = "planning.view_video"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.get_page_title()}]

    def chosen(self, experts: list[Expert]) -> Expert | None:
        key = self.request.GET.get("expert", "")
        return next((expert for expert in experts if str(expert.pk) == key), None)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = timezone.localdate()
        query = self.request.GET
        month = asked_month(query.get("year", ""), query.get("month", ""), today)
        experts = list(Expert.objects.filter(active=True).select_related("user"))
        chosen = self.chosen(experts)
        days = self.days(month, today, chosen)
        me = expert_of(self.request.user)
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {
            "month": month.first,
            "days": days,
            "is_empty": not any(day.entries for day in days if not day.is_outside),
            "weekdays": [WEEKDAYS[day.date.weekday()] for day in days[:7]],
            "experts": experts,
            "chosen": chosen,
            "me": me,
            "me_url": self.address(month, me) if me else "",
            "this_url": self.address(Month.of(today), chosen),
            "is_this_month": month == Month.of(today),
            "before": self.neighbour(month.shift(-1), chosen),
            "after": self.neighbour(month.shift(1), chosen),
            "zone": timezone.get_current_timezone_name(),
            "may_book": self.request.user.has_perm("planning.add_shoot"),
        }

    def days(self, month: Month, today: dt.date, expert: Expert | None) -> list[Day]:
        """The days of the whole weeks of a month, including days of the months before and after."""
        opens = self.request.user.has_perm("planning.view_shoot")
        dates = month.days((get_format("FIRST_DAY_OF_WEEK") - 1) % 7)
        span = midnight(dates[0]), midnight(dates[-1] + dt.timedelta(days=1))
        more = list(more_entries(*span, expert))
        due = {entry.video for _day, entry in more if entry.kind == "due" and entry.video}
        by_day: dict[dt.date, list[Entry]] = defaultdict(list)
        for day, entry in chain(
            shoot_entries(*span, expert, opens), video_entries(*span, expert, due), more
        ):
            by_day[day].append(entry)
        return [
            Day(day, day == today, Month.of(day) != month, sorted(by_day[day])) for day in dates
        ]

    def neighbour(self, month: Month, expert: Expert | None) -> dict[str, str]:
        return {
            "url": self.address(month, expert),
            "label": date_format(month.first, "M Y"),
        }

    def address(self, month: Month, expert: Expert | None) -> str:
        query = {"year": month.year, "month": month.month}
        if expert:
            query["expert"] = expert.pk
        return f"{reverse('planning_calendar')}?{urlencode(query)}"
