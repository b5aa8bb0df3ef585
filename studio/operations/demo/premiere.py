"""What waits for footage: it is drawn and uploaded by the worker, then the past catches up.

Two tasks a video, each of which may come twice: `film` draws and uploads, as the producer did on
that day; `follow` comes when the cut is ready to watch (or failed), and approves and publishes it
as the people of the demo did, with the views of that time.
"""

import datetime as dt
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.utils import timezone
from django.utils.timezone import now
from django_q.tasks import async_task

from studio.operations.demo import clock, footage
from studio.operations.demo.audience import let_watch
from studio.operations.demo.clips import CLIPS
from studio.operations.demo.fill import public_id
from studio.operations.demo.pages import draft_page
from studio.operations.demo.records import Production, World
from studio.operations.demo.world import build
from studio.people.models import User
from videos.media.models import Caption, Cut, Job
from videos.media.uploads.intake import receive
from videos.planning.models import Stage, Video
from videos.planning.stages import change_stage
from videos.review.access import reviewers_of
from videos.review.approvals import approve
from videos.review.models import ReviewRequest

FILM = "studio.operations.demo.premiere.film"
FOLLOW = "studio.operations.demo.premiere.follow"
KEYS = {public_id(key): key for key in CLIPS}


def day_file() -> Path:
    """Where the day is kept that the demo's year ends with."""
    return Path(settings.DATA_DIR) / "demo-day"


def kept_world() -> World:
    """The world of the demo in this studio."""
    day = dt.date.fromisoformat(day_file().read_text().strip())
    return build(day, timezone.get_default_timezone())


def enqueue(today: dt.date) -> None:
    """Has the footage of a new demo made, one video after the other."""
    day_file().write_text(today.isoformat())
    enqueue_again()


def enqueue_film() -> None:
    """Has the footage made that is missing first."""
    for key in missing()[:1]:
        transaction.on_commit(partial(async_task, FILM, key))


def enqueue_again() -> None:
    """Has what is missing made, after a stop in the middle; nothing where there is no demo."""
    if not day_file().exists():
        return
    enqueue_film()
    for cut in Cut.objects.filter(
        video__public_id__in=KEYS, video__stage=Stage.REVIEW, state=Cut.State.READY
    ).select_related("video"):
        cut_came_to_an_end(cut)


def missing() -> list[str]:
    """Keys of the videos without any cut, in the order of their making."""
    there = set(
        Video.objects.filter(public_id__in=KEYS, cuts__isnull=True).values_list(
            "public_id", flat=True
        )
    )
    return [key for public, key in KEYS.items() if public in there]


def awaited() -> list[str]:
    """Titles of the videos whose footage nobody can watch yet."""
    ready = Cut.objects.filter(state=Cut.State.READY).values("video")
    videos = Video.objects.filter(public_id__in=KEYS).exclude(pk__in=ready)
    titles = {video.public_id: video.title for video in videos}
    return [titles[public] for public in KEYS if public in titles]


def production_of(world: World, key: str) -> Production:
    """The production with a key."""
    return next(production for production in world.productions if production.key == key)


def film(key: str) -> None:
    """Draws a video's footage and uploads it, unless that happened."""
    video = Video.objects.filter(public_id=public_id(key), cuts__isnull=True).first()
    if video is None:
        return  # done, or the studio was emptied meanwhile
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / f"{key}.mp4"
        footage.make(CLIPS[key], source)
        upload(video, key, source)


def upload(video: Video, key: str, source: Path) -> None:
    """Hands the footage in as the producer did, with its captions."""
    production = production_of(kept_world(), key)
    nora = User.objects.get(email="nora@fernhill.example")
    assert production.cut_at is not None
    with transaction.atomic():
        Video.objects.select_for_update().get(pk=video.pk)
        if video.cuts.exists():
            return  # another delivery of this task was faster
        with clock.at(production.cut_at), source.open("rb") as file:
            cut = receive(video, File(file, source.name), by=nora)
            Caption.objects.create(
                cut=cut, language="en", label="English", webvtt=footage.captions(CLIPS[key])
            )
            # No mail tells of its end, and its wait is that of today.
            Job.objects.filter(cut=cut).update(queued_at=now(), notified_at=now())
            # As of that day: when the cut is ready the video stands in review already, and its
            # reviewers have had their mail.
            change_stage(video.pk, Stage.REVIEW, room="media", by=nora)
            ReviewRequest.objects.bulk_create(
                ReviewRequest(cut=cut, reviewer=reviewer) for reviewer in reviewers_of(cut)
            )


def cut_came_to_an_end(cut: Cut, **kwargs: Any) -> None:
    """Has the past catch up with a video of the demo; other cuts are none of our business."""
    key = KEYS.get(cut.video.public_id)
    if key and day_file().exists():
        transaction.on_commit(partial(async_task, FOLLOW, key))


def follow(key: str) -> None:
    """Lets the past catch up with a video whose cut is ready; then has the next one made.

    One after the other, so that the first can be watched as soon as can be.
    """
    world = kept_world()
    production = production_of(world, key)
    if production.approved_at:
        catch_up(world, production)
    enqueue_film()


def catch_up(world: World, production: Production) -> None:
    """Approves and publishes a video, and lets it be watched, as it was; once."""
    assert production.approved_at is not None
    with transaction.atomic():
        video = Video.objects.select_for_update().get(public_id=public_id(production.key))
        cut = video.cuts.filter(state=Cut.State.READY, number=1, verdicts__isnull=True).first()
        if cut is None or video.stage != Stage.REVIEW:
            return  # done, or somebody was faster
        approve_as(production.experts[0], cut, production.approved_at)
        page = draft_page(video, production.approved_at)
        if production.published_at:
            nora = User.objects.get(email="nora@fernhill.example")
            with clock.at(production.published_at):
                page.save_revision(user=nora).publish(user=nora)
            video.refresh_from_db()
            let_watch(world, production.key)


def approve_as(expert: str, cut: Cut, at: dt.datetime) -> None:
    """The word of the expert on camera. No mail tells of it: it is long ago."""
    with clock.at(at):
        verdict = approve(cut, by=User.objects.get(email=f"{expert}@fernhill.example"))
    type(verdict).objects.filter(pk=verdict.pk).update(notified_at=at)
