"""Looks into a source before anything is made of it, and refuses early.

A file is a stranger: its first bytes are read here, then ffprobe looks at it within limits, with
a list of the containers and codecs it may use and no way to any other file or to a network.
"""

import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from videos.media import binaries, content, fields, layouts, levels, picture_sizes, rates
from videos.media.allowed import guarded
from videos.media.confine import GIB, MIB, Finished, Limits, at_once, lines_of, run
from videos.media.errors import EncodeFailed, SourceRefused
from videos.media.facts import Facts, Sound, constant_rate, is_nearly_square, upright
from videos.media.failures import too_long
from videos.media.levels import Choice
from videos.media.packets import SHOWN, packets, seconds, spans
from videos.media.picture_sizes import Shape
from videos.media.refusals import protected, refusal, times_jump, unknown
from videos.media.sniff import Kind, kind_of
from videos.media.tracks import (
    captions_of,
    has_alpha_beside,
    is_audible,
    is_encrypted,
    listed,
    picture_of,
    side_data,
    sound_of,
    sounds,
)

log = logging.getLogger(__name__)

# ffmpeg's names of pixel formats that have it; ours of ffprobe does not see into PNG
ALPHA = re.compile(r"yuva|rgba|argb|bgra|abgr|gbrap|ya\d|png")
# Of these, ffmpeg moves the clock to the tracks that it reads; of others to the whole file's.
RECLOCKED = {"mpegts", "mpeg"}
PROBE_LIMITS = Limits(cpu_seconds=60, memory_bytes=2 * GIB, file_bytes=4 * MIB)
# Two lines a packet: those of a large file are read one by one, from the disk.
PACKET_LIMITS = Limits(cpu_seconds=60, memory_bytes=2 * GIB, file_bytes=512 * MIB)
PROBE_SECONDS = 60
SMALL_ENOUGH_TO_COUNT = 256 * MIB
SMALLEST_SIDE, LARGEST_SIDE = 16, 8192
MOST_STRETCHED = Fraction(5)
SEEN_STRETCHED = Fraction(3, 100)  # by less than that nobody sees that a picture is stretched
MOST_STRETCHED_SIZES = 20  # of a picture that changes its size: each is told to a filter
USUALLY_BRIGHTEST = 1000  # cd/m²
LONGEST_SECONDS = 12 * 3600
MOST_TRACKS = 64
# A screen may stand still for long; what is farther apart has broken time stamps.
LONGEST_GAP_SECONDS = 3600
# Pictures a second, on the average: slower, without a sound that goes along, is a broken header
SLOWEST_RATE = Fraction(1, 600)
# How far is read for the first picture and the first sound
BEGINNING_SECONDS = 600
# Of a recording that broke off, picture and sound end together if they are no farther apart.
LONGEST_FRAGMENT_SECONDS = 30
# How far is read for how fast the pictures come
RATE_SECONDS = 120
FAR_ENOUGH = 300  # packets that hold a first picture which depends on none before it
# Codecs whose pictures may tell by themselves how they are to be turned
TURNING = {"h264", "hevc", "vvc"}
# Decoders that see the transparency which WebM keeps beside the picture
ALPHA_DECODERS = {"vp8": "libvpx", "vp9": "libvpx-vp9"}


def probe(source: Path, sound_track: int | None = None) -> Facts:
    """What is in `source`, a local file. Raises SourceRefused with a sentence for a producer, and
    EncodeFailed where time ran out before enough was known.

    `sound_track` is the number of the track to be heard, as in `Facts.tracks`; None: the default.
    """
    with source.open("rb") as file:
        kind = kind_of(file)
    if sentence := refusal(kind):
        raise SourceRefused(sentence)
    report = look(source)
    picture = picture_of(report)
    sound = sound_of(report, sound_track)
    if any(is_encrypted(track) for track in (picture, sound) if track):
        raise SourceRefused(protected())
    heard = sound_heard(source, report, sound, chosen=sound_track is not None) if sound else None
    last_picture, *last_sound = at_once(
        *[
            partial(measured, source, report, track)
            for track in (picture, heard.track if heard else None)
            if track
        ]
    )
    looks: list[Callable[[], Any]] = [
        partial(seen, source, report, picture, last_picture),
        partial(has_fields, source, picture),
        partial(brightest, source, picture),
        partial(busiest, source, picture),
    ]
    shown, interlaced, light, fastest = at_once(*looks)
    facts = facts_of(
        report,
        shown,
        heard,
        interlaced=interlaced,
        light=light,
        last_picture=last_picture,
        last_sound=last_sound[0] if last_sound else None,
        busiest=fastest,
    )
    if kind is Kind.UNFINISHED:
        facts = broken_off(facts)
    if facts.seconds > LONGEST_SECONDS:
        hours = LONGEST_SECONDS // 3600
        raise SourceRefused(
            ngettext(
                "The video is longer than %(hours)d hour.",
                "The video is longer than %(hours)d hours.",
                hours,
            )
            % {"hours": hours}
        )
    return begun(source, facts)


def sound_heard(
    source: Path, report: Mapping[str, Any], sound: Mapping[str, Any], *, chosen: bool
) -> Choice:
    """Which sound is heard in the place of a file's own choice `sound`, or a person's `chosen`."""
    audible = [track for track in sounds(report) if is_audible(track) and not is_encrypted(track)]
    peaks = levels.listening(source, [sound] if chosen else audible)
    return levels.choose(audible, sound, peaks, chosen=chosen)


def seen(
    source: Path, report: Mapping[str, Any], picture: Mapping[str, Any], end: float | None
) -> Mapping[str, Any]:
    """The picture as ffprobe tells of it, in the shape that it is shown in; `varies` if it comes in
    other sizes, too, whose pixels are of `aspects`, and `reshaped` if only those change. Where a
    part of it is marked as what is to be seen (its clean aperture), that is it. `turn` is how it is
    to be turned."""
    width, height = int(picture.get("width") or 0), int(picture.get("height") or 0)
    for data in side_data(picture):
        if data.get("side_data_type") == "Frame Cropping":
            width -= int(data.get("crop_left") or 0) + int(data.get("crop_right") or 0)
            height -= int(data.get("crop_top") or 0) + int(data.get("crop_bottom") or 0)
    aspect = picture.get("sample_aspect_ratio", "")
    shapes: list[Shape] = []
    if picture_sizes.may_vary(report, picture):
        shapes = picture_sizes.shapes(picture_sizes.sizes(source, picture), end or 0.0)
    aspects: dict[tuple[int, int], Fraction] = {}
    reshaped = False
    for shape in shapes:  # of a size in two shapes, the one that lasts longer
        its_own = pixel_aspect(shape.aspect)
        lasting = aspects.setdefault(shape[:2], its_own)
        reshaped = reshaped or abs(its_own / lasting - 1) > SEEN_STRETCHED
    if len(shapes) > 1:
        width, height, aspect = shapes[0]
    decoder = ALPHA_DECODERS.get(picture.get("codec_name", ""), "")
    beside = bool(decoder) and has_alpha_beside(picture)
    return {
        **picture,
        "width": max(0, width),
        "height": max(0, height),
        "sample_aspect_ratio": aspect,
        "varies": len(aspects) > 1,
        "aspects": aspects,
        "reshaped": reshaped,
        "decoder": decoder if beside else "",
        "turn": rotation_of(picture) or turn_told_inside(source, report, picture),
    }


def busiest(source: Path, picture: Mapping[str, Any]) -> Fraction | None:
    """How fast the pictures come, at their fastest, where the header tells no rate to be believed;
    else None."""
    if not rates.is_doubtful(rate(picture, "r_frame_rate"), rate(picture, "avg_frame_rate")):
        return None
    command = [
        *(binaries.ffprobe(), "-v", "error", "-threads", "1"),
        *("-select_streams", str(picture["index"]), "-read_intervals", f"%+{RATE_SECONDS}"),
        *("-show_entries", SHOWN, "-of", "csv=p=0", *guarded(source)),
    ]
    with lines_of(command, PACKET_LIMITS, timeout=PROBE_SECONDS) as (_code, lines):
        found = [packet.shown for packet in packets(lines) if packet.shown is not None]
    return rates.busiest(found) if found else None


def broken_off(facts: Facts) -> Facts:
    """The facts of a recording that broke off: from where one of its tracks is missing on, there is
    nothing of it, unless a track had ended long before."""
    ends = [facts.picture_seconds]
    if sound := facts.sound:
        ends.append(sound.start + sound.seconds)
    end = min(ends)
    if max(ends) - end <= LONGEST_FRAGMENT_SECONDS and end > 0:
        heard = sound and replace(sound, seconds=max(0.0, end - sound.start))
        facts = replace(facts, seconds=end, picture_seconds=end, sound=heard)
    return replace(facts, remarks=("broken_off", *facts.remarks))


def look(source: Path) -> Mapping[str, Any]:
    """ffprobe's report on the containers and tracks."""
    show = ["-show_streams", "-show_format", "-of", "json"]
    command = [binaries.ffprobe(), "-v", "error", "-threads", "1", *show, *guarded(source)]
    ended = run(command, PROBE_LIMITS, timeout=PROBE_SECONDS)
    fail_unended(ended.code)
    if ended.is_too_much:
        log.info("ffprobe says more of %s than is read", source)
        raise SourceRefused(overfull())
    report = told_of(ended)
    if ended.code != 0 or not report.get("streams"):
        log.info("ffprobe ended with %s: %s", ended.code, ended.err[-2000:])
        raise SourceRefused(unknown())
    if len(report["streams"]) > MOST_TRACKS:
        raise SourceRefused(_("The file has too many tracks: export it with picture and sound."))
    if report["format"]["format_name"].endswith("_pipe"):
        raise SourceRefused(refusal(Kind.PICTURE))
    return report


def fail_unended(code: int | None) -> None:
    """Raises EncodeFailed for a look that ran out of time: the file is not to blame by that."""
    if code is None:
        raise EncodeFailed(too_long(), "timeout")


def overfull() -> str:
    """The sentence for a file that says more about itself than any camera or editor writes."""
    return _(
        "The file carries too much besides picture and sound: export it again, without chapters, "
        "notes and other extras."
    )


def measured(source: Path, report: Mapping[str, Any], track: Mapping[str, Any]) -> float | None:
    """When a track ends by its own time stamps, on the file's clock; None if none can be read.

    Small files are read through. Of large ones only the end is, unless the header has no length
    or there is nothing where it says that the end is.
    """
    said = seconds(report["format"].get("duration"))
    if said is None or source.stat().st_size <= SMALL_ENOUGH_TO_COUNT:
        return last_moment(source, report, track, "")
    begin = seconds(report["format"].get("start_time")) or 0
    interval = f"{max(begin, begin + said - 10):.3f}%"
    return last_moment(source, report, track, interval) or last_moment(source, report, track, "")


def last_moment(
    source: Path, report: Mapping[str, Any], track: Mapping[str, Any], interval: str
) -> float | None:
    """When a track ends of which an interval (ffprobe's syntax) is read, on the file's clock."""
    command = [
        *(binaries.ffprobe(), "-v", "error", "-threads", "1"),
        *("-select_streams", str(track["index"]), "-show_entries", SHOWN, "-of", "csv=p=0"),
        *(("-read_intervals", interval) if interval else ()),
        *guarded(source),
    ]
    usual = 1 / float(rate(track, "avg_frame_rate") or 25)
    last: float | None = None
    before: float | None = None
    resumes = is_reclocked(report) and not interval
    with lines_of(command, PACKET_LIMITS, timeout=2 * PROBE_SECONDS) as (code, lines):
        fail_unended(code)  # what was read by then is not the end
        for start, end in spans(packets(lines), usual, resumes=resumes):
            if before is not None and abs(start - before) > LONGEST_GAP_SECONDS:
                raise SourceRefused(times_jump())
            before = start
            last = end if last is None else max(last, end)
    return last


def is_reclocked(report: Mapping[str, Any]) -> bool:
    """Whether ffmpeg sets the clock of this container anew."""
    return report["format"]["format_name"] in RECLOCKED


def facts_of(
    report: Mapping[str, Any],
    picture: Mapping[str, Any],
    choice: Choice | None,
    *,
    interlaced: bool,
    light: int,
    last_picture: float | None,
    last_sound: float | None,
    busiest: Fraction | None = None,
) -> Facts:
    """The facts from ffprobe's report and from when, as measured, picture and sound end.

    `picture` is what `seen` gives; `busiest` is how fast its frames come, if that was measured.
    """
    sound = choice.track if choice else None
    width, height = int(picture.get("width") or 0), int(picture.get("height") or 0)
    if not width or not height:
        raise SourceRefused(unknown())
    aspect = pixel_aspect(picture["sample_aspect_ratio"])
    rotation = picture["turn"]
    shown = upright(width, height, aspect, rotation)
    refuse_size(width, height)
    refuse_size(*shown)
    whole = seconds(report["format"].get("start_time")) or 0.0
    picture_start = start_of(picture, whole)
    begin = min(picture_start, start_of(sound, whole)) if sound else picture_start
    if max(picture_start, start_of(sound, whole) if sound else begin) - begin > LONGEST_GAP_SECONDS:
        raise SourceRefused(times_jump())
    picture_end = last_picture
    if picture_end is None:
        picture_end = end_of(picture, report, picture_start)
    heard = heard_of(choice, report, begin, whole, last_sound) if choice else None
    base = rate(picture, "r_frame_rate")
    average = rate(picture, "avg_frame_rate") or base or Fraction(25)
    if base and average > base * Fraction(11, 10):  # more pictures than the clock has ticks
        average = base
    picture_seconds = max(picture_end - begin, 0.001)
    if average < SLOWEST_RATE and (heard is None or heard.seconds < picture_seconds / 2):
        raise SourceRefused(times_jump())
    if busiest:
        base = None
        average = rates.meant(average, busiest)
    return Facts(
        width=shown[0],
        height=shown[1],
        rotation=rotation,
        square_pixels=is_nearly_square(aspect),
        interlaced=interlaced,
        frame_rate=average,
        constant_rate=constant_rate(average, base or Fraction(0)),
        light={"smpte2084": "pq", "arib-std-b67": "hlg"}.get(
            picture.get("color_transfer", ""), "sdr"
        ),
        matrix=picture.get("color_space", "unknown").replace("unknown", ""),
        full_range=picture.get("color_range") == "pc",
        primaries=picture.get("color_primaries", "unknown").replace("unknown", ""),
        alpha=bool(
            picture["decoder"] or ALPHA.match(picture.get("pix_fmt", picture.get("codec_name", "")))
        ),
        brightest=light,
        index=picture["index"],
        seconds=max(picture_seconds, heard.start + heard.seconds if heard else 0),
        picture_seconds=picture_seconds,
        shift=0.0 if is_reclocked(report) else begin - whole,
        sound=heard,
        tracks=tuple(listed(track, number) for number, track in enumerate(sounds(report), 1)),
        varies=picture["varies"],
        aspects=stretched(picture["aspects"], rotation) if picture["varies"] else (),
        decoder=picture["decoder"],
        remarks=tuple(remarks_of(picture, choice)),
        captions=tuple(captions_of(report)),
    )


def remarks_of(picture: Mapping[str, Any], choice: Choice | None) -> Iterator[str]:
    """What was decided for the producer, by its code in `noticed.py`."""
    if picture["varies"]:
        yield "sizes"
    if picture["reshaped"]:
        yield "shapes"
    if choice and choice.silent:
        yield "silent"
    if choice and choice.instead:
        yield "other_track"
    if choice and choice.side is not None:
        yield ("only_left", "only_right")[choice.side]


def pixel_aspect(told: str) -> Fraction:
    """A pixel's width by its height; square where that is untold, or no camera's."""
    aspect = fraction(told.replace(":", "/")) or Fraction(1)
    return aspect if 1 / MOST_STRETCHED <= aspect <= MOST_STRETCHED else Fraction(1)


def stretched(
    aspects: Mapping[tuple[int, int], Fraction], rotation: int
) -> tuple[tuple[int, int, float], ...]:
    """(width, height, aspect) of the sizes whose pixels are not square, as they come when turned;
    of the first of them alone."""
    found = [
        (height, width, float(1 / aspect))
        if rotation in {90, 270}
        else (width, height, float(aspect))
        for (width, height), aspect in aspects.items()
        if not is_nearly_square(aspect)
    ]
    return tuple(found[:MOST_STRETCHED_SIZES])


def refuse_size(width: int, height: int) -> None:
    """Raises SourceRefused for a picture that no screen shows."""
    if min(width, height) < SMALLEST_SIDE or max(width, height) > LARGEST_SIDE:
        raise SourceRefused(
            _("The picture is %(width)d × %(height)d: too small or too large to be shown.")
            % {"width": width, "height": height}
        )


def heard_of(
    choice: Choice, report: Mapping[str, Any], begin: float, whole: float, end: float | None
) -> Sound | None:
    """The sound on the presentation's clock; none where not one moment of it is there."""
    if end is None:
        return None
    sound, channels = choice.track, int(choice.track["channels"])
    start = start_of(sound, whole)
    pan = layouts.pan(str(sound.get("channel_layout") or ""), channels)
    return Sound(
        index=sound["index"],
        channels=2 if choice.right else channels,
        start=start - begin,
        seconds=max(0.0, end - start),
        number=1 + [track["index"] for track in sounds(report)].index(sound["index"]),
        right=choice.right["index"] if choice.right else None,
        pan=pan if choice.side is None else layouts.only(choice.side),
    )


def has_fields(source: Path, picture: Mapping[str, Any]) -> bool:
    """Whether the pictures are interlaced, by their first ones where there is a doubt."""
    order = picture.get("field_order", "unknown")
    if order == "unknown":
        order = field_order(source, picture)
    flagged = order in {"tt", "bb", "tb", "bt"}
    fps = rate(picture, "r_frame_rate") or Fraction(25)
    if not flagged and not fields.may_have_them(picture, fps):
        return False
    command = [
        *(binaries.ffmpeg(), "-v", "error", "-nostdin", "-threads", "1"),
        *guarded(source),
        *("-map", f"0:{picture['index']}", "-frames:v", str(fields.LOOKED_AT)),
        *("-vf", "idet,metadata=print:file=-", "-f", "null", "-"),
    ]
    printed = run(command, PROBE_LIMITS, timeout=PROBE_SECONDS).out
    return fields.are_interlaced(flagged, fields.seen(printed))


def brightest(source: Path, picture: Mapping[str, Any]) -> int:
    """The brightest light of an HDR picture in cd/m², as far as its maker told; else 1000."""
    if picture.get("color_transfer") != "smpte2084":  # the other curve knows no such light
        return USUALLY_BRIGHTEST
    command = [
        *(binaries.ffprobe(), "-v", "error", "-threads", "1"),
        *("-select_streams", str(picture["index"]), "-read_intervals", "%+#1"),
        *("-show_entries", "frame=pts:frame_side_data=max_content,max_luminance", "-of", "json"),
        *guarded(source),
    ]
    frames = told_of(run(command, PROBE_LIMITS, timeout=PROBE_SECONDS)).get("frames", [])
    told = {
        name: value
        for track in [picture, *frames[:1]]
        for data in side_data(track)
        for name, value in data.items()
    }
    for name in ("max_content", "max_luminance"):
        if light := fraction(str(told.get(name, ""))):
            return int(min(Fraction(10_000), light))
    return USUALLY_BRIGHTEST


def told_of(ended: Finished) -> dict[str, Any]:
    """The JSON that ffprobe printed; empty where it is none."""
    try:
        report = json.loads(ended.out or "{}")
    except json.JSONDecodeError:
        return {}
    return report if isinstance(report, dict) else {}


def field_order(source: Path, picture: Mapping[str, Any]) -> str:
    """The order of the fields by the first pictures' own flags, where the container tells none."""
    command = [
        *(binaries.ffprobe(), "-v", "error", "-threads", "1"),
        *("-select_streams", str(picture["index"]), "-read_intervals", "%+#3"),
        *("-show_entries", "frame=interlaced_frame,top_field_first", "-of", "csv=p=0"),
        *guarded(source),
    ]
    ended = run(command, PROBE_LIMITS, timeout=PROBE_SECONDS)
    told = [line[:3] for line in ended.out.splitlines() if line]
    return {"1,1": "tt", "1,0": "bb"}.get(told[0], "progressive") if told else "unknown"


def start_of(track: Mapping[str, Any], whole: float) -> float:
    """When a track starts, on the file's clock."""
    start = seconds(track.get("start_time"))
    return whole if start is None else start


def end_of(picture: Mapping[str, Any], report: Mapping[str, Any], start: float) -> float:
    """When the picture ends by the header."""
    length = seconds(picture.get("duration")) or seconds(report["format"].get("duration"))
    return start + (length or 0.0)


def rotation_of(picture: Mapping[str, Any]) -> int:
    """Degrees clockwise, 0 to 359, that show the picture upright."""
    for data in side_data(picture):
        if "rotation" in data:  # ffprobe counts anticlockwise
            turn = -float(data["rotation"])
            quarter = 90 * round(turn / 90)  # ffmpeg takes what is nearly a quarter for one
            return (quarter if abs(turn - quarter) <= 1 else round(turn)) % 360
    return 0


def turn_told_inside(source: Path, report: Mapping[str, Any], picture: Mapping[str, Any]) -> int:
    """The same by the first picture's own word (ITU-T H.264, D.2.27): ffmpeg turns by that as well,
    and containers such as MPEG-TS have no other. Those may begin amid a group of pictures."""
    if picture.get("codec_name") not in TURNING:
        return 0
    command = [
        *(binaries.ffprobe(), "-v", "error", "-threads", "1"),
        *("-select_streams", str(picture["index"]), "-skip_frame", "nokey"),
        *("-read_intervals", f"%+#{FAR_ENOUGH if is_reclocked(report) else 1}"),
        *("-show_entries", "frame=pts:frame_side_data=rotation", "-of", "json"),
        *guarded(source),
    ]
    frames = told_of(run(command, PROBE_LIMITS, timeout=PROBE_SECONDS)).get("frames", [])
    return rotation_of(frames[0]) if frames else 0


def first_moment(source: Path, index: int, beside: int | None = None) -> float | None:
    """When the first frame of a track comes out of its decoder, on ffmpeg's clock; None for what
    never comes in the first minutes. `beside` is a track that the clock goes by as well.

    Raises EncodeFailed."""
    others = ("-map", f"0:{beside}", "-frames", "1", "-f", "null", "-")
    command = [
        *(binaries.ffmpeg(), "-v", "error", "-nostdin", "-threads", "1"),
        *("-t", str(BEGINNING_SECONDS), *guarded(source), "-map", f"0:{index}"),
        *("-frames", "1", "-f", "framecrc", "-"),
        *(() if beside is None else others),
    ]
    ended = run(command, PROBE_LIMITS, timeout=PROBE_SECONDS)
    found = first_of(ended.out.splitlines())
    if found is None:
        fail_unended(ended.code)
        log.info("no frame of track %s, ended with %s: %s", index, ended.code, ended.err[-2000:])
    return found


def first_of(lines: Sequence[str]) -> float | None:
    """The time of the first frame of a list of one stream's (ffmpeg's `framecrc`)."""
    base = next((line.split()[-1] for line in lines if line.startswith("#tb ")), "")
    for line in lines:
        if line and not line.startswith("#"):
            return float(int(line.split(",")[2]) * Fraction(base))
    return None


def begun(source: Path, facts: Facts) -> Facts:
    """The facts, with the sound where its decoder begins, and the kind of picture that is shown.
    Raises SourceRefused.

    A header tells when the first packet is due; some decoders give nothing for the first ones.
    """
    sound = facts.sound
    is_near = sound is not None and sound.start <= BEGINNING_SECONDS / 2
    looks: list[Callable[[], Any]] = [
        partial(first_moment, source, facts.index),
        partial(content.looked_at, source, facts),
    ]
    if sound and is_near:
        looks.append(partial(first_moment, source, sound.index, beside=facts.index))
    first_picture, shown, *first_sound = at_once(*looks)
    if first_picture is None:
        raise SourceRefused(_("The file is damaged: not one picture of it can be shown."))
    facts = replace(facts, content=shown)
    if sound is None or not first_sound:
        return facts
    [first] = first_sound
    if first is None:
        raise SourceRefused(_("The file is damaged: its sound cannot be played."))
    start = first - facts.shift
    rest = max(0.0, sound.start + sound.seconds - start)
    return replace(facts, sound=replace(sound, start=start, seconds=rest))


def fraction(text: str) -> Fraction | None:
    """A positive ratio in ffprobe's words; None for what is not told."""
    try:
        value = Fraction(text)
    except (ValueError, ZeroDivisionError):
        return None
    return value if value > 0 else None


def rate(track: Mapping[str, Any], name: str) -> Fraction | None:
    """A frame rate of a track."""
    return fraction(track.get(name, ""))
