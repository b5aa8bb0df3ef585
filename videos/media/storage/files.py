"""Files of the footage storage, on the local disk or on S3."""

import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from django.core.files import File
from django.core.files.storage import Storage

from videos.media.models import footage
from videos.media.storage import s3
from videos.media.storage.workdir import work_folder

AT_ONCE = 8  # parallel uploads


LARGE = 32 * 1024**2  # bytes


def local(storage: Storage, name: str) -> Path | None:
    """The path of a file on the local disk; None if the storage is remote."""
    try:
        return Path(storage.path(name))
    except NotImplementedError:
        return None


@contextmanager
def local_copy(name: str) -> Iterator[Path]:
    """The path of a file of the footage storage: the file itself, or a temporary copy."""
    storage = footage()
    if here := local(storage, name):
        yield here
        return
    with work_folder("source") as folder:
        fetch(storage, name, folder / "source")
        yield folder / "source"


def fetch(storage: Storage, name: str, path: Path) -> None:
    """Copy a file of a remote storage to the local disk."""
    if s3.is_bucket(storage):
        s3.download(storage, name, path)
        return
    with storage.open(name) as original, path.open("wb") as copy:
        shutil.copyfileobj(original, copy, 1024**2)


def settle(folder: Path) -> None:
    """Flush all files of a folder and their names to disk."""
    for path in [*folder.rglob("*"), folder, folder.parent]:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def send(work: Path, storage: Storage, name: str) -> None:
    """Copy a folder to a remote storage, small files in parallel, large ones one by one.

    An hour of video has thousands of segments, each of which costs a round trip or two. A large
    file in a thread would delay a shutdown.
    """

    def send_one(path: Path) -> None:
        with path.open("rb") as file:
            storage.save(f"{name}/{path.relative_to(work).as_posix()}", File(file))

    files = sorted(path for path in work.rglob("*") if path.is_file())
    large = [path for path in files if path.stat().st_size > LARGE]
    senders = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="send")
    try:
        for _sent in senders.map(send_one, [path for path in files if path not in large]):
            pass
    finally:
        senders.shutdown(cancel_futures=True)
    for path in large:
        send_one(path)


def has_files(storage: Storage, folder: str) -> bool:
    """Whether a listed folder contains files. S3 may list empty folders."""
    return not s3.is_bucket(storage) or s3.has_files(storage, folder)


def remove_within(storage: Storage, name: str) -> None:
    """Delete everything below a folder of a storage."""
    if here := local(storage, name):
        shutil.rmtree(here, ignore_errors=True)
        return
    if s3.is_bucket(storage):
        s3.remove_folder(storage, name)
        return
    folders, files = storage.listdir(name)
    for file in files:
        storage.delete(f"{name}/{file}")
    for folder in folders:
        remove_within(storage, f"{name}/{folder}")
