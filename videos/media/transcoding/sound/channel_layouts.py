"""How channels are mixed to stereo where ffmpeg does not know their positions."""

import re

# ffmpeg lists channels without known positions: "4 channels (UNSD+UNSD+UNSD+UNSD)".
UNKNOWN_POSITIONS = re.compile(r"\d+ channels?$|\b(UNSD|UNK|USR\d*|AMBI\d*|NONE)\b|^binaural$")
# Without a layout in the file, ffmpeg assumes a standard layout for these numbers of channels. Of
# three it would take the third for a subwoofer, which it leaves out, and of seven the fourth.
STANDARD_COUNTS = {1, 2, 4, 5, 6, 8}


def pan(layout: str, channels: int) -> str:
    """The argument of ffmpeg's `pan` for a layout (ffprobe's name) that it cannot mix, else "".

    The first channel of Ambisonics is omnidirectional. Channels without a position are mixed in
    equal shares, so that nothing clips.
    """
    if layout.startswith("ambisonic"):
        return one_channel(0)
    is_named = layout not in {"", "unknown"}
    if not (UNKNOWN_POSITIONS.search(layout) if is_named else channels not in STANDARD_COUNTS):
        return ""
    if channels == 2:
        return "stereo|c0=c0|c1=c1"
    share = 1 / max(1, channels)
    mix = "+".join(f"{share:.6f}*c{channel}" for channel in range(channels))
    return f"stereo|c0={mix}|c1={mix}"


def one_channel(channel: int) -> str:
    """The argument of ffmpeg's `pan` for one channel on both sides."""
    return f"stereo|c0=c{channel}|c1=c{channel}"
