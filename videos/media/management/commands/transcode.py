"""`manage.py transcode SOURCE OUTDIR`: the real pipeline without a database."""

import argparse
import json
import logging
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from studio.commands import StudioCommand
from videos.media.cuts.notices import remarks_in_words
from videos.media.errors import EncodeFailed, SourceRefused
from videos.media.transcoding.pipeline import TranscodeResult, transcode


class Refused(CommandError):
    """The source was refused. Django prints the class name before the message."""


class Failed(CommandError):
    """The transcode failed."""


class Command(StudioCommand):
    help = "Makes a set of renditions (HLS), a poster and a storyboard of SOURCE in OUTDIR."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", metavar="SOURCE", type=existing_file)
        parser.add_argument("folder", metavar="OUTDIR", type=empty_folder)
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with stoppable(), quiet_log(options["verbosity"]), work_folder(folder) as work:
                made = transcode(options["source"], work)
                for entry in work.iterdir():
                    entry.rename(folder / entry.name)
        except SourceRefused as refusal:
            raise Refused(str(refusal)) from refusal
        except EncodeFailed as failure:
            raise Failed(str(failure)) from failure
        except OSError as trouble:
            raise Failed(
                _("The files cannot be read or written: %(why)s.") % {"why": trouble.strerror}
            ) from trouble
        text = json.dumps(document(made)) if options["json"] else table(made)
        self.stdout.write(text)


def existing_file(name: str) -> Path:
    """SOURCE as a path; anything but a file is a usage error."""
    path = Path(name)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"{name}: no such file")
    return path


def empty_folder(name: str) -> Path:
    """OUTDIR as a path; what is no folder, or is not empty, is a usage error."""
    path = Path(name)
    if path.exists() and not path.is_dir():
        raise argparse.ArgumentTypeError(f"{name}: not a folder")
    if path.is_dir() and any(path.iterdir()):
        raise argparse.ArgumentTypeError(f"{name}: not empty")
    return path


@contextmanager
def work_folder(folder: Path) -> Iterator[Path]:
    """A temporary folder on the same file system as the results."""
    work = Path(tempfile.mkdtemp(prefix=".making-", dir=folder))
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


@contextmanager
def quiet_log(verbosity: int) -> Iterator[None]:
    """Silence logging unless `-v 2` is given: stderr has at most one line."""
    before = logging.root.manager.disable
    if verbosity < 2:
        logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


@contextmanager
def stoppable() -> Iterator[None]:
    """Turn SIGTERM and SIGHUP into SystemExit, so that temporary files are removed."""

    def stop(number: int, frame: FrameType | None) -> None:
        sys.exit(128 + number)

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def document(made: TranscodeResult) -> dict[str, Any]:
    """What `--json` prints. Remarks are a part of it only where there are some."""
    remarks = remarks_in_words(made.info.as_values())
    return {
        "source": made.info.summary(),
        "renditions": [
            {
                "width": rendition.width,
                "height": rendition.height,
                "bitrate": rendition.average,
                "codecs": rendition.codecs,
                "path": rendition.path,
            }
            for rendition in made.renditions
        ],
        "master": made.master,
        "poster": made.poster,
        "storyboard": made.storyboard,
        "seconds": round(made.seconds, 3),
        **({"remarks": remarks} if remarks else {}),
    }


def table(made: TranscodeResult) -> str:
    """The same for people."""
    source = made.info.summary()
    lines = [
        f"{source['width']} × {source['height']}, {made.seconds:.1f} s",
        *(
            f"{r.width:>5} × {r.height:<5} {r.average / 1000:>8.0f} kbit/s  {r.path}"
            for r in made.renditions
        ),
        f"{made.master}  {made.poster}  {made.storyboard}",
        *remarks_in_words(made.info.as_values()),
    ]
    return "\n".join(lines)
