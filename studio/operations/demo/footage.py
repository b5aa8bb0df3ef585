"""Makes the demo's footage: drawn frames and a soft chord, put together by ffmpeg."""

import array
import math
import subprocess
import tempfile
import textwrap
import wave
from pathlib import Path

import ffmpeg

from studio.operations.demo.drawing import HEIGHT, RATE, WIDTH, Clip, frame
from videos.media.timecodes import webvtt_time
from videos.media.transcoding.sandbox.binaries import ffmpeg as ffmpeg_binary

LINE = 42  # characters that a line of captions has at most
SAMPLE_RATE = 44_100
LEVEL = 0.12  # of full scale: gentle
CHORDS = ((1.0, 1.25, 1.5), (0.84, 1.0, 1.25), (0.75, 0.9375, 1.125), (0.89, 1.125, 1.335))
ROOT = 220.0  # Hz


class FootageFailed(RuntimeError):
    """ffmpeg would not put the footage together; the message is what it said last."""


def samples(clip: Clip) -> "array.array[int]":
    """The sound, mono, 16 bits: a chord a card that swells and fades, and a soft pulse."""
    sound = array.array("h")
    for number, scene in enumerate(clip.scenes):
        speeds = [math.tau * ROOT * part / SAMPLE_RATE for part in CHORDS[number % len(CHORDS)]]
        pulse = speeds[0] * 2
        count = round(scene.seconds * SAMPLE_RATE)
        for i in range(count):
            time = i / SAMPLE_RATE
            swell = min(1.0, time / 0.6) * min(1.0, (scene.seconds - time) / 0.6)
            chord = sum(math.sin(speed * i) for speed in speeds) / len(speeds)
            beat = math.sin(pulse * i) * math.exp(-6 * (time % 1.0))
            sound.append(round(32_767 * LEVEL * swell * (0.75 * chord + 0.25 * beat)))
    return sound


def write_sound(clip: Clip, path: Path) -> None:
    """The sound of a clip as a WAV file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(samples(clip).tobytes())


def command(sound: Path, target: Path) -> list[str]:
    """The ffmpeg command that reads raw frames from its standard input."""
    picture = ffmpeg.input(
        "pipe:", format="rawvideo", pix_fmt="rgb24", s=f"{WIDTH}x{HEIGHT}", r=RATE
    ).video.filter("scale", out_color_matrix="bt709", out_range="tv")
    made = ffmpeg.output(
        picture,
        ffmpeg.input(str(sound)).audio,
        str(target),
        vcodec="libx264",
        preset="veryfast",
        crf=18,
        pix_fmt="yuv420p",
        colorspace="bt709",
        color_primaries="bt709",
        color_trc="bt709",
        acodec="aac",
        audio_bitrate="128k",
        movflags="+faststart",
    )
    return list(
        made.global_args("-hide_banner", "-loglevel", "error").compile(
            cmd=ffmpeg_binary(), overwrite_output=True
        )
    )


def make(clip: Clip, target: Path) -> None:
    """Writes a clip as an MP4 file with H.264 and AAC. Raises FootageFailed."""
    with tempfile.TemporaryDirectory() as folder:
        sound = Path(folder) / "sound.wav"
        write_sound(clip, sound)
        with subprocess.Popen(
            command(sound, target), stdin=subprocess.PIPE, stderr=subprocess.PIPE
        ) as encoder:
            assert encoder.stdin
            assert encoder.stderr
            try:
                for number in range(round(clip.seconds * RATE)):
                    encoder.stdin.write(frame(clip, number / RATE).tobytes())
                encoder.stdin.close()
            except BrokenPipeError:
                pass  # it ended early, and says why below
            said = encoder.stderr.read().decode(errors="replace").strip()
        if encoder.returncode:
            raise FootageFailed(said)


def captions(clip: Clip) -> str:
    """What is said in a clip, as WebVTT: two lines at a time, each as long as its share."""
    cues, start = [], 0.0
    for scene in clip.scenes:
        lines = textwrap.wrap(scene.said, LINE)
        pairs = ["\n".join(lines[at : at + 2]) for at in range(0, len(lines), 2)]
        begin, spoken = start + 0.2, scene.seconds - 0.3
        for pair in pairs:
            end = begin + spoken * len(pair) / sum(map(len, pairs))
            cues.append(f"{webvtt_time(begin)} --> {webvtt_time(end)}\n{pair}")
            begin = end
        start += scene.seconds
    return "WEBVTT\n\n" + "\n\n".join(cues) + "\n"
