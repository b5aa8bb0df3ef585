"""Transcribes the speech of a cut into captions: the handler of `Job.Kind.CAPTIONS`.

Uses faster-whisper, an optional extra. `machine_captions.py` queues the jobs.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from videos.media.captions.editing import label_of
from videos.media.captions.segmentation import Word, cues_from
from videos.media.cuts.frame_grab import read
from videos.media.errors import EncodeFailed, LeaseLost
from videos.media.jobs.outcome import ClaimedJob
from videos.media.models import Caption, Job, RenditionSet, footage
from videos.media.storage.workdir import work_folder
from videos.media.transcoding import hls
from videos.media.transcoding.sandbox import binaries
from videos.media.transcoding.sandbox.process import GIB, Limits, run
from videos.media.transcoding.webvtt import format_webvtt

LIMITS = Limits(cpu_seconds=1800, memory_bytes=2 * GIB, file_bytes=2 * GIB)
SOUND = re.compile(r'#EXT-X-MEDIA:TYPE=AUDIO[^\n]*URI="([^"]+)"')
Tell = Callable[[float, float | None], None]


class Heard(NamedTuple):
    """The transcribed words, and their language as a BCP 47 tag."""

    language: str
    words: list[Word]


def transcribe(claimed: ClaimedJob) -> None:
    """Transcribe a cut and save the captions. Raises EncodeFailed, LeaseLost."""
    cut = claimed.cut
    if cut.current_set is None:
        raise EncodeFailed(nothing_heard(), "no_words")
    with work_folder("words") as folder:
        heard = listen(sound_of(cut.current_set, folder), claimed.lease.report_progress)
    if not heard.words:
        raise EncodeFailed(nothing_heard(), "no_words")
    claimed.lease.retry_while_database_is_away(partial(keep, claimed, heard))


def nothing_heard() -> str:
    """The message for a cut without speech."""
    return _("No speech was found in this cut.")


def sound_of(renditions: RenditionSet, folder: Path) -> Path:
    """The audio of a set as a WAV file, 16 kHz mono. Raises EncodeFailed.

    Its times are those of the set, also if the audio of the source starts late.
    """
    master = read(footage(), f"{renditions.folder}/{renditions.master}").decode()
    named = SOUND.search(master)
    if named is None:
        raise EncodeFailed(nothing_heard(), "no_words")
    place = f"{renditions.folder}/{named[1]}".rsplit("/", 1)[0]
    listed = hls.parse(read(footage(), f"{renditions.folder}/{named[1]}").decode())
    packed, plain = folder / "sound.mp4", folder / "sound.wav"
    with packed.open("wb") as file:
        for name in (listed.init, *(name for name, _seconds in listed.segments)):
            file.write(read(footage(), f"{place}/{name}"))
    command = [
        *(binaries.ffmpeg(), "-v", "error", "-nostdin", "-threads", "1"),
        *("-protocol_whitelist", "file", "-format_whitelist", "mov,mp4,m4a,3gp,3g2,mj2"),
        *("-i", f"file:{packed}", "-map", "0:a:0", "-ac", "1", "-ar", "16000", "-y"),
        f"file:{plain}",
    ]
    ended = run(command, LIMITS, timeout=1800, folder=folder)
    packed.unlink()
    if ended.code != 0:
        raise EncodeFailed(_("The sound of this cut could not be read."), "sound")
    return plain


def listen(sound: Path, tell: Tell) -> Heard:
    """Transcribe an audio file. Raises EncodeFailed."""
    said, about = model().transcribe(
        str(sound), word_timestamps=True, vad_filter=True, condition_on_previous_text=False
    )
    words = list(words_in(said, float(about.duration), tell))
    return Heard(str(about.language), words)


def model() -> Any:
    """Load the model from disk. Raises EncodeFailed if it is not set up."""
    folder = Path(settings.WHISPER_MODEL)
    if not (folder / "model.bin").is_file():
        raise EncodeFailed(
            _("An administrator has to set WHISPER_MODEL to the folder of a model."), "speech"
        )
    try:
        library = import_module("faster_whisper")
    except ImportError as missing:
        raise EncodeFailed(
            _("An administrator has to install the extra “speech” (faster-whisper)."), "speech"
        ) from missing
    return library.WhisperModel(
        str(folder), device="auto", compute_type="auto", local_files_only=True
    )


def words_in(said: Iterable[Any], duration: float, tell: Tell) -> Iterator[Word]:
    """The words of the segments, which the model transcribes while they are iterated."""
    for segment in said:
        for word in segment.words or []:
            yield Word(str(word.word), float(word.start), float(word.end))
        tell(min(0.99, float(segment.end) / max(0.001, duration)), None)


def keep(claimed: ClaimedJob, heard: Heard) -> None:
    """Save the captions and close the job atomically. Raises EncodeFailed, LeaseLost.

    Captions that a person wrote are never replaced.
    """
    label = label_of(heard.language)
    ended = {"state": Job.State.READY, "progress": 1, "ended_at": now(), "lease_until": None}
    with transaction.atomic():
        if not claimed.rows.update(**ended):
            raise LeaseLost
        there = Caption.objects.select_for_update().filter(cut=claimed.cut, language=heard.language)
        caption = there.first() or Caption(cut=claimed.cut, language=heard.language)
        if caption.pk and not caption.is_automatic and "-->" in caption.webvtt:
            raise EncodeFailed(
                _(
                    "This cut already has captions in %(language)s that a person wrote. "
                    "They were kept."
                )
                % {"language": label},
                "captions_there",
            )
        caption.webvtt, caption.label = format_webvtt(cues_from(heard.words)), label
        caption.is_automatic, caption.changed_by = True, None
        caption.save()
