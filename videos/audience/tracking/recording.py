"""Saves what playing browsers report. Nothing else writes first-party views.

A view belongs to the tab that started it: later reports must have its key. Its viewer is that of
the first report, or of a consent given later.

Until a view is counted, a report is merged into it by operations that do not depend on order: a
union, a minimum, a logical or, the first link. Once counted, its start, share link and flags are
final, and reports only add ranges. So a report that arrives twice changes nothing, and the order
only affects when the view becomes known. See `docs/decisions/0024-final-once-counted.md`.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.crypto import constant_time_compare

from studio.ranges import seconds, with_played
from videos.audience.models import ShareLink, View, Viewer
from videos.audience.public import watchable_videos
from videos.audience.tracking import bounds, rate_limits
from videos.audience.tracking.beacon import BadBeacon, BeaconReport
from videos.audience.tracking.browser import Browser
from videos.audience.tracking.cookies import OpenedLink
from videos.audience.tracking.counting import is_long_enough
from videos.audience.tracking.evidence import exclusion_reason_of
from videos.audience.tracking.notifications import notify_later

LOOKBACK = dt.timedelta(days=1)  # of opened links and of consent


def record_report(
    report: BeaconReport, browser: Browser, received_at: dt.datetime, network: str | None = None
) -> View:
    """Save a report and return its view.

    A view can start only while its video has a public page; tabs that are open when the page is
    retired go on. Unknown share links, and those to other videos, are ignored. A browser that
    opted out adds nothing to a counted view that names somebody. `network` is the key for rate
    limits, see `rate_limits.network_key`. Raises BadBeacon or RateLimitExceeded, and then nothing
    has changed.
    """
    known = _continue_view(report, browser, received_at, network)
    if known is not None:
        return known
    try:
        return _start_view(report, browser, received_at, network)
    except IntegrityError:  # a concurrent report started the view
        known = _continue_view(report, browser, received_at, network)
        if known is None:
            raise
        return known


def attach_viewer(viewer_public_id: str, keys: Mapping[str, str], now: dt.datetime) -> int:
    """Attach the viewer who just agreed to views that their tab started. Returns how many.

    `keys` maps view ids to the views' keys. Only first-party views of the last 24 hours with this
    key qualify, and only if they have no viewer and their visitor did not decline.
    """
    viewerless = View.objects.filter(
        imported=False, viewer=None, said_no=False, started_at__gt=now - LOOKBACK
    )
    begun = viewerless.filter(public_id__in=keys).exclude(key="")
    mine = [view.pk for view in begun if constant_time_compare(view.key, keys[view.public_id])]
    if not mine:
        return 0
    viewer, _ = Viewer.objects.get_or_create(public_id=viewer_public_id)
    return viewerless.filter(pk__in=mine).update(viewer=viewer, identified_at=now)


def _continue_view(
    report: BeaconReport, browser: Browser, received_at: dt.datetime, network: str | None
) -> View | None:
    """Merge the report into an existing view and return it; None if there is none."""
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
        before = {name: getattr(view, name) for name in MERGED_FIELDS}
        _merge_report(view, report, browser, received_at)
        if view.share_link_id:
            rate_limits.hit(rate_limits.REPORTS_BY_LINK, str(view.share_link_id), received_at)
        _count_against_limits(view, before["counted_at"], received_at, network)
        changed = [name for name in MERGED_FIELDS if getattr(view, name) != before[name]]
        view.save(update_fields=changed)
        _notify(view, since=before["counted_at"])
    return view


def _start_view(
    report: BeaconReport, browser: Browser, received_at: dt.datetime, network: str | None
) -> View:
    video = next(iter(watchable_videos().filter(public_id=report.video).order_by()), None)
    if video is None:
        raise BadBeacon(f"no video {report.video!r} with a public page")
    if network is not None:
        rate_limits.hit(rate_limits.NEW_VIEWS_BY_NETWORK, network, received_at)
    view = View(
        public_id=report.view,
        key=report.key,
        video=video,
        started_at=bounds.start_from_elapsed(received_at, report.elapsed),
        seconds_watched=Decimal(0),
    )
    with transaction.atomic():
        if browser.viewer and not browser.said_no:
            view.viewer, _ = Viewer.objects.get_or_create(public_id=browser.viewer)
        _merge_report(view, report, browser, received_at)
        if view.share_link_id:
            rate_limits.hit(rate_limits.NEW_VIEWS_BY_LINK, str(view.share_link_id), received_at)
        _count_against_limits(view, None, received_at, network)
        view.save(force_insert=True)
        _notify(view, since=None)
    return view


MERGED_FIELDS = (
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


def _merge_report(
    view: View, report: BeaconReport, browser: Browser, received_at: dt.datetime
) -> None:
    """Merge a report into a view; one that would add too many ranges is ignored."""
    known = [(start, end) for start, end in view.ranges]
    played = known
    if not view.takes_no_ranges:
        played = with_played(known, report.ranges, _duration(view))
    if len(played) > bounds.MAX_RANGES_PER_VIEW and played != known:
        view.takes_no_ranges = True
        return
    view.last_heard_at = max(view.last_heard_at or received_at, received_at)
    _mark_staff(view, browser)
    if view.counted_at is None:
        _merge_flags(view, browser)
        _merge_start(view, report, browser, received_at)
    if played != known:
        view.ranges = played
        view.new_range_at = max(view.new_range_at or received_at, received_at)
    if played != known or view.counted_at is None:
        _update_seconds(view)
    if view.counted_at is None and is_long_enough(
        view.seconds_watched, view.video.duration_seconds, settings.VIEW_MIN_SECONDS
    ):
        view.counted_at = received_at


def _duration(view: View) -> float | None:
    duration = view.video.duration_seconds
    return None if duration is None else float(duration)


def _update_seconds(view: View) -> None:
    if view.new_range_at is not None:
        played = seconds((start, end) for start, end in view.ranges)
        view.seconds_watched = bounds.cap_seconds_watched(
            played, view.started_at, view.new_range_at
        )


def _mark_staff(view: View, browser: Browser) -> None:
    """Mark the viewer as staff if the browser is a member of staff's, and its own."""
    if browser.is_staff and view.viewer and view.viewer.public_id == browser.viewer:
        Viewer.objects.filter(pk=view.viewer.pk, was_staff=False).update(was_staff=True)


def _merge_start(
    view: View, report: BeaconReport, browser: Browser, received_at: dt.datetime
) -> None:
    """Merge the start (the earliest), the share link (the first) and an opt-out."""
    start = min(view.started_at, bounds.start_from_elapsed(received_at, report.elapsed))
    start = bounds.clamp_start(start, [view.video.published_at])
    view.said_no |= browser.said_no
    if view.said_no:
        view.share_link = view.viewer = view.identified_at = None
    elif view.share_link_id is None:
        view.share_link = _find_link(view, report.share, browser.opened_links, start)
    link = view.share_link
    view.started_at = bounds.clamp_start(start, [link.created_at if link else None])


def _find_link(
    view: View, share: str | None, opened: Sequence[OpenedLink], start: dt.datetime
) -> ShareLink | None:
    """The link to this video that the report names.

    Otherwise the newest one that the browser opened in the 24 hours before the start.
    """
    lately = [link.token for link in opened if dt.timedelta(0) <= start - link.opened_at < LOOKBACK]
    tokens = [share, *lately] if share else lately
    if not tokens:
        return None
    links = ShareLink.objects.filter(token__in=tokens, video=view.video_id)
    return min(links, key=lambda link: tokens.index(link.token), default=None)


def _merge_flags(view: View, browser: Browser) -> None:
    """Flags are only set, never cleared, until the view is counted."""
    view.is_staff |= browser.is_staff or bool(view.viewer and view.viewer.was_staff)
    view.is_internal |= browser.is_internal
    view.is_bot |= browser.is_bot


def _count_against_limits(
    view: View, since: dt.datetime | None, received_at: dt.datetime, network: str | None
) -> None:
    """Count a view that was just counted against its link's daily limits.

    Raises RateLimitExceeded. The network's limit comes first, so that a network that exceeds it
    does not use up the link for other viewers.
    """
    if not _just_counted(view, since):
        return
    link = str(view.share_link_id)
    if network is not None:
        rate_limits.hit(rate_limits.COUNTED_BY_LINK_AND_NETWORK, f"{link}:{network}", received_at)
    rate_limits.hit(rate_limits.COUNTED_BY_LINK, link, received_at)


def _notify(view: View, since: dt.datetime | None) -> None:
    """Notify the rep of a view through a share link that was just counted."""
    if _just_counted(view, since):
        transaction.on_commit(partial(notify_later, view), robust=True)


def _just_counted(view: View, since: dt.datetime | None) -> bool:
    """Whether a view through a share link counts now, and did not before (`since` is None)."""
    just_counted = since is None and view.counted_at is not None
    return just_counted and view.share_link_id is not None and exclusion_reason_of(view) is None
