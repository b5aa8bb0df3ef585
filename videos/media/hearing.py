"""Hears what is said in a cut, and captions it: the work of a job of the kind *words*.

With faster-whisper, an optional extra; who asks for it is in `speech.py`.
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

from videos.media import binaries, playlist
from videos.media.caption_acts import label_of
from videos.media.captions import written
from videos.media.confine import GIB, Limits, run
from videos.media.ending import Held
from videos.media.errors import EncodeFailed, LeaseLost
from videos.media.frames import read
from videos.media.models import Caption, Job, RenditionSet, footage
from videos.media.spoken import Word, cues_from
from videos.media.workplaces import workplace

LIMITS = Limits(cpu_seconds=1800, memory_bytes=2 * GIB, file_bytes=2 * GIB)
SOUND = re.compile(r'#EXT-X-MEDIA:TYPE=AUDIO[^\n]*URI="([^"]+)"')
Tell = Callable[[float, float | None], None]


class Heard(NamedTuple):
    """What was said, and in which language (a BCP 47 tag)."""

    language: str
    words: list[Word]


def make_words(held: Held) -> None:
    """The work of such a job. Raises EncodeFailed with a sentence for a producer."""
    cut = held.cut
    if cut.current_set is None:
        raise EncodeFailed(nothing_heard(), "no_words")
    with workplace("words") as folder:
        heard = listen(sound_of(cut.current_set, folder), held.lease.tell)
    if not heard.words:
        raise EncodeFailed(nothing_heard(), "no_words")
    held.lease.patiently(partial(keep, held, heard))


def nothing_heard() -> str:
    """The sentence for a cut in which nobody speaks."""
    return _("Nobody was heard to speak in this cut.")


def sound_of(renditions: RenditionSet, folder: Path) -> Path:
    """The sound of a set in a file as models want it: 16 kHz, mono. Raises EncodeFailed.

    It has the times of what viewers see, however late the source's sound began.
    """
    master = read(footage(), f"{renditions.folder}/{renditions.master}").decode()
    named = SOUND.search(master)
    if named is None:
        raise EncodeFailed(nothing_heard(), "no_words")
    place = f"{renditions.folder}/{named[1]}".rsplit("/", 1)[0]
    listed = playlist.read(read(footage(), f"{renditions.folder}/{named[1]}").decode())
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
    """What is said in a file of sound. Raises EncodeFailed."""
    said, about = model().transcribe(
        str(sound), word_timestamps=True, vad_filter=True, condition_on_previous_text=False
    )
    words = list(words_in(said, float(about.duration), tell))
    return Heard(str(about.language), words)


def model() -> Any:
    """The model, from the disk alone. Raises EncodeFailed for what a keeper has to mend."""
    folder = Path(settings.WHISPER_MODEL)
    if not (folder / "model.bin").is_file():
        raise EncodeFailed(
            _("The studio’s keeper has to set WHISPER_MODEL to the folder of a model."), "speech"
        )
    try:
        library = import_module("faster_whisper")
    except ImportError as missing:
        raise EncodeFailed(
            _("The studio’s keeper has to install the extra “speech” (faster-whisper)."), "speech"
        ) from missing
    return library.WhisperModel(
        str(folder), device="auto", compute_type="auto", local_files_only=True
    )


def words_in(said: Iterable[Any], duration: float, tell: Tell) -> Iterator[Word]:
    """The words of a model's segments, which are heard one by one as we ask for them."""
    for segment in said:
        for word in segment.words or []:
            yield Word(str(word.word), float(word.start), float(word.end))
        tell(min(0.99, float(segment.end) / max(0.001, duration)), None)


def keep(held: Held, heard: Heard) -> None:
    """The captions and the end of their job, at once. Raises EncodeFailed or LeaseLost.

    What a person wrote is never replaced by a machine's words.
    """
    label = label_of(heard.language)
    ended = {"state": Job.State.READY, "progress": 1, "ended_at": now(), "lease_until": None}
    with transaction.atomic():
        if not held.rows.update(**ended):
            raise LeaseLost
        there = Caption.objects.select_for_update().filter(cut=held.cut, language=heard.language)
        caption = there.first() or Caption(cut=held.cut, language=heard.language)
        if caption.pk and not caption.is_automatic and "-->" in caption.webvtt:
            raise EncodeFailed(
                _("This cut has captions in %(language)s that a person wrote: they stay.")
                % {"language": label},
                "captions_there",
            )
        caption.webvtt, caption.label = written(cues_from(heard.words)), label
        caption.is_automatic, caption.changed_by = True, None
        caption.save()
