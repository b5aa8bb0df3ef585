"""What is said in a video, as text to read."""

from io import StringIO

import webvtt
from webvtt.errors import MalformedFileError

PARAGRAPH_PAUSE = 2.0  # seconds of silence that begin a new paragraph
PARAGRAPH_LENGTH = 600  # characters after which a sentence's end begins one


def paragraphs(captions: str) -> list[str]:
    """The text of WebVTT captions in paragraphs; nothing for captions that cannot be read."""
    try:
        cues = webvtt.from_buffer(StringIO(captions), format="vtt").captions
    except MalformedFileError:
        return []
    made: list[list[str]] = []
    spoken_until = 0.0
    for cue in cues:
        text = " ".join(cue.text.split())
        full = bool(made) and len(" ".join(made[-1])) > PARAGRAPH_LENGTH
        ended = full and made[-1][-1].endswith((".", "?", "!"))
        if not made or ended or cue.start_in_seconds - spoken_until > PARAGRAPH_PAUSE:
            made.append([])
        made[-1].append(text)
        spoken_until = cue.end_in_seconds
    return [" ".join(parts) for parts in made]
