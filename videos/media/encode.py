"""Runs the one ffmpeg of a transcode: within limits, watched, and never left behind."""

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

from videos.media.confine import GIB, MIB, Limits, code_of, end, go_on, start, text_of
from videos.media.errors import EncodeFailed
from videos.media.facts import Facts
from videos.media.failures import interrupted, kind_of, no_room, too_long, unexplained
from videos.media.ladder import Rung

log = logging.getLogger(__name__)

# Called with how far it is, from 0 to 1, and how many seconds of video a second makes, if known.
# What it raises ends the encode.
Tell = Callable[[float, float | None], None]

STALL_SECONDS = 120
MEMORY = 10 * GIB
SPARE_DISK = 256 * MIB
POLL_SECONDS = 0.5


def quiet(done: float, speed: float | None) -> None:
    """Tells nobody."""


def most_bytes(facts: Facts, rungs: Sequence[Rung]) -> int:
    """Bytes that a set takes on the disk at most, with its small files, as far as one can tell.

    Its rates are peaks: hardly anything takes half of them throughout. What does is ended when the
    disk is nearly full (`watch`).
    """
    rate = sum(rung.bitrate for rung in rungs) / 2 + 200_000
    return int(facts.seconds * rate / 8 * 1.2) + 16 * MIB


def wall_seconds(facts: Facts) -> int:
    """How long an encode may take at most."""
    return int(min(900 + 60 * facts.seconds, settings.TRANSCODE_TIMEOUT - 60))


def refuse_without_room(folder: Path, needed: int) -> None:
    """Raises EncodeFailed, with the figures, where `needed` bytes do not fit."""
    free = shutil.disk_usage(folder).free - SPARE_DISK
    if needed > free:
        log.error("no room in %s: %d bytes needed, %d free", folder, needed, free)
        raise EncodeFailed(no_room(), "disk_full")


def encode(
    command: Sequence[str],
    facts: Facts,
    folder: Path,
    *,
    tell: Tell = quiet,
    stall_seconds: float = STALL_SECONDS,
) -> None:
    """Run `command` in `folder` to its end. Raises EncodeFailed with a reason for a producer.

    It is ended when it makes no progress for `stall_seconds`, takes too long or too much disk,
    or when `tell` raises; no process is left in any case.
    """
    wall = wall_seconds(facts)
    limits = Limits(
        cpu_seconds=wall * (os.cpu_count() or 1), memory_bytes=MEMORY, file_bytes=8 * GIB
    )
    with tempfile.TemporaryFile() as err:
        process = start(command, limits, out=-1, err=err, folder=folder)
        try:
            assert process.stdout
            watch(process.stdout, facts, folder, tell, wall, stall_seconds)
            code = code_of(process, 10)
        finally:
            end(process)
            said = text_of(err, last=4000)
            if process.stdout:
                process.stdout.close()
    if code != 0:
        log.warning("ffmpeg ended with %s: %s", code, said)
        kind = kind_of(code, said)
        raise EncodeFailed(reason(kind), kind)
    if said:
        log.info("ffmpeg said: %s", said)


def reason(kind: str) -> str:
    """Why it failed, for a producer, from the code of the failure."""
    reasons = {
        "disk_full": no_room(),
        "interrupted": interrupted(),
        "memory": _("The video takes more memory than the studio allows: export it smaller."),
        "timeout": too_long(),
        "damaged": _(
            "The file is damaged: it cannot be read to its end. Export and upload it again."
        ),
    }
    return reasons.get(kind) or unexplained()


def watch(
    out: IO[bytes], facts: Facts, folder: Path, tell: Tell, wall: float, stall_seconds: float
) -> None:
    """Follow the progress that ffmpeg prints, until it prints no more."""
    began = moved = time.monotonic()
    where: tuple[str, ...] = ()
    far = 0.0  # a silent ffmpeg has not gone back
    with closing(reports(out)) as arriving:
        for report in arriving:
            go_on()
            now = time.monotonic()
            here = tuple(report.get(key, "") for key in ("frame", "out_time_us", "total_size"))
            if report and here != where:
                where, moved = here, now
            if now - moved > stall_seconds:
                raise EncodeFailed(
                    _("Nothing moved for %(seconds)d seconds: try again.")
                    % {"seconds": stall_seconds},
                    "stalled",
                )
            if now - began > wall:
                raise EncodeFailed(too_long(), "timeout")
            refuse_without_room(folder, 0)
            far = max(far, done(report, facts))
            tell(far, speed(report))


def reports(out: IO[bytes]) -> Generator[dict[str, str], None, None]:
    """What ffmpeg reports (key=value lines up to `progress=`); an empty one when it is silent."""
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


def done(report: dict[str, str], facts: Facts) -> float:
    """How far it is, from 0 to 1: never quite 1, for the set is still to be looked over."""
    try:
        return min(0.99, max(0.0, int(report["frame"]) / facts.frames))
    except (KeyError, ValueError):
        return 0.0


def speed(report: dict[str, str]) -> float | None:
    """Seconds of video made in a second."""
    try:
        return float(report["speed"].rstrip("x"))
    except (KeyError, ValueError):
        return None
