"""Pages that go live at a set time, in the calendar."""

import datetime as dt

from django.utils import timezone
from django.utils.translation import gettext as _

from studio.clock import clock_text
from studio.ui.badges import Badge
from videos.planning.admin.agenda import Entry, Found, of_video
from videos.planning.admin.listed import look_up
from videos.planning.models import Expert
from videos.planning.urls_for import video_url
from videos.publishing.models import VideoPage
from videos.publishing.next_step import scheduled_revisions


def pages_due(first: dt.datetime, after: dt.datetime, expert: Expert | None) -> Found:
    """Pages that go live, or whose changes do, within a span of time."""
    due = {
        int(one.object_id): one.approved_go_live_at
        for one in scheduled_revisions()
        if first <= one.approved_go_live_at < after
    }
    pages = VideoPage.objects.filter(pk__in=due).select_related("video__producer")
    if expert:
        pages = pages.filter(video__experts=expert)
    pages = list(pages)
    look_up([page.video for page in pages])
    for page in pages:
        at = timezone.localtime(due[page.pk])
        entry = Entry(
            order=f"1 {at.astimezone(dt.UTC):%Y%m%d%H%M}",
            kind="changes" if page.live else "due",
            time=clock_text(at),
            title=page.video.title,
            who="",
            url=video_url(page.video),
            badge=Badge(_("Changes go live") if page.live else _("Goes live"), "globe", "good"),
        )
        yield at.date(), of_video(entry, page.video)
