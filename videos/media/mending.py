"""Sets made before a film's end was looked at: made anew without encoding. `ends.py` finds them.

Their last segments are so short that players pass over them and wait for ever. A set is never
written again, and may lie in caches for a year: so a copy of it, with those segments joined to the
ones before them, takes its place, as a job like all others. See docs/decisions/0044-films-end.md.
"""

import logging
from functools import partial
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.utils.timezone import now

from videos.media import early, last_segments, playlist
from videos.media.encode import refuse_without_room
from videos.media.ending import Held
from videos.media.errors import LeaseLost
from videos.media.frames import read
from videos.media.models import Cut, Job, Rendition, RenditionSet, footage
from videos.media.pipeline import SOUND, list_keys
from videos.media.sets import let_play_on, new_folder
from videos.planning.models import Video

log = logging.getLogger(__name__)


def ends_well(renditions: RenditionSet) -> bool:
    """Whether no last segment of a set is too short. Raises OSError."""
    return not any(
        last_segments.is_too_short(listed(renditions, path)) for path in paths(renditions)
    )


def paths(renditions: RenditionSet) -> list[str]:
    """The media playlists of a set."""
    pictures = list(renditions.renditions.values_list("path", flat=True))
    heard = renditions.renditions.filter(codecs__contains=playlist.AAC).exists()
    return pictures + [f"{SOUND}/{last_segments.PLAYLIST}"] * heard


def listed(renditions: RenditionSet, path: str) -> playlist.Media:
    """A media playlist of a set. Raises OSError."""
    return playlist.read(read(footage(), f"{renditions.folder}/{path}").decode())


def make_ends(held: Held) -> None:
    """The work of such a job. Raises EncodeFailed, LeaseLost."""
    shown = [pk for pk in (held.cut.current_set_id, held.cut.second_set_id) if pk]
    for old in RenditionSet.objects.filter(pk__in=shown, ends_well=False):
        mend(held, old)
    ended = {"state": Job.State.READY, "progress": 1, "ended_at": now(), "lease_until": None}

    def end() -> None:
        if not held.rows.update(**ended):
            raise LeaseLost

    held.lease.patiently(end)


def mend(held: Held, old: RenditionSet) -> None:
    """Put a copy of a set in its place that ends well. Raises EncodeFailed, LeaseLost."""
    key = held.key(old.kind)
    with new_folder(key) as folder:
        refuse_without_room(folder.path, old.bytes)
        early.copy(footage(), old.folder, folder.path)
        for path in paths(old):
            settle(folder.path / Path(path).parent, has_keys=not path.startswith(f"{SOUND}/"))
        folder.store()
        held.lease.patiently(partial(put_in_place, held, old, key))
    log.info("set %s takes the place of %s, whose end was not well", key, old.key)


def settle(place: Path, *, has_keys: bool) -> None:
    """Join a short end, and list the key pictures anew."""
    last_segments.join(place)
    if has_keys:
        list_keys(place, playlist.read((place / last_segments.PLAYLIST).read_text()))


def put_in_place(held: Held, old: RenditionSet, key: UUID) -> None:
    """One pointer of the cut changes, and nothing else that a viewer has. Raises LeaseLost."""
    with transaction.atomic():
        if RenditionSet.objects.filter(key=key).exists():
            return  # a try before this one did it, and its answer was lost
        # The video first, as everyone does: a page may be published or taken down meanwhile.
        Video.objects.select_for_update().get(pk=held.cut.video_id)
        cut = Cut.objects.select_for_update().get(pk=held.cut.pk)
        if not held.rows.update(reason=""):
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
        let_play_on(replaced)
        replaced.update(replaced_at=now())


def copied(old: RenditionSet, key: UUID) -> RenditionSet:
    """The rows of a set once more, under another key."""
    same = (
        *("cut", "kind", "is_public", "master", "poster", "storyboard", "preview", "download"),
        *("sound_track", "width", "height", "seconds", "bytes"),
    )
    values = {name: getattr(old, name) for name in same}
    new = RenditionSet.objects.create(key=key, ends_well=True, **values)
    of_each = ("width", "height", "bitrate", "codecs", "path")
    Rendition.objects.bulk_create(
        Rendition(set=new, **{name: getattr(each, name) for name in of_each})
        for each in old.renditions.all()
    )
    return new
