"""Repairs rendition sets whose last segments are too short, without encoding.

Players skip such a segment and then wait for ever. The files of a set never change, as caches keep
them for up to a year, so a copy with the last segments joined replaces the set.
`end_repair_queue.py` finds the sets. See docs/decisions/0038-films-end.md.
"""

import logging
from functools import partial
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.utils.timezone import now

from videos.media.cuts.frame_grab import read
from videos.media.errors import LeaseLost
from videos.media.jobs import first_set
from videos.media.jobs.outcome import ClaimedJob
from videos.media.models import Cut, Job, Rendition, RenditionSet, footage
from videos.media.renditions.sets import new_folder, start_grace_period
from videos.media.transcoding import hls, last_segments
from videos.media.transcoding.encode import refuse_without_space
from videos.media.transcoding.hls import SOUND_FOLDER
from videos.media.transcoding.playlists import write_key_frames
from videos.planning.models import Video

log = logging.getLogger(__name__)


def ends_well(renditions: RenditionSet) -> bool:
    """Whether all last segments of a set are long enough. Raises OSError."""
    return not any(
        last_segments.is_too_short(listed(renditions, path)) for path in paths(renditions)
    )


def paths(renditions: RenditionSet) -> list[str]:
    """The paths of the media playlists of a set."""
    pictures = list(renditions.renditions.values_list("path", flat=True))
    heard = renditions.renditions.filter(codecs__contains=hls.AAC).exists()
    return pictures + [f"{SOUND_FOLDER}/{hls.PLAYLIST}"] * heard


def listed(renditions: RenditionSet, path: str) -> hls.Media:
    """A media playlist of a set. Raises OSError."""
    return hls.parse(read(footage(), f"{renditions.folder}/{path}").decode())


def repair_ends(claimed: ClaimedJob) -> None:
    """Repair the sets that a cut shows: the handler of `Job.Kind.END_REPAIR`.

    Raises EncodeFailed, LeaseLost.
    """
    shown = [pk for pk in (claimed.cut.current_set_id, claimed.cut.second_set_id) if pk]
    for old in RenditionSet.objects.filter(pk__in=shown, ends_well=False):
        mend(claimed, old)
    ended = {"state": Job.State.READY, "progress": 1, "ended_at": now(), "lease_until": None}

    def end() -> None:
        if not claimed.rows.update(**ended):
            raise LeaseLost

    claimed.lease.retry_while_database_is_away(end)


def mend(claimed: ClaimedJob, old: RenditionSet) -> None:
    """Replace a set with a repaired copy. Raises EncodeFailed, LeaseLost."""
    key = claimed.key(old.kind)
    with new_folder(key) as folder:
        refuse_without_space(folder.path, old.bytes)
        first_set.copy(footage(), old.folder, folder.path)
        for path in paths(old):
            settle(
                folder.path / Path(path).parent, has_keys=not path.startswith(f"{SOUND_FOLDER}/")
            )
        folder.store()
        claimed.lease.retry_while_database_is_away(partial(put_in_place, claimed, old, key))
    log.info("set %s replaces %s, whose last segments were too short", key, old.key)


def settle(place: Path, *, has_keys: bool) -> None:
    """Join a short last segment with the one before, and list the keyframes again."""
    last_segments.merge_short_end(place)
    if has_keys:
        write_key_frames(place, hls.parse((place / hls.PLAYLIST).read_text()))


def put_in_place(claimed: ClaimedJob, old: RenditionSet, key: UUID) -> None:
    """One pointer of the cut changes, and nothing else that a viewer has. Raises LeaseLost."""
    with transaction.atomic():
        if RenditionSet.objects.filter(key=key).exists():
            return  # a try before this one did it, and its answer was lost
        # The video first, as everyone does: a page may be published or taken down meanwhile.
        Video.objects.select_for_update().get(pk=claimed.cut.video_id)
        cut = Cut.objects.select_for_update().get(pk=claimed.cut.pk)
        if not claimed.rows.update(reason=""):
            raise LeaseLost
        fresh = RenditionSet.objects.select_for_update().get(pk=old.pk)
        new = copied(fresh, key)
        if cut.current_set_id == old.pk:
            cut.current_set = new
        elif cut.second_set_id == old.pk:
            cut.second_set = new
        else:  # another one took its place meanwhile
            raise LeaseLost
        cut.save(update_fields=["current_set", "second_set"])
        replaced = RenditionSet.objects.filter(pk=old.pk)
        start_grace_period(replaced)
        replaced.update(replaced_at=now())


def copied(old: RenditionSet, key: UUID) -> RenditionSet:
    """Copy the rows of a set under a new key."""
    same = (
        *("cut", "kind", "is_public", "master", "poster", "storyboard", "preview", "download"),
        *("audio_track", "width", "height", "seconds", "bytes"),
    )
    values = {name: getattr(old, name) for name in same}
    new = RenditionSet.objects.create(key=key, ends_well=True, **values)
    of_each = ("width", "height", "bitrate", "codecs", "path")
    Rendition.objects.bulk_create(
        Rendition(set=new, **{name: getattr(each, name) for name in of_each})
        for each in old.renditions.all()
    )
    return new
