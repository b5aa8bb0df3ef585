"""Runs ffmpeg for a transcode: within limits, watched for progress, never left running."""

import logging
import os
import queue
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from pathlib import Path
from typing import IO

from django.conf import settings
from django.utils.translation import gettext as _

from videos.media.errors import EncodeFailed
from videos.media.transcoding.failures import (
    incomplete,
    interrupted,
    kind_of,
    no_room,
    stalled,
    took_too_long,
    unexplained,
)
from videos.media.transcoding.ladder import Rung
from videos.media.transcoding.sandbox.process import (
    GIB,
    MIB,
    Limits,
    kill_group,
    raise_if_cancelled,
    read_text,
    run,
    start,
    wait_for_exit,
)
from videos.media.transcoding.source_info import SourceInfo

log = logging.getLogger(__name__)

# Called with the progress, from 0 to 1, and the speed in seconds of video per second, if known.
# An exception that it raises ends the encode.
ProgressCallback = Callable[[float, float | None], None]

STALL_SECONDS = 120
MEMORY = 10 * GIB
SPARE_DISK = 256 * MIB
POLL_SECONDS = 0.5


def ignore_progress(done: float, speed: float | None) -> None:
    """Discard the progress."""


def estimated_bytes(info: SourceInfo, rungs: Sequence[Rung]) -> int:
    """The most bytes that a set is expected to take on disk, with its small files.

    Bit rates are peaks: hardly any source takes half of them throughout. The encode of one that
    does is stopped when the disk is nearly full (`watch_progress`).
    """
    rate = sum(rung.bitrate for rung in rungs) / 2 + 200_000
    return int(info.seconds * rate / 8 * 1.2) + 16 * MIB


def time_limit(info: SourceInfo) -> int:
    """Seconds that an encode may take at most."""
    return int(min(900 + 60 * info.seconds, settings.TRANSCODE_TIMEOUT - 60))


def refuse_without_space(folder: Path, needed: int) -> None:
    """Raises EncodeFailed where `needed` bytes do not fit on the disk."""
    free = shutil.disk_usage(folder).free - SPARE_DISK
    if needed > free:
        log.error("not enough space in %s: %d bytes needed, %d free", folder, needed, free)
        raise EncodeFailed(no_room(), "disk_full")


def encode(
    command: Sequence[str],
    info: SourceInfo,
    folder: Path,
    *,
    on_progress: ProgressCallback = ignore_progress,
    stall_seconds: float = STALL_SECONDS,
) -> None:
    """Run the ffmpeg `command` in `folder`. Raises EncodeFailed with a message for a producer.

    It is killed when it makes no progress for `stall_seconds`, takes too long or too much disk
    space, or when `on_progress` raises; no process is left running in any case.
    """
    limit_seconds = time_limit(info)
    limits = Limits(
        cpu_seconds=limit_seconds * (os.cpu_count() or 1), memory_bytes=MEMORY, file_bytes=8 * GIB
    )
    with tempfile.TemporaryFile() as err:
        process = start(command, limits, out=-1, err=err, folder=folder)
        try:
            assert process.stdout
            watch_progress(process.stdout, info, folder, on_progress, limit_seconds, stall_seconds)
            code = wait_for_exit(process, 10)
        finally:
            kill_group(process)
            printed = read_text(err, last=4000)
            if process.stdout:
                process.stdout.close()
    if code != 0:
        log.warning("ffmpeg ended with %s: %s", code, printed)
        failure = kind_of(code, printed)
        raise EncodeFailed(failure_message(failure), failure)
    if printed:
        log.info("ffmpeg printed: %s", printed)


def failure_message(code: str) -> str:
    """The message for a producer, from the code of the failure."""
    messages = {
        "disk_full": no_room(),
        "interrupted": interrupted(),
        "memory": _(
            "The video needs more memory than the studio allows. Export it in a smaller size."
        ),
        "timeout": took_too_long(),
        "damaged": _(
            "The file is damaged and cannot be read to its end. Export it and upload it again."
        ),
    }
    return messages.get(code) or unexplained()


def watch_progress(
    out: IO[bytes],
    info: SourceInfo,
    folder: Path,
    on_progress: ProgressCallback,
    limit_seconds: float,
    stall_seconds: float,
) -> None:
    """Follow the progress that ffmpeg prints until it exits. Raises EncodeFailed."""
    began = moved = time.monotonic()
    position: tuple[str, ...] = ()
    furthest = 0.0  # an empty report must not lower the progress
    with closing(progress_reports(out)) as arriving:
        for report in arriving:
            raise_if_cancelled()
            now = time.monotonic()
            current = tuple(report.get(key, "") for key in ("frame", "out_time_us", "total_size"))
            if report and current != position:
                position, moved = current, now
            if now - moved > stall_seconds:
                raise EncodeFailed(stalled(int(stall_seconds)), "stalled")
            if now - began > limit_seconds:
                raise EncodeFailed(took_too_long(), "timeout")
            refuse_without_space(folder, 0)
            furthest = max(furthest, progress_of(report, info))
            on_progress(furthest, speed_of(report))


def progress_reports(out: IO[bytes]) -> Generator[dict[str, str], None, None]:
    """ffmpeg's progress reports (key=value up to `progress=`), empty ones while it is silent."""
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def read() -> None:
        for line in out:
            lines.put(line)
        lines.put(b"")

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    report: dict[str, str] = {}
    while True:
        try:
            line = lines.get(timeout=POLL_SECONDS)
        except queue.Empty:
            yield {}
            continue
        if not line:
            return
        key, _equals, value = line.decode(errors="replace").strip().partition("=")
        report[key] = value
        if key == "progress":
            yield report
            report = {}


def progress_of(report: dict[str, str], info: SourceInfo) -> float:
    """Progress from 0 to 1: never quite 1, because the set still has to be verified."""
    try:
        return min(0.99, max(0.0, int(report["frame"]) / info.frames))
    except (KeyError, ValueError):
        return 0.0


def speed_of(report: dict[str, str]) -> float | None:
    """Seconds of video encoded per second."""
    try:
        return float(report["speed"].rstrip("x"))
    except (KeyError, ValueError):
        return None


def run_tool(command: Sequence[str], folder: Path, limits: Limits, what: str) -> None:
    """Run a tool in `folder` that writes `what` (for the log). Raises EncodeFailed."""
    ended = run(command, limits, timeout=limits.cpu_seconds, folder=folder)
    if ended.code != 0:
        log.error("%s of %s: ended with %s: %s", what, folder, ended.code, ended.err[-2000:])
        raise EncodeFailed(incomplete(), "incomplete")
