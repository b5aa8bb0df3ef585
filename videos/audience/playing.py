"""Keeps what playing browsers report: the one writer of first-party views.

Everything a beacon changes on its view is a join (a union, an earliest, an "ever"), so that the
same beacons make the same view in whatever order and however often they come.
"""

import datetime as dt
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q

from videos.audience.beacon import BadBeacon, Report
from videos.audience.browser import Browser
from videos.audience.counting import counts
from videos.audience.models import Beacon, ShareLink, View, Viewer
from videos.audience.ranges import seconds, union
from videos.audience.telling import tell_later
from videos.planning.models import Stage, Video

WATCHABLE = (Stage.PUBLISHED, Stage.RETIRED)  # a page that is open stays open when it is retired
MAX_BEACONS = 2000  # of a view; five and a half hours of playing


def record(report: Report, browser: Browser, received_at: dt.datetime) -> View:
    """The view that the report belongs to, with the report in it.

    A report whose (view, seq) is known changes nothing, nor does one beyond MAX_BEACONS. A share
    link of another video, or none that is known, is left out: the view is anonymous. Raises
    BadBeacon, and then nothing has changed.
    """
    with transaction.atomic():
        video = Video.objects.filter(public_id=report.video, stage__in=WATCHABLE).first()
        if video is None:
            raise BadBeacon(f"no published video {report.video!r}")
        started_at = received_at - dt.timedelta(seconds=report.elapsed)
        view = _locked(report.view, video, started_at)
        if view.imported or view.video_id != video.pk:
            raise BadBeacon(f"the view is of another video than {report.video!r}")
        view.video = video
        if _is_new(report, view):
            _keep(report, view, received_at)
            was_told = view.counted_at is not None and view.share_link_id is not None
            _join_who(view, browser, report.share)
            _join_what(view, report, started_at, received_at)
            view.save()
            if view.counted_at and view.share_link_id and not was_told:
                transaction.on_commit(partial(tell_later, view), robust=True)
    return view


def _locked(public_id: str, video: Video, started_at: dt.datetime) -> View:
    made, _ = View.objects.get_or_create(
        public_id=public_id, defaults={"video": video, "started_at": started_at}
    )
    return View.objects.select_for_update().get(pk=made.pk)


def _is_new(report: Report, view: View) -> bool:
    known = view.beacons.aggregate(same=Count("pk", filter=Q(seq=report.seq)), all=Count("pk"))
    return bool(known["same"] == 0 and known["all"] < MAX_BEACONS)


def _keep(report: Report, view: View, received_at: dt.datetime) -> None:
    Beacon.objects.create(
        view=view,
        seq=report.seq,
        received_at=received_at,
        elapsed=report.elapsed,
        ranges=report.ranges,
        event=report.event,
    )


def _join_who(view: View, browser: Browser, share: str | None) -> None:
    """A viewer or share link that is known stays; who was once staff or a bot stays one."""
    if view.viewer is None and browser.viewer:
        view.viewer, _ = Viewer.objects.get_or_create(public_id=browser.viewer)
    if view.share_link_id is None and share:
        view.share_link = ShareLink.objects.filter(token=share, video=view.video_id).first()
    if view.viewer and browser.is_staff and not view.viewer.was_staff:
        view.viewer.was_staff = True
        view.viewer.save(update_fields=["was_staff"])
    view.is_staff |= browser.is_staff or bool(view.viewer and view.viewer.was_staff)
    view.is_internal |= browser.is_internal
    view.is_bot |= browser.is_bot


def _join_what(
    view: View, report: Report, started_at: dt.datetime, received_at: dt.datetime
) -> None:
    duration = view.video.duration_seconds
    played = union([*view.ranges, *report.ranges], None if duration is None else float(duration))
    view.ranges = played
    view.seconds_watched = seconds(played)
    view.started_at = min(view.started_at, started_at)
    view.last_heard_at = max(view.last_heard_at or received_at, received_at)
    if view.counted_at is None and counts(
        view.seconds_watched,
        duration,
        is_staff=view.is_staff,
        is_internal=view.is_internal,
        is_bot=view.is_bot,
        view_min_seconds=settings.VIEW_MIN_SECONDS,
    ):
        view.counted_at = received_at
