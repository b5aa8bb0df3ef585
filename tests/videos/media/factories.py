"""Rows and files of the media room, for its own tests."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.timezone import now

from tests.factories import CutFactory, RenditionSetFactory
from videos.media.models import Cut, Job, RenditionSet, footage
from videos.media.storage.files import has_files


def upload_of(path: Path, name: str | None = None) -> SimpleUploadedFile:
    """The file as a browser would hand it in."""
    return SimpleUploadedFile(name or path.name, path.read_bytes(), "video/mp4")


def job_of(source: Path, **fields: Any) -> Job:
    """A queued job of a cut with this source."""
    cut = CutFactory(source=ContentFile(source.read_bytes(), "source"))
    return Job.objects.create(cut=cut, **fields)


def set_with_files(*, is_public: bool = False, current: bool = True) -> RenditionSet:
    """A ready cut's set with a few small files in its folder."""
    renditions = RenditionSetFactory(is_public=is_public)
    for name, content in {
        "master.m3u8": b"#EXTM3U\n",
        "640x360/index.m3u8": b"#EXTM3U\n",
        "640x360/00000.m4s": bytes(range(100)),
        "poster.jpg": b"\xff\xd8\xff",
        "storyboard.vtt": b"WEBVTT\n",
        "notes.txt": b"no type",
    }.items():
        footage().save(f"{renditions.folder}/{name}", ContentFile(content))
    if current:
        Cut.objects.filter(pk=renditions.cut.pk).update(
            current_set=renditions, state=Cut.State.READY
        )
    renditions.cut.refresh_from_db()
    return renditions


def abandoned(job: Job, attempts: int = 1) -> Job:
    """The job as a worker leaves it that was killed."""
    job.state, job.token, job.attempts = Job.State.RUNNING, uuid4(), attempts
    job.lease_until = now() - timedelta(seconds=1)
    job.save()
    return job


def set_folders() -> set[str]:
    """The folders in which sets lie, or are being made."""
    try:
        listed, _files = footage().listdir("sets")
        return {name for name in listed if has_files(footage(), f"sets/{name}")}
    except FileNotFoundError:
        return set()
