"""Puts share links and views of one of the studio's own videos on record, as its site did."""

import datetime as dt

from django.conf import settings

from studio.operations.demo.fill import public_id
from studio.operations.demo.records import View as ViewValue
from studio.operations.demo.records import World
from studio.people.models import User
from videos.audience.models import Contact, ShareLink, View, Viewer
from videos.audience.tracking.counting import is_long_enough
from videos.planning.models import Video


def let_watch(world: World, key: str) -> None:
    """The links and views of the video with this key."""
    video = Video.objects.get(public_id=public_id(key))
    links = make_links(world, key, video)
    views = [view for view in world.views if view.video == key]
    ids = sorted({view.viewer for view in views} - {""})
    Viewer.objects.bulk_create((Viewer(public_id=viewer) for viewer in ids), ignore_conflicts=True)
    viewers = dict(Viewer.objects.filter(public_id__in=ids).values_list("public_id", "pk"))
    View.objects.bulk_create(
        (recorded(view, video, viewers.get(view.viewer), links.get(view.link)) for view in views),
        batch_size=500,
    )


def make_links(world: World, key: str, video: Video) -> dict[str, int]:
    """The share links of a video; their primary keys by token."""
    emails = {person.key: person.email for person in world.people}
    users = dict(User.objects.values_list("email", "pk"))
    contacts = dict(Contact.objects.values_list("public_id", "pk"))
    values = {link.token: link for link in world.links if link.video == key}
    links = ShareLink.objects.bulk_create(
        ShareLink(
            token=link.token,
            video=video,
            contact_id=contacts[link.contact],
            rep_id=users[emails[link.rep]],
        )
        for link in values.values()
    )
    for link in links:
        link.created_at = values[link.token].created_at
    ShareLink.objects.bulk_update(links, ["created_at"], batch_size=200)
    return {link.token: link.pk for link in links}


def recorded(view: ViewValue, video: Video, viewer: int | None, link: int | None) -> View:
    """A view as its beacons would have left it."""
    at_least = settings.VIEW_MIN_SECONDS
    long_enough = is_long_enough(view.seconds, video.duration_seconds, at_least)
    reached = view.started_at + dt.timedelta(seconds=at_least) if long_enough else None
    excluded = view.is_staff or view.is_internal or view.is_bot
    last_heard_at = view.started_at + dt.timedelta(seconds=float(view.seconds))
    return View(
        public_id=view.id,
        video=video,
        viewer_id=viewer,
        share_link_id=link,
        started_at=view.started_at,
        seconds_watched=view.seconds,
        ranges=[[0, float(view.seconds)]] if view.seconds else [],
        is_staff=view.is_staff,
        is_internal=view.is_internal,
        is_bot=view.is_bot,
        counted_at=reached,
        told_at=reached if link and not excluded else None,
        new_range_at=last_heard_at,
        last_heard_at=last_heard_at,
    )
