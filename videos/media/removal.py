"""Files that came to nothing are removed: the source, and all that was made of it, on record.

Who wants to remove one is asked in `access.may_remove_cut`. Rooms below say what they still need.
The row of the cut stays without its files (see `models.Cut`).
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from botocore.exceptions import BotoCoreError, ClientError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.timezone import now
from django.utils.translation import gettext as _
from wagtail.log_actions import log as log_action
from wagtail.models import ModelLogEntry

from studio.people.models import User
from videos.media import sets
from videos.media.acts import OPEN
from videos.media.errors import CutStays
from videos.media.log_actions import CUT_REMOVED
from videos.media.models import Cut, Job, Upload, footage
from videos.media.uploads import keep
from videos.planning.models import Video

log = logging.getLogger(__name__)

MOST_SHOWN = 50  # of what was removed from one video
# What shows no full set, and never did
REMOVABLE = (Cut.State.REFUSED, Cut.State.FAILED, Cut.State.CANCELLED)

# Why a room still needs a cut; empty where it does not.
Guard = Callable[[Cut], str]

_guards: list[Guard] = []


def register_removal_guard(guard: Guard) -> Guard:
    """Asks a room before a cut is removed; a decorator."""
    if guard not in _guards:
        _guards.append(guard)
    return guard


def why_it_stays(cut: Cut) -> str:
    """Why a cut cannot be removed; empty where nothing is in the way."""
    if cut.state not in REMOVABLE:
        return _("%(cut)s came to something, or may still: it stays.") % {"cut": cut.title}
    if cut.sets.filter(is_public=True).exists() or cut.public_captions.exists():
        return _("Viewers have %(cut)s: it stays.") % {"cut": cut.called}
    # Whoever uploaded it may not take these away; who may puts that on record (`caption_acts`).
    if cut.captions.with_words().exclude(changed_by=None).exists():
        return _("Somebody wrote captions for %(cut)s. As long as they are there, it stays.") % {
            "cut": cut.called
        }
    return next((reason for guard in _guards if (reason := guard(cut))), "")


def remove(cut: Cut, *, by: User) -> None:
    """Remove a cut that came to nothing, with its files. Raises CutStays.

    A worker that is still at it loses its lease, and throws away what it made.
    """
    with transaction.atomic():
        # The video, then jobs, then the cut: as workers do, so that nobody waits in a circle.
        video = Video.objects.select_for_update().get(pk=cut.video_id)
        over = {"state": Job.State.CANCELLED, "ended_at": now(), "lease_until": None}
        Job.objects.filter(cut=cut.pk, state__in=OPEN).update(**over, reserved_bytes=0)
        fresh = Cut.objects.select_for_update().filter(pk=cut.pk).first()
        if fresh is None:
            raise CutStays(_("It was removed already."), "removed")
        if reason := why_it_stays(fresh):
            raise CutStays(reason, "stays")
        log_action(video, CUT_REMOVED, user=by, data=on_record(fresh))
        files = [name for name in (fresh.source.name, fresh.poster.name) if name]
        keys = list(fresh.sets.values_list("key", flat=True))
        transaction.on_commit(partial(take_files_away, files, keys))
        let_go_of_uploads(fresh)
        empty(fresh)
    log.info("cut %s of video %s is removed by user %s", cut.pk, video.pk, by.pk)


def on_record(cut: Cut) -> dict[str, object]:
    """What the history of the video keeps."""
    return {
        "cut": cut.number,
        "name": cut.source_name,
        "state": cut.state,
        "reason": cut.reason,
        "bytes": cut.source_bytes,
        "sha256": cut.sha256,
        "by": str(cut.uploaded_by),
    }


@dataclass(frozen=True)
class Removed:
    """Files that were removed from a video: how many, and what is on record of the latest."""

    count: int
    latest: Sequence[ModelLogEntry]


def removed_from(video: Video) -> Removed:
    """What is on record of the files that were removed from a video, the latest first."""
    entries: QuerySet[ModelLogEntry] = ModelLogEntry.objects.for_instance(video)
    removed = entries.filter(action=CUT_REMOVED).select_related("user", "content_type")
    latest = list(removed.order_by("-timestamp", "-pk")[: MOST_SHOWN + 1])
    count = len(latest) if len(latest) <= MOST_SHOWN else removed.count()
    return Removed(count, latest[:MOST_SHOWN])


def let_go_of_uploads(cut: Cut) -> None:
    """Uploads know the cut no more. Who was asked whether the same file is meant twice is not."""
    for upload in Upload.objects.filter(twin=cut, state=Upload.State.TWIN):
        keep(upload)
    Upload.objects.filter(twin=cut).update(twin=None)
    Upload.objects.filter(cut=cut).update(cut=None)


def empty(cut: Cut) -> None:
    """What is left of the row takes no room, and is like no other file."""
    cut.captions.all().delete()
    cut.current_set = cut.second_set = None
    cut.source = cut.poster = cut.sha256 = ""
    cut.source_bytes, cut.facts, cut.poster_seconds = 0, {}, None
    cut.removed_at = now()
    cut.save()
    cut.sets.all().delete()


def take_files_away(files: list[str], keys: list[UUID]) -> None:
    """After the commit. What a storage that is away keeps is left for who looks for orphans."""
    for act in [partial(footage().delete, name) for name in files] + [
        partial(sets.remove, key) for key in keys
    ]:
        try:
            act()
        except (OSError, BotoCoreError, ClientError):
            log.exception("files of a removed cut are left in the storage")
