"""What a public page prints of its video's planning.

It is stored with the page, so that edits of the video become public only by publishing. For the
reasons see docs/decisions/0029-public-text-is-kept-with-the-page.md
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from videos.planning.models import Video

if TYPE_CHECKING:
    from videos.publishing.models import VideoPage


class PublicText(NamedTuple):
    """The text that a page takes from its video. VideoPage has fields of the same names."""

    summary: str = ""
    questions: tuple[str, ...] = ()
    expert_names: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """A short hash, to detect that the text has changed."""
        return hashlib.sha256(json.dumps(self).encode()).hexdigest()[:16]


LABELS = {
    "summary": _("Summary"),
    "questions": _("Questions"),
    "expert_names": _("Experts"),
}


class Change(NamedTuple):
    """One part of the text that differs, each side as a tuple of paragraphs."""

    label: str | Promise
    public: tuple[str, ...]
    now: tuple[str, ...]


def text_from_video(video: Video) -> PublicText:
    """The current text of a video.

    Experts are named, but their e-mail addresses are never published.
    """
    names = (expert.user.get_full_name() for expert in video.experts.all())
    return PublicText(
        summary=video.summary,
        questions=tuple(question.text for question in video.questions.all()),
        expert_names=tuple(name for name in names if name),
    )


def text_of_page(page: VideoPage) -> PublicText:
    """The text that a page stores and prints."""
    return PublicText(page.summary, tuple(page.questions), tuple(page.expert_names))


def text_changes(public: PublicText, now: PublicText) -> list[Change]:
    """The parts that differ, in the order in which a page prints them."""
    return [
        Change(label, paragraphs(was), paragraphs(is_now))
        for (name, label), was, is_now in zip(LABELS.items(), public, now, strict=True)
        if was != is_now
    ]


def paragraphs(part: str | Sequence[str]) -> tuple[str, ...]:
    """A part of the text as a tuple of paragraphs."""
    if isinstance(part, str):
        return (part,) if part else ()
    return tuple(part)
