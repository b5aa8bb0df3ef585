"""Every file as the best tool would have it: size, length, rate, and picture and sound together.

Each source has a white flash and a beep; where they are in the product is measured.
"""

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.videos.media import difficult as make
from tests.videos.media.conftest import Maker, ffmpeg
from tests.videos.media.measured import first_tone, levels, made, whites
from videos.media.errors import SourceRefused
from videos.media.transcoding import pipeline
from videos.media.transcoding.probing.packets import packets, spans
from videos.media.transcoding.probing.probe import probe

MEDIUM = ("-c:v", "libx264", "-preset", "medium", "-pix_fmt", "yuv420p")
MPEG2, MPEG4, VP8 = ("-c:v", "mpeg2video"), ("-c:v", "mpeg4"), ("-c:v", "libvpx", "-b:v", "300k")
TOGETHER_SECONDS = 0.04


@dataclass(frozen=True)
class Comes:
    """How a source comes out. Times are in seconds; `beep` is None where there is no sound."""

    maker: Maker
    size: tuple[int, int] = (320, 180)
    seconds: float = 2.0
    rate: float = 25
    flash: float = 1.0
    beep: float | None = 1.0
    rotation: int = 0


SILENT = {"beep": None}
MUTE = make.mute(video=MEDIUM)
SHORTEST = make.clip("-shortest", video=MEDIUM)
TS, LATER_TS = make.clip(), make.clip("-output_ts_offset", "30000")
QUIET_TS = make.clip(picture=make.flash(at=9), sound=make.beep(at=9, seconds=1.8))
LOUD_TS = make.clip(sound=make.beep(layout="5.1"))


def turned(*matrix: float) -> Maker:
    return make.patched(MUTE, "flat.mp4", make.matrix(*matrix))


def edited(first: Maker, *edits: tuple[float, float, float]) -> Maker:
    return make.patched(first, "whole.mp4", make.edits(*edits))


CASES = {
    # Containers, and what they do to time
    "plain.mp4": Comes(make.clip(video=MEDIUM)),
    "camera.ts": Comes(make.clip(video=MEDIUM)),
    "camera.mpg": Comes(make.clip("-c:a", "mp2", video=MPEG2)),
    "mute.mpg": Comes(make.mute(video=MPEG2), **SILENT),
    "index-lost.avi": Comes(
        make.patched(make.clip(video=MPEG4), "whole.avi", make.without_index), seconds=2.04
    ),
    "stream.flv": Comes(make.clip()),
    "windows.asf": Comes(
        make.clip("-c:a", "wmav2", video=("-c:v", "wmv2")), seconds=2.04, flash=1.04, beep=1.04
    ),
    "recorder.webm": Comes(make.clip("-live", "1", "-c:a", "libopus", video=VP8)),
    "fragments.mp4": Comes(make.clip("-movflags", "frag_keyframe+empty_moov")),
    "offset.mkv": Comes(make.clip("-output_ts_offset", "100")),
    "below-zero.mkv": Comes(
        make.clip("-avoid_negative_ts", "disabled", "-output_ts_offset", "-0.3")
    ),
    "mid-group.ts": Comes(make.without_its_start, seconds=1.4, flash=0.4, beep=0.4),
    "two-parts.ts": Comes(make.joined(TS, TS, "part.ts"), seconds=4.03),
    "clock-set.ts": Comes(make.joined(TS, LATER_TS, "part.ts"), seconds=4.03),
    "resized.mkv": Comes(make.resized_midway, size=(640, 360), seconds=4.04),
    "more-channels.ts": Comes(
        make.joined(QUIET_TS, make.clip("-output_ts_offset", "2", sound=make.beep(layout="5.1")),
                    "part.ts"),
        # What AAC begins with, 1,024 samples of nothing, a transport stream does not tell.
        seconds=4.03, flash=3, beep=3.02,
    ),
    "fewer-channels.ts": Comes(
        make.joined(LOUD_TS, make.clip("-output_ts_offset", "2"), "part.ts"), seconds=4.03,
    ),
    "long-group.mp4": Comes(
        make.clip("-g", "9999", picture=make.flash(at=5, seconds=6),
                  sound=make.beep(at=5, seconds=6)),
        seconds=6, flash=5, beep=5,
    ),
    # Late, early, left out
    "late-picture.mp4": Comes(make.shifted("v", by="0.5"), seconds=2.5, flash=1.5),
    "late-picture.ts": Comes(make.shifted("v", by="0.5"), seconds=2.52, flash=1.5),
    "late-sound.ts": Comes(make.shifted("a", by="0.5"), seconds=2.5, beep=1.5),
    "early-sound.mp4": Comes(make.shifted("a", by="-0.5"), beep=0.5),
    "empty-edit.mp4": Comes(edited(SHORTEST, (0.5, -1, 1), (2, 0, 1)), seconds=2.5, flash=1.5),
    "trimmed.mp4": Comes(edited(SHORTEST, (1.5, 0.5, 1)), flash=0.5),
    "cut-out.mp4": Comes(edited(SHORTEST, (0.5, 0, 1), (1, 1, 1)), flash=0.5),
    "cut-out-mute.mp4": Comes(edited(MUTE, (0.5, 0, 1), (0.5, 1, 1)), seconds=1.0, flash=0.5,
                              **SILENT),
    "shown-twice.mp4": Comes(edited(MUTE, (1.5, 0, 1), (1.5, 0, 1)), seconds=3.0, **SILENT),
    # Rates
    "screen.mp4": Comes(make.clip(picture=make.flash("5")), rate=5),
    "slides.mp4": Comes(
        make.clip(picture=make.flash("1", seconds=4), sound=make.beep(seconds=4)),
        seconds=4, rate=1,
    ),
    "slow-motion.mp4": Comes(make.clip(picture=make.flash("240")), rate=60),
    "thousandths.mkv": Comes(make.clip(picture=make.flash("30000/1001")), rate=30000 / 1001),
    "uneven.mp4": Comes(
        make.clip("-fps_mode", "vfr", picture=make.flash("30") + ",select='lt(mod(n,5),3)'"),
        rate=30,
    ),
    "standing-still.mp4": Comes(
        make.clip(
            "-fps_mode", "vfr", sound=make.beep(seconds=6),
            picture=make.flash("30", seconds=6) + ",select='lt(n,2)+between(n,30,36)+eq(n,150)'",
        ),
        seconds=6, rate=30,
    ),
    "short.mp4": Comes(
        make.clip(picture=make.flash(at=0.08, seconds=0.2), sound=make.beep(at=0.08, seconds=0.2)),
        seconds=0.2, flash=0.08, beep=0.08,
    ),
    # Shapes
    "turned-90.mp4": Comes(turned(0, 1, -1, 0), size=(180, 320), rotation=90, **SILENT),
    "turned-180.mp4": Comes(turned(-1, 0, 0, -1), rotation=180, **SILENT),
    "turned-270.mp4": Comes(turned(0, -1, 1, 0), size=(180, 320), rotation=270, **SILENT),
    "anamorphic.mp4": Comes(
        make.mute(picture=make.flash() + ",setsar=2"), size=(640, 180), **SILENT
    ),
    "anamorphic-turned.mp4": Comes(
        make.patched(
            make.mute("-aspect", "4:3", picture=make.flash(size="352x288")), "flat.mp4",
            make.matrix(0, 1, -1, 0),
        ),
        size=(288, 384), rotation=90, **SILENT,
    ),
    "no-such-pixels.mp4": Comes(make.mute(picture=make.flash() + ",setsar=1/60"), **SILENT),
    "panorama.mp4": Comes(make.mute(picture=make.flash(size="2048x128")), size=(2048, 128),
                          **SILENT),
    "tower.mp4": Comes(make.mute(picture=make.flash(size="64x1024")), size=(64, 1024), **SILENT),
    "odd-444.mkv": Comes(
        make.mute(picture=make.flash(size="321x181"),
                  video=("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv444p")),
        size=(321, 181), **SILENT,
    ),
    "odd-422.mkv": Comes(
        make.mute(picture=make.flash(size="322x181"),
                  video=("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv422p10le")),
        size=(322, 181), **SILENT,
    ),
    "odd-420.webm": Comes(
        make.mute(picture=make.flash(size="321x181"), video=VP8), size=(321, 181), **SILENT
    ),
    "odd-varies.webm": Comes(make.odd_midway, size=(321, 181), seconds=3, **SILENT),
    "odd-hdr.mkv": Comes(
        make.mute(
            picture=make.flash(size="321x181") + ",format=yuv420p10le,"
            "setparams=color_primaries=bt2020:color_trc=arib-std-b67:colorspace=bt2020nc",
            video=("-c:v", "ffv1"),
        ),
        size=(321, 181), **SILENT,
    ),
    "odd-turned.mov": Comes(
        make.patched(
            make.mute(picture=make.flash(size="321x181"), video=("-c:v", "mjpeg", "-pix_fmt",
                                                                 "yuvj420p")),
            "flat.mov", make.matrix(0, 1, -1, 0),
        ),
        size=(181, 321), rotation=90, **SILENT,
    ),
    "rgb.mkv": Comes(make.mute(video=("-c:v", "libx264rgb", "-preset", "ultrafast")), **SILENT),
    "edit.mov": Comes(
        make.mute(video=("-c:v", "prores_ks", "-profile:v", "4444", "-pix_fmt", "yuva444p10le")),
        **SILENT,
    ),
    "full-range.mov": Comes(make.mute(video=("-c:v", "mjpeg", "-pix_fmt", "yuvj420p")), **SILENT),
    "phone.mov": Comes(make.mute("-tag:v", "hvc1", video=(*make.FAST_265, "-pix_fmt",
                                                          "yuv420p10le")), **SILENT),
    # Sounds
    "quad.mkv": Comes(make.clip("-c:a", "pcm_s24le", sound=make.beep(layout="quad"))),
    "7.1.mkv": Comes(make.clip("-c:a", "pcm_s24le", sound=make.beep(layout="7.1"))),
    "telephone.mov": Comes(make.clip("-c:a", "pcm_mulaw", "-ar", "8000")),
    "studio.mov": Comes(make.clip("-c:a", "pcm_s24le", sound=make.beep(rate=96_000))),
    "several.mp4": Comes(make.several_sounds),
    "unknown-first.mov": Comes(make.unknown_sound_first),
    # Tracks that are neither
    "cover.mp4": Comes(make.with_cover),
    "timecode.mov": Comes(make.clip("-timecode", "01:00:00:00")),
    "sensor.mov": Comes(
        make.patched(
            make.clip("-timecode", "01:00:00:00"), "whole.mov",
            lambda content: bytes(content.replace(b"tmcd", b"gpmd")),
        )
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("difficult")


@pytest.mark.parametrize("name", CASES)
def test_a_difficult_source_comes_out_right(name, folder):
    case = CASES[name]
    out, facts = made(case.maker, name, folder)
    assert ((facts.width, facts.height), facts.rotation) == (case.size, case.rotation)
    assert facts.seconds == pytest.approx(case.seconds, abs=0.06)
    assert float(facts.constant_rate) == pytest.approx(case.rate)
    [smallest] = sorted(out.glob("*x*/index.m3u8"), key=lambda p: int(p.parent.name.split("x")[0]))[
        :1
    ]
    pictures = whites(smallest)
    assert len(pictures) == facts.frames == round(facts.seconds * facts.constant_rate)
    flash = next(time for time, white in pictures if white > 125)
    assert max(white for _time, white in pictures) > 225
    assert min(white for _time, white in pictures) < 20
    frame = 1 / case.rate
    assert flash == pytest.approx(case.flash, abs=0.045 if frame < 0.04 else frame / 2 + 0.025)
    assert (facts.sound is None) == (case.beep is None)
    if case.beep is not None:
        beep = first_tone(out / "sound" / "index.m3u8")
        assert beep == pytest.approx(case.beep, abs=0.03)
        assert beep - flash == pytest.approx(case.beep - case.flash, abs=TOGETHER_SECONDS)


def test_every_sound_track_is_listed_and_any_can_be_chosen(folder):
    out, facts = made(make.several_sounds, "choose.mp4", folder, track=1)
    assert facts.as_values()["tracks"] == [
        {"number": 1, "language": "deu", "title": "", "channels": 1, "codec": "aac",
         "default": False},
        {"number": 2, "language": "", "title": "Director", "channels": 1, "codec": "aac",
         "default": True},
    ]  # fmt: skip
    assert first_tone(out / "sound" / "index.m3u8") == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize(
    ("layout", "sources"),
    [
        ("mono", "X"),
        ("5.1", "0|0|X|0|0|0"),  # the centre, where people speak
        ("7.1", "0|0|X|0|0|0|0|0"),
        ("5.1", "X|X|X|0|X|X"),  # all at once
        ("quad", "X|X|X|X"),
        ("12c", "|".join("X" * 12)),  # nobody knows what is where
    ],
)
def test_every_layout_is_heard_on_both_sides_and_never_over_full_scale(layout, sources, tmp_path):
    tone = sources.replace("X", "0.9*sin(2*PI*440*t)")
    source, out = tmp_path / "a.mov", tmp_path / "set"
    make.clip("-c:a", "pcm_s16le", sound=f"aevalsrc=exprs='{tone}':s=48000:d=2:c={layout}")(source)
    out.mkdir()
    pipeline.create_set(source, out, probe(source))
    left, right = levels(out / "sound" / "index.m3u8")
    assert abs(left - right) < 0.5
    assert -20 < left <= 0.3  # what a codec adds to a tone at full scale


def test_sound_that_nothing_can_play_is_told_of(tmp_path):
    whole, broken = tmp_path / "whole.mkv", tmp_path / "broken.mkv"
    make.clip()(whole)
    ffmpeg("-i", str(whole), "-c", "copy", "-bsf:a", "noise=amount=1", str(broken))
    with pytest.raises(SourceRefused, match="its sound cannot be played"):
        probe(broken)


def test_a_sound_track_that_is_not_there_is_refused(tmp_path):
    make.several_sounds(tmp_path / "a.mp4")
    for number in (0, 3):
        with pytest.raises(SourceRefused, match=f"no audio track {number} that can be played"):
            probe(tmp_path / "a.mp4", number)


@pytest.mark.parametrize(
    ("lines", "resumes", "ends"),
    [
        (["0.0,0.0,0.04,K__", "0.08,0.04,0.04,___"], False, [0.04, 0.12]),
        (["0.0,0.0,0.04,K__", "0.04,0.04,0.04,_D_"], False, [0.04]),
        (["0.0,0.0,0.04,K__", "N/A,N/A,0.04,___"], False, [0.04, 0.08]),
        (["1.0,1.0,0.5,K__", "0.0,0.0,0.5,K__", "0.5,0.5,0.5,___"], True, [1.5, 2.0, 2.5]),
        (["1.0,1.0,0.5,K__", "9000,9000,0.5,K__"], True, [1.5, 2.0]),
        (["1.0,1.0,0.5,K__", "9000,9000,0.5,K__"], False, [1.5, 9000.5]),
        (["0.0,0.0,90000,K__"], False, [10.0]),
    ],
)
def test_a_track_ends_by_the_times_of_what_is_shown(lines, resumes, ends):
    found = spans(packets(lines), 0.04, resumes=resumes)
    assert [end for _start, end in found] == pytest.approx(ends)
