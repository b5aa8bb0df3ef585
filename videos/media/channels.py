"""The sound of a source in two channels at one rate, whatever it changes into on its way.

Recordings of broadcasts change between mono, stereo and 5.1 in the middle. ffmpeg then builds the
graph of filters anew, and what is new has forgotten the time: it would pad the first part to the
whole length and drop the rest. So what may be built anew knows no time, and everything that does
is in a graph of its own, which goes on.
"""

from collections.abc import Sequence

AUDIO_RATE = 48_000
HEARD = "[heard]"
GRAPH = "-filter_complex"


def in_two_channels(arguments: Sequence[str], index: int) -> list[str]:
    """The arguments with stream `index` of the first input brought into stereo beforehand.

    `arguments` are those of a command with one graph, which reads the stream once. Channels are
    added up without going over full scale.
    """
    at = arguments.index(GRAPH)
    stream, graph = f"[0:{index}]", arguments[at + 1]
    assert graph.count(stream) == 1, graph
    stereo = (
        f"{stream}aresample={AUDIO_RATE}:ochl=stereo:rematrix_maxval=1,"
        f"aformat=sample_fmts=fltp:channel_layouts=stereo{HEARD}"
    )
    return [
        *arguments[:at],
        *(GRAPH, stereo, GRAPH, graph.replace(stream, HEARD)),
        *arguments[at + 2 :],
    ]
