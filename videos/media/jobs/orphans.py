"""Orphans: files in the footage storage without a row, and rows whose files are missing.

Recent files are never orphans, as a file is written before its row.
"""

import datetime as dt
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.files.storage import Storage
from django.utils.timezone import now

from videos.media.jobs.chunk_jobs import FOLDER as PIECES
from videos.media.jobs.chunk_jobs import chunk_folder
from videos.media.models import Cut, Job, RenditionSet, Upload, footage
from videos.media.renditions.sets import FOLDER as SETS
from videos.media.renditions.sets import owned_folders
from videos.media.storage.files import local, remove_within

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Stored:
    """A file of the storage."""

    name: str
    bytes: int
    modified: dt.datetime


@dataclass(frozen=True)
class Orphan:
    """A file, or a whole folder, that no row refers to."""

    name: str
    is_folder: bool
    files: int
    bytes: int
    modified: dt.datetime


@dataclass(frozen=True)
class Missing:
    """A row whose file is missing."""

    row: str
    name: str


# The folders of the storage. Files of the health check in `probes` have no rows.
AREAS = ("sources", SETS, PIECES, "uploads", "posters", "probes")


def walk(storage: Storage, folder: str) -> Iterator[Stored]:
    """Every file below a folder. On S3, one request lists up to a thousand."""
    if here := local(storage, folder):
        root = here.parent
        for path in sorted(here.rglob("*")):
            if path.is_file():
                yield of_disk(path, path.relative_to(root).as_posix())
        return
    place: Any = storage
    prefix = f"{place.location.strip('/')}/" if place.location else ""
    for found in place.bucket.objects.filter(Prefix=f"{prefix}{folder}/"):
        yield Stored(found.key.removeprefix(prefix), found.size, found.last_modified)


def of_disk(path: Path, name: str) -> Stored:
    """A file on the local disk."""
    stat = path.stat()
    return Stored(name, stat.st_size, dt.datetime.fromtimestamp(stat.st_mtime, dt.UTC))


def owners() -> set[str]:
    """The first two path segments of every file that a row refers to."""
    names = {f"{SETS}/{key}" for key in owned_folders()}
    names |= {
        chunk_folder(pk)
        for pk in Job.objects.filter(state__in=Job.OPEN).values_list("pk", flat=True)
    }
    names |= set(Cut.objects.exclude(source="").values_list("source", flat=True))
    for field in ("poster", "public_poster"):
        names |= set(Cut.objects.exclude(**{field: ""}).values_list(field, flat=True))
    names |= set(Upload.objects.filter(state__in=Upload.OPEN).values_list("path", flat=True))
    return {unit_of(name) for name in names}


def unit_of(name: str) -> str:
    """The first two segments of a path: one row refers to everything below."""
    return "/".join(name.split("/")[:2])


def find_orphans(grace: dt.timedelta) -> list[Orphan]:
    """All orphans whose newest file is older than `grace`, ordered by name.

    The files are listed before the rows are read, so that new files have their rows.
    """
    units: dict[str, list[Stored]] = {}
    for area in AREAS:
        for stored in walk(footage(), area):
            units.setdefault(unit_of(stored.name), []).append(stored)
    owned = owners()
    before = now() - grace
    found = [orphan_of(unit, files) for unit, files in units.items() if unit not in owned]
    return sorted((o for o in found if o.modified < before), key=lambda orphan: orphan.name)


def orphan_of(unit: str, files: list[Stored]) -> Orphan:
    """An orphan with the totals of its files."""
    return Orphan(
        name=unit,
        is_folder=any(file.name != unit for file in files),
        files=len(files),
        bytes=sum(file.bytes for file in files),
        modified=max(file.modified for file in files),
    )


def remove(orphans: Iterable[Orphan]) -> int:
    """Delete those that are still orphans; returns how many."""
    storage, owned, count = footage(), owners(), 0
    for orphan in orphans:
        if orphan.name in owned:
            continue
        if orphan.is_folder:
            remove_within(storage, orphan.name)
        else:
            storage.delete(orphan.name)
        log.info("orphan removed: %s, %d bytes", orphan.name, orphan.bytes)
        count += 1
    return count


def find_missing() -> list[Missing]:
    """Rows whose files are missing in the storage."""
    there = {
        stored.name for area in ("sources", SETS, "posters") for stored in walk(footage(), area)
    }
    named = [
        (f"cut {pk}", name)
        for pk, *names in Cut.objects.values_list("pk", "source", "poster", "public_poster")
        for name in dict.fromkeys(names)
        if name
    ]
    wanted = [
        *named,
        *(
            (f"set {renditions.key}", f"{renditions.folder}/{renditions.master}")
            for renditions in RenditionSet.objects.only("key", "master")
        ),
    ]
    return [Missing(row, name) for row, name in wanted if name not in there]
