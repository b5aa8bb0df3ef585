"""Cuts with their sources, transcode jobs, sets of renditions and captions."""

from videos.media.models.caption import Caption, CaptionQuerySet, Captions, PublicCaption
from videos.media.models.cut import Cut, CutManager, footage, poster_path, source_path
from videos.media.models.job import Job, TranscodeChunk
from videos.media.models.rendition import Rendition, RenditionSet, RenditionSetQuerySet
from videos.media.models.upload import Upload

__all__ = [
    "Caption",
    "CaptionQuerySet",
    "Captions",
    "Cut",
    "CutManager",
    "Job",
    "PublicCaption",
    "Rendition",
    "RenditionSet",
    "RenditionSetQuerySet",
    "TranscodeChunk",
    "Upload",
    "footage",
    "poster_path",
    "source_path",
]
