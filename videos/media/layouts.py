"""How many channels become two, where ffmpeg does not know where each belongs."""

import re

# Where channels have no places, ffmpeg lists them: "4 channels (UNSD+UNSD+UNSD+UNSD)".
PLACELESS = re.compile(r"\d+ channels?$|\b(UNSD|UNK|USR\d*|AMBI\d*|NONE)\b|^binaural$")
# Where a file names no places, ffmpeg takes so many channels for a usual layout. Of three it would
# make the third a subwoofer's, which it leaves out, and of seven the fourth.
GUESSED = {1, 2, 4, 5, 6, 8}


def pan(layout: str, channels: int) -> str:
    """ffmpeg's `pan` for a layout (ffprobe's name) that it cannot mix; empty for one that it can.

    Of a sphere (Ambisonics) the first channel is what comes from all sides. Channels without a
    place are added up, evenly, so that nothing goes over full scale.
    """
    if layout.startswith("ambisonic"):
        return only(0)
    is_named = layout not in {"", "unknown"}
    if not (PLACELESS.search(layout) if is_named else channels not in GUESSED):
        return ""
    if channels == 2:
        return "stereo|c0=c0|c1=c1"
    share = 1 / max(1, channels)
    mix = "+".join(f"{share:.6f}*c{channel}" for channel in range(channels))
    return f"stereo|c0={mix}|c1={mix}"


def only(channel: int) -> str:
    """ffmpeg's `pan` for one channel on both sides."""
    return f"stereo|c0=c{channel}|c1=c{channel}"
