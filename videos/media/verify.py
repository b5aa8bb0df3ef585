"""Looks a set over before anyone sees it: complete, as long as its source, and playable."""

import logging
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from django.utils.translation import gettext as _

from videos.media import binaries, playlist
from videos.media.confine import GIB, Limits, run
from videos.media.errors import EncodeFailed
from videos.media.fragments import film, media_bytes
from videos.media.last_segments import is_too_short

log = logging.getLogger(__name__)

LIMITS = Limits(cpu_seconds=300, memory_bytes=4 * GIB, file_bytes=1 * GIB)
# How far the sound may go on after the picture: the nothing that AAC begins with, and the rest of
# its last frame, 1,024 samples each
SOUND_SLACK_SECONDS = 2 * 1024 / 48_000
ROUNDING_SECONDS = 0.002
# What is decoded of a first segment: where a segment begins well, its encoder did
BEGINNING = ["-t", "1"]


def incomplete() -> str:
    """The sentence for a set that lacks something."""
    return _("What was made of the file is not complete: try again, or export the video anew.")


def verify(path: Path, seconds: float, *, slack: float, patched: float = 0.0) -> playlist.Media:
    """The media playlist at `path`: whole files of `seconds` in all, `slack` more or less.

    A picture that ends early was gone on with for `patched` seconds: what could be read is that
    much shorter. Raises EncodeFailed.
    """
    try:
        media = playlist.read(path.read_text())
        sizes = [(path.parent / name).stat().st_size for name, _seconds in media.segments]
        initial = (path.parent / media.init).stat().st_size
    except OSError as missing:
        log.error("a set lacks a file: %s", missing)
        raise EncodeFailed(incomplete(), "incomplete") from missing
    if not (media.ended and media.segments and initial and all(sizes)):
        log.error("%s is not complete", path)
        raise EncodeFailed(incomplete(), "incomplete")
    if abs(media.seconds - seconds) > slack + ROUNDING_SECONDS:
        log.error("%s has %.3f s of %.3f", path, media.seconds, seconds)
        raise EncodeFailed(
            _(
                "Only %(made).1f of %(expected).1f seconds could be read: "
                "the file is damaged. Export and upload it again."
            )
            % {"made": max(0.0, media.seconds - patched), "expected": seconds}
        )
    return media


def verify_ends(pictures: Sequence[playlist.Media], heard: playlist.Media | None) -> None:
    """No rendition has a last segment that players pass over, or sound that begins when the
    picture is over. Raises EncodeFailed."""
    for media in [*pictures, *([heard] if heard else [])]:
        if is_too_short(media):
            log.error("a last segment of %.3f s", media.segments[-1][1])
            raise EncodeFailed(incomplete(), "incomplete")
    if heard and heard.seconds - heard.segments[-1][1] >= pictures[0].seconds:
        log.error("sound begins after %.3f s, when the picture is over", pictures[0].seconds)
        raise EncodeFailed(incomplete(), "incomplete")


def verify_together(renditions: Sequence[tuple[Path, playlist.Media]]) -> None:
    """Renditions, each with its folder, can be switched at every segment, and decoded at both
    ends. Raises EncodeFailed."""
    lengths = {tuple(seconds for _name, seconds in media.segments) for _folder, media in renditions}
    if len(lengths) > 1:
        log.error("segments of %s do not line up", [str(folder) for folder, _media in renditions])
        raise EncodeFailed(incomplete(), "incomplete")
    decode(renditions)


def decode(renditions: Sequence[tuple[Path, playlist.Media]]) -> None:
    """Decode the beginning and the last segment of each to nothing. Raises EncodeFailed."""
    with ExitStack() as open_files:
        inputs: list[str] = []
        for folder, media in renditions:
            (first, _seconds), (last, _seconds) = media.segments[0], media.segments[-1]
            ends = [(last, [])] if first == last else [(first, BEGINNING), (last, [])]
            for name, part in ends:
                whole = open_files.enter_context(film(folder / media.init, [folder / name]))
                inputs += [*part, "-threads", "1", "-skip_loop_filter", "all"]
                inputs += ["-protocol_whitelist", "file", "-i", f"file:{whole}"]
        count = inputs.count("-i")
        outputs = [word for at in range(count) for word in ("-map", f"{at}", "-f", "null", "-")]
        quiet = ("-v", "error", "-nostdin", "-xerror")
        ended = run([binaries.ffmpeg(), *quiet, *inputs, *outputs], LIMITS, timeout=300)
    if ended.code != 0:
        log.error("%s: does not decode: %s", renditions[0][0].parent, ended.err[-2000:])
        raise EncodeFailed(incomplete(), "incomplete")


def verify_download(file: Path, parts: Sequence[tuple[Path, playlist.Media]]) -> None:
    """A download holds the pictures and the sound of its renditions, each with its folder, to the
    byte. Raises EncodeFailed."""
    try:
        there = media_bytes([file])
        expected = sum(
            media_bytes([folder / name for name, _seconds in media.segments])
            for folder, media in parts
        )
    except OSError as missing:
        log.error("no download: %s", missing)
        raise EncodeFailed(incomplete(), "incomplete") from missing
    if there != expected:
        log.error("%s holds %d bytes of media instead of %d", file, there, expected)
        raise EncodeFailed(incomplete(), "incomplete")


def made_by(command: Sequence[str], folder: Path, limits: Limits, what: str) -> None:
    """Run a tool in `folder` that makes `what` of a finished rendition. Raises EncodeFailed."""
    ended = run(command, limits, timeout=limits.cpu_seconds, folder=folder)
    if ended.code != 0:
        log.error("%s of %s: ended with %s: %s", what, folder, ended.code, ended.err[-2000:])
        raise EncodeFailed(incomplete(), "incomplete")
