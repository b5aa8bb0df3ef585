"""From a source to a set of renditions in a folder, step by step, without a database."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from videos.media.transcoding import (
    auto_poster,
    first_ladder,
    hls,
    hover_preview,
    mp4_download,
    storyboard,
)
from videos.media.transcoding.commands import set_command
from videos.media.transcoding.encode import (
    ProgressCallback,
    encode,
    estimated_bytes,
    ignore_progress,
    refuse_without_space,
)
from videos.media.transcoding.ladder import Rung, ladder
from videos.media.transcoding.playlists import write_playlists
from videos.media.transcoding.probing.probe import probe
from videos.media.transcoding.sandbox.process import run_parallel
from videos.media.transcoding.sound.encode import encode_to_target
from videos.media.transcoding.sound.filters import NORMALIZED
from videos.media.transcoding.sound.measure import measure_source
from videos.media.transcoding.sound.verify import verify_sound
from videos.media.transcoding.source_info import SourceInfo
from videos.media.transcoding.verify import (
    verify_decodable,
    verify_ends,
    verify_pictures,
    verify_switchable,
)


@dataclass(frozen=True)
class TranscodeResult:
    """A finished set; paths are relative to its folder, best rendition first."""

    info: SourceInfo
    renditions: tuple[hls.Variant, ...]
    seconds: float
    bytes: int
    master: str = hls.MASTER
    poster: str = auto_poster.POSTER
    storyboard: str = storyboard.STORYBOARD
    preview: str = hover_preview.PREVIEW
    download: str = mp4_download.DOWNLOAD


def transcode(
    source: Path, folder: Path, *, on_progress: ProgressCallback = ignore_progress
) -> TranscodeResult:
    """Create a set of `source` (a local file, never changed) in `folder`, which must be empty.

    Raises SourceRefused or EncodeFailed, each with a message for a producer; what is in the folder
    then is to be deleted.
    """
    return create_set(source, folder, probe(source), on_progress=on_progress)


def create_set(
    source: Path,
    folder: Path,
    info: SourceInfo,
    *,
    on_progress: ProgressCallback = ignore_progress,
    quick: bool = False,
) -> TranscodeResult:
    """Create a set of a source that was probed: a full one, or with `quick` a small first one.

    Raises EncodeFailed.
    """
    rungs = first_ladder.first_rungs(info) if quick else full_ladder(info)
    refuse_without_space(folder, estimated_bytes(info, rungs))
    for name in [rung.folder for rung in rungs] + [hls.SOUND_FOLDER] * bool(info.sound):
        (folder / name).mkdir()
    treatment = measure_source(source, folder, info)
    board = storyboard.layout(info.length, info.width, info.height)
    command = set_command(source, info, rungs, board, treatment, quick=quick)
    encode(command, info, folder, on_progress=on_progress)
    storyboard.write_storyboard(folder, board, info.length)
    if quick:  # the first attempt at the level is near enough for a first set
        return complete_set(folder, info, rungs)
    correct_sound = partial(encode_to_target, source, folder, info, treatment)
    return complete_set(folder, info, rungs, correct_sound)


def full_ladder(info: SourceInfo) -> list[Rung]:
    """The renditions of a full set."""
    return ladder(info.width, info.height, float(info.constant_rate))


def complete_set(
    folder: Path,
    info: SourceInfo,
    rungs: Sequence[Rung],
    correct_sound: Callable[[], None] | None = None,
) -> TranscodeResult:
    """Verify what was encoded and add what is made from it. Raises EncodeFailed.

    That is the playlists, the poster, the preview and the download. Meanwhile `correct_sound`, if
    given, may encode the sound again.
    """
    pictures = verify_pictures(folder, info, rungs)
    sound, *_nothing = run_parallel(
        partial(complete_sound, folder, info, correct_sound),
        partial(auto_poster.write_poster, folder, rungs, pictures, info.constant_rate),
        partial(complete_pictures, folder, info, rungs, pictures),
    )
    verify_ends(pictures, sound)
    variants = write_playlists(folder, info, rungs, pictures, sound)
    mp4_download.write_download(folder, rungs, pictures, sound)
    return result_of(folder, info, variants, mp4_download.DOWNLOAD)


def complete_sound(
    folder: Path, info: SourceInfo, correct_sound: Callable[[], None] | None = None
) -> hls.Media | None:
    """The sound of a set, at its final level and verified; None without sound.

    Raises EncodeFailed.
    """
    if not info.sound:
        return None
    if correct_sound:
        correct_sound()
    (folder / NORMALIZED).unlink(missing_ok=True)
    return verify_sound(folder, info)


def complete_pictures(
    folder: Path, info: SourceInfo, rungs: Sequence[Rung], pictures: Sequence[hls.Media]
) -> None:
    """Verify that renditions play together, and write the preview. Raises EncodeFailed."""
    verify_playable(folder, rungs, pictures)
    hover_preview.write_preview(folder, rungs, pictures, info.constant_rate)


def verify_playable(folder: Path, rungs: Sequence[Rung], pictures: Sequence[hls.Media]) -> None:
    """Raises EncodeFailed where renditions cannot be switched, or do not decode."""
    renditions = [
        (folder / rung.folder, media) for rung, media in zip(rungs, pictures, strict=True)
    ]
    verify_switchable(renditions)
    verify_decodable(renditions)


def complete_av1_set(folder: Path, info: SourceInfo, rungs: Sequence[Rung]) -> TranscodeResult:
    """Verify renditions in AV1, beside which sound and stills are already. Raises EncodeFailed."""
    pictures = verify_pictures(folder, info, rungs)
    sound = complete_sound(folder, info)
    verify_playable(folder, rungs, pictures)
    verify_ends(pictures, sound)
    return result_of(folder, info, write_playlists(folder, info, rungs, pictures, sound), "")


def result_of(
    folder: Path, info: SourceInfo, variants: Sequence[hls.Variant], download: str
) -> TranscodeResult:
    """The result, with the size of what is in `folder`."""
    return TranscodeResult(
        info=info,
        renditions=tuple(variants),
        seconds=info.length,
        bytes=sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()),
        download=download,
    )
