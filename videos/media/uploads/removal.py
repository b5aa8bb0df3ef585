"""Removal of failed, refused and cancelled cuts with all their files, on record.

`access.may_remove_cut` checks the permission; other apps can register guards. The row of the cut is
kept without files (see `models.Cut`).
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
from videos.media.errors import CutStays
from videos.media.log_actions import CUT_REMOVED
from videos.media.models import Cut, Job, Upload, footage
from videos.media.renditions import sets
from videos.media.uploads.intake import keep_duplicate
from videos.planning.models import Video

log = logging.getLogger(__name__)

MOST_SHOWN = 50  # removed files of one video
# States without a full set
REMOVABLE = (Cut.State.REFUSED, Cut.State.FAILED, Cut.State.CANCELLED)

# Returns why a cut must stay; empty if it need not
Guard = Callable[[Cut], str]

_guards: list[Guard] = []


def register_removal_guard(guard: Guard) -> Guard:
    """Register a guard that is asked before a cut is removed; a decorator."""
    if guard not in _guards:
        _guards.append(guard)
    return guard


def why_it_stays(cut: Cut) -> str:
    """The reason why a cut cannot be removed; empty if it can."""
    if cut.state not in REMOVABLE:
        return _("%(cut)s can be watched or is still being processed, so it cannot be removed.") % {
            "cut": cut.title
        }
    if cut.sets.filter(is_public=True).exists() or cut.public_captions.exists():
        return _("Viewers can watch %(cut)s, so it cannot be removed.") % {"cut": cut.called}
    # The uploader may not remove these. Removing captions is logged; see `captions/editing.py`
    if cut.captions.with_words().exclude(changed_by=None).exists():
        return _("Somebody wrote captions for %(cut)s. Remove the captions first.") % {
            "cut": cut.called
        }
    return next((reason for guard in _guards if (reason := guard(cut))), "")


def remove(cut: Cut, *, by: User) -> None:
    """Remove a cut with its files. Raises CutStays.

    A worker that is processing it loses its lease and discards its work.
    """
    with transaction.atomic():
        # Lock the video, then the jobs, then the cut, as workers do, which avoids deadlocks
        video = Video.objects.select_for_update().get(pk=cut.video_id)
        over = {"state": Job.State.CANCELLED, "ended_at": now(), "lease_until": None}
        Job.objects.filter(cut=cut.pk, state__in=Job.OPEN).update(**over, reserved_bytes=0)
        fresh = Cut.objects.select_for_update().filter(pk=cut.pk).first()
        if fresh is None:
            raise CutStays(_("It was already removed."), "removed")
        if reason := why_it_stays(fresh):
            raise CutStays(reason, "stays")
        log_action(video, CUT_REMOVED, user=by, data=on_record(fresh))
        files = [name for name in (fresh.source.name, fresh.poster.name) if name]
        keys = list(fresh.sets.values_list("key", flat=True))
        transaction.on_commit(partial(delete_files, files, keys))
        detach_uploads(fresh)
        empty(fresh)
    log.info("cut %s of video %s is removed by user %s", cut.pk, video.pk, by.pk)


def on_record(cut: Cut) -> dict[str, object]:
    """The data of the log entry."""
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
    """The files that were removed from a video: their number, and the latest log entries."""

    count: int
    latest: Sequence[ModelLogEntry]


def removed_from(video: Video) -> Removed:
    """The log of files that were removed from a video, latest first."""
    entries: QuerySet[ModelLogEntry] = ModelLogEntry.objects.for_instance(video)
    removed = entries.filter(action=CUT_REMOVED).select_related("user", "content_type")
    latest = list(removed.order_by("-timestamp", "-pk")[: MOST_SHOWN + 1])
    count = len(latest) if len(latest) <= MOST_SHOWN else removed.count()
    return Removed(count, latest[:MOST_SHOWN])


def detach_uploads(cut: Cut) -> None:
    """Detach uploads from the cut. Uploads waiting as its duplicates are verified again."""
    for upload in Upload.objects.filter(duplicate_of=cut, state=Upload.State.DUPLICATE):
        keep_duplicate(upload)
    Upload.objects.filter(duplicate_of=cut).update(duplicate_of=None)
    Upload.objects.filter(cut=cut).update(cut=None)


def empty(cut: Cut) -> None:
    """Clear the row: it uses no space, and matches no duplicate."""
    cut.captions.all().delete()
    cut.current_set = cut.second_set = None
    cut.source = cut.poster = cut.sha256 = ""
    cut.source_bytes, cut.source_info, cut.poster_seconds = 0, {}, None
    cut.removed_at = now()
    cut.save()
    cut.sets.all().delete()


def delete_files(files: list[str], keys: list[UUID]) -> None:
    """Delete the files, after the commit. What fails is left for `media_orphans`."""
    for act in [partial(footage().delete, name) for name in files] + [
        partial(sets.remove, key) for key in keys
    ]:
        try:
            act()
        except (OSError, BotoCoreError, ClientError):
            log.exception("files of a removed cut were not deleted")
