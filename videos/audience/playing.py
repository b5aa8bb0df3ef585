"""Keeps what playing browsers report: the one writer of first-party views.

A view belongs to the tab that began it: who goes on with it has its key. Its viewer is the one of
the report that began it, or of a later yes.

Until a view is counted, everything else a report changes is a join (a union, an earliest, an
"ever", the first that is told); from then on its start, share link and flags are final, and reports
add ranges. So a report that comes twice changes nothing, and the order matters only for when the
view is known. See `docs/decisions/0030-final-once-counted.md`.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.crypto import constant_time_compare

from videos.audience import bounds, limits
from videos.audience.beacon import BadBeacon, Report
from videos.audience.browser import Browser
from videos.audience.cookies import OpenedLink
from videos.audience.counting import is_long_enough
from videos.audience.evidence import why_not_counted
from videos.audience.models import ShareLink, View, Viewer
from videos.audience.public import watchable_videos
from videos.audience.ranges import seconds, with_played
from videos.audience.telling import tell_later

A_DAY = dt.timedelta(days=1)  # how long an opened link, and a visitor's yes, reach back


def record(
    report: Report, browser: Browser, received_at: dt.datetime, network: str | None = None
) -> View:
    """The view that the report belongs to, with the report in it.

    A view begins only while its video has a public page, and goes on in tabs that are open when
    the page is taken down. A share link of another video, or none that is known, is left out.
    From a browser that said no, nothing is added to a counted view that names somebody.
    `network` is whose limits count, see `limits.network_of`. Raises BadBeacon or TooMany, and
    then nothing has changed.
    """
    known = _go_on(report, browser, received_at, network)
    if known is not None:
        return known
    try:
        return _begin(report, browser, received_at, network)
    except IntegrityError:  # another report of the view came first by a blink
        known = _go_on(report, browser, received_at, network)
        if known is None:
            raise
        return known


def attach(viewer_public_id: str, keys: Mapping[str, str], now: dt.datetime) -> int:
    """Gives a visitor who said yes the views that the tab began before; how many it gave.

    `keys` has the views' keys by their ids. Only views of ours are given that began with this key
    in the last 24 hours, and have neither a viewer nor heard a no; the others stay as they are.
    """
    viewerless = View.objects.filter(
        imported=False, viewer=None, said_no=False, started_at__gt=now - A_DAY
    )
    begun = viewerless.filter(public_id__in=keys).exclude(key="")
    mine = [view.pk for view in begun if constant_time_compare(view.key, keys[view.public_id])]
    if not mine:
        return 0
    viewer, _ = Viewer.objects.get_or_create(public_id=viewer_public_id)
    return viewerless.filter(pk__in=mine).update(viewer=viewer, identified_at=now)


def _go_on(
    report: Report, browser: Browser, received_at: dt.datetime, network: str | None
) -> View | None:
    """The view that is there already, with the report; None when there is none."""
    with transaction.atomic():
        views = View.objects.select_for_update(of=("self",)).select_related("video")
        view = next(iter(views.filter(public_id=report.view).order_by()), None)
        if view is None:
            return None
        if view.imported or view.video.public_id != report.video:
            raise BadBeacon(f"the view is of another video than {report.video!r}")
        if not constant_time_compare(view.key, report.key):
            raise BadBeacon("the view began with another key")
        if browser.said_no and view.counted_at and (view.share_link_id or view.viewer_id):
            return view
        before = {name: getattr(view, name) for name in JOINED}
        _join(view, report, browser, received_at)
        if view.share_link_id:
            limits.count(limits.REPORTS_BY_LINK, str(view.share_link_id), received_at)
        _charge(view, before["counted_at"], received_at, network)
        changed = [name for name in JOINED if getattr(view, name) != before[name]]
        view.save(update_fields=changed)
        _tell(view, since=before["counted_at"])
    return view


def _begin(report: Report, browser: Browser, received_at: dt.datetime, network: str | None) -> View:
    video = next(iter(watchable_videos().filter(public_id=report.video).order_by()), None)
    if video is None:
        raise BadBeacon(f"no video {report.video!r} with a public page")
    if network is not None:
        limits.count(limits.NEW_VIEWS_BY_NETWORK, network, received_at)
    view = View(
        public_id=report.view,
        key=report.key,
        video=video,
        started_at=bounds.began(received_at, report.elapsed),
        seconds_watched=Decimal(0),
    )
    with transaction.atomic():
        if browser.viewer and not browser.said_no:
            view.viewer, _ = Viewer.objects.get_or_create(public_id=browser.viewer)
        _join(view, report, browser, received_at)
        if view.share_link_id:
            limits.count(limits.NEW_VIEWS_BY_LINK, str(view.share_link_id), received_at)
        _charge(view, None, received_at, network)
        view.save(force_insert=True)
        _tell(view, since=None)
    return view


JOINED = (
    "started_at",
    "ranges",
    "seconds_watched",
    "new_range_at",
    "takes_no_ranges",
    "share_link_id",
    "said_no",
    "viewer_id",
    "identified_at",
    "is_staff",
    "is_internal",
    "is_bot",
    "counted_at",
    "last_heard_at",
)


def _join(view: View, report: Report, browser: Browser, received_at: dt.datetime) -> None:
    """Takes the report into the view; one that brings too many ranges is dropped whole."""
    known = [(start, end) for start, end in view.ranges]
    played = known
    if not view.takes_no_ranges:
        played = with_played(known, report.ranges, _duration(view))
    if len(played) > bounds.MOST_RANGES and played != known:
        view.takes_no_ranges = True
        return
    view.last_heard_at = max(view.last_heard_at or received_at, received_at)
    _mark_staff(view, browser)
    if view.counted_at is None:
        _join_flags(view, browser)
        _join_start(view, report, browser, received_at)
    if played != known:
        view.ranges = played
        view.new_range_at = max(view.new_range_at or received_at, received_at)
    if played != known or view.counted_at is None:
        _measure(view)
    if view.counted_at is None and is_long_enough(
        view.seconds_watched, view.video.duration_seconds, settings.VIEW_MIN_SECONDS
    ):
        view.counted_at = received_at


def _duration(view: View) -> float | None:
    duration = view.video.duration_seconds
    return None if duration is None else float(duration)


def _measure(view: View) -> None:
    if view.new_range_at is not None:
        played = seconds((start, end) for start, end in view.ranges)
        view.seconds_watched = bounds.credible_seconds(played, view.started_at, view.new_range_at)


def _mark_staff(view: View, browser: Browser) -> None:
    """A browser of staff makes its own viewer one of staff's, and nobody else's."""
    if browser.is_staff and view.viewer and view.viewer.public_id == browser.viewer:
        Viewer.objects.filter(pk=view.viewer.pk, was_staff=False).update(was_staff=True)


def _join_start(view: View, report: Report, browser: Browser, received_at: dt.datetime) -> None:
    """The earliest start that is told, and the first share link; nobody is named after a no."""
    start = min(view.started_at, bounds.began(received_at, report.elapsed))
    start = bounds.not_before(start, [view.video.published_at])
    view.said_no |= browser.said_no
    if view.said_no:
        view.share_link = view.viewer = view.identified_at = None
    elif view.share_link_id is None:
        view.share_link = _link(view, report.share, browser.opened, start)
    link = view.share_link
    view.started_at = bounds.not_before(start, [link.created_at if link else None])


def _link(
    view: View, share: str | None, opened: Sequence[OpenedLink], start: dt.datetime
) -> ShareLink | None:
    """The link to the video that the report names, else the newest opened in the day before."""
    lately = [link.token for link in opened if dt.timedelta(0) <= start - link.opened_at < A_DAY]
    tokens = [share, *lately] if share else lately
    if not tokens:
        return None
    links = ShareLink.objects.filter(token__in=tokens, video=view.video_id)
    return min(links, key=lambda link: tokens.index(link.token), default=None)


def _join_flags(view: View, browser: Browser) -> None:
    """Who was staff, in the own network or a bot before the view was counted stays one."""
    view.is_staff |= browser.is_staff or bool(view.viewer and view.viewer.was_staff)
    view.is_internal |= browser.is_internal
    view.is_bot |= browser.is_bot


def _charge(
    view: View, since: dt.datetime | None, received_at: dt.datetime, network: str | None
) -> None:
    """Has a link's day pay for a view that has just been counted. Raises TooMany.

    For the network first: what is refused there costs the link's other viewers nothing.
    """
    if not _was_just_watched(view, since):
        return
    link = str(view.share_link_id)
    if network is not None:
        limits.count(limits.COUNTED_BY_LINK_AND_NETWORK, f"{link}:{network}", received_at)
    limits.count(limits.COUNTED_BY_LINK, link, received_at)


def _tell(view: View, since: dt.datetime | None) -> None:
    """Tells of a view through a share link when it has just been counted, `since` then or never."""
    if _was_just_watched(view, since):
        transaction.on_commit(partial(tell_later, view), robust=True)


def _was_just_watched(view: View, since: dt.datetime | None) -> bool:
    """Whether a view through a share link counts, and did not before the report."""
    just_counted = since is None and view.counted_at is not None
    return just_counted and view.share_link_id is not None and why_not_counted(view) is None
