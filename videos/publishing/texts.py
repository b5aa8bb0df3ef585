"""What a public page prints of its video's planning: kept with the page, so that an edit waits.

Why it is kept and not read: docs/decisions/0035-public-text-is-kept-with-the-page.md
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
    """The words that a page takes from its video. The fields of VideoPage have the same names."""

    summary: str = ""
    questions: tuple[str, ...] = ()
    expert_names: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """What tells this text from others, short."""
        return hashlib.sha256(json.dumps(self).encode()).hexdigest()[:16]


LABELS = {
    "summary": _("Summary"),
    "questions": _("Questions"),
    "expert_names": _("Experts"),
}


class Change(NamedTuple):
    """One part of a text that differs; each side as the paragraphs that it prints."""

    label: str | Promise
    public: tuple[str, ...]
    now: tuple[str, ...]


def text_of(video: Video) -> PublicText:
    """What is written on the video at this moment.

    Experts by name: never by their e-mail address, which is nobody's business in public.
    """
    names = (expert.user.get_full_name() for expert in video.experts.all())
    return PublicText(
        summary=video.summary,
        questions=tuple(question.text for question in video.questions.all()),
        expert_names=tuple(name for name in names if name),
    )


def kept_text(page: VideoPage) -> PublicText:
    """What a page keeps and prints."""
    return PublicText(page.summary, tuple(page.questions), tuple(page.expert_names))


def changes(public: PublicText, now: PublicText) -> list[Change]:
    """The parts that differ, in the order in which a page prints them."""
    return [
        Change(label, paragraphs(was), paragraphs(is_now))
        for (name, label), was, is_now in zip(LABELS.items(), public, now, strict=True)
        if was != is_now
    ]


def paragraphs(part: str | Sequence[str]) -> tuple[str, ...]:
    """One part of a text as what is printed below each other."""
    if isinstance(part, str):
        return (part,) if part else ()
    return tuple(part)
