"""What the studio's encode is compared with: plain ffmpeg, in the two usual ways."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from videos.media.transcoding.encoder_settings import picture_options
from videos.media.transcoding.ladder import Rung
from videos.media.transcoding.sandbox import binaries
from videos.media.transcoding.sound.filters import encoder_options
from videos.media.transcoding.source_info import Content


def target(folder: Path, rung: Rung) -> Path:
    """Where the file of a rendition lies."""
    return folder / f"{rung.folder}.mp4"


def one_each(source: Path, folder: Path, rungs: Sequence[Rung]) -> list[list[str]]:
    """A process a rendition, x264 as it comes but for its quality; the picture alone.

    Their key frames lie where x264 likes, which is kind to them: players could not switch.
    """
    return [
        [
            *(binaries.ffmpeg(), "-v", "error", "-nostdin", "-y", "-i", str(source), "-an"),
            *("-vf", f"scale={rung.width}:{rung.height}:flags=lanczos"),
            *("-c:v", "libx264", "-preset", "medium", "-crf", "23", str(target(folder, rung))),
        ]
        for rung in rungs
    ]


def all_at_once(
    source: Path, folder: Path, rungs: Sequence[Rung], rate: Fraction, content: Content
) -> list[str]:
    """One decode, one process, and the options of our own encoder: pictures and sound, no more."""
    names = [f"[v{number}]" for number in range(len(rungs))]
    scaled = [
        f"{name}scale={rung.width}:{rung.height}:flags=lanczos[s{number}]"
        for number, (name, rung) in enumerate(zip(names, rungs, strict=True))
    ]
    split = f"[0:v]split={len(rungs)}{''.join(names)}"
    command = [
        *(binaries.ffmpeg(), "-v", "error", "-nostdin", "-y", "-i", str(source)),
        *("-filter_complex", ";".join([split, *scaled])),
    ]
    for number, rung in enumerate(rungs):
        command += ["-map", f"[s{number}]"]
        for name, value in picture_options(rung, rate, content).items():
            command += [f"-{name}", str(value)]
        command.append(str(target(folder, rung)))
    sound = [part for name, value in encoder_options().items() for part in (f"-{name}", str(value))]
    return [*command, "-map", "0:a", *sound, str(folder / "sound.m4a")]
