"""What the studio's encode is compared with: plain ffmpeg, in the two usual ways."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from videos.media import binaries, graph
from videos.media.facts import Content
from videos.media.ladder import Rung


def target(folder: Path, rung: Rung) -> Path:
    """Where the file of a rendition lies."""
    return folder / f"{graph.name(rung)}.mp4"


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
        for name, value in graph.picture_options(rung, rate, content).items():
            command += [f"-{name}", str(value)]
        command.append(str(target(folder, rung)))
    sound = [
        part for name, value in graph.sound_options().items() for part in (f"-{name}", str(value))
    ]
    return [*command, "-map", "0:a", *sound, str(folder / "sound.m4a")]
