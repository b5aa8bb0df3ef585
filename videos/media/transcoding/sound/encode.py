"""Encodes the sound of a set again until its level is right."""

import logging
import shutil
from pathlib import Path

from videos.media.transcoding.encode import encode
from videos.media.transcoding.hls import PLAYLIST, SOUND_FOLDER
from videos.media.transcoding.sound.filters import sound_command
from videos.media.transcoding.sound.measure import level_of_rendition
from videos.media.transcoding.sound.treatment import Treatment, corrected
from videos.media.transcoding.source_info import SourceInfo

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 3


def encode_to_target(source: Path, folder: Path, info: SourceInfo, treatment: Treatment) -> None:
    """Encode the sound again while its level, once encoded, is off target. Raises EncodeFailed.

    AAC lifts peaks, and a limiter lowers the loudness: by how much is known only afterwards.
    """
    for _attempt in range(MAX_ATTEMPTS):
        level = level_of_rendition(folder / SOUND_FOLDER / PLAYLIST, info)
        better = corrected(treatment, level) if level else None
        if better is None or better == treatment:
            return
        log.info("the sound is at %s after %s: encoding again with %s", level, treatment, better)
        treatment = better
        shutil.rmtree(folder / SOUND_FOLDER)
        (folder / SOUND_FOLDER).mkdir()
        encode(sound_command(source, info, treatment), info, folder)
