"""Copies captions and poster from a published cut to the cut that replaces it."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from studio.people.models import User
from videos.media.cuts.frame_grab import read
from videos.media.cuts.poster import choose_picture
from videos.media.errors import PictureRefused
from videos.media.models import Caption, Cut, PublicCaption, footage
from videos.media.timecodes import time_code
from videos.media.transcoding.webvtt import Cue, format_webvtt, stored_cues

log = logging.getLogger(__name__)

MOST_SHIFT_SECONDS = 3600


@dataclass(frozen=True)
class Losses:
    """Captions and poster that viewers would lose with another cut."""

    captions: tuple[PublicCaption, ...] = ()
    poster: bool = False

    def __bool__(self) -> bool:
        return bool(self.captions) or self.poster

    @property
    def in_words(self) -> str:
        """“English captions, 12 lines; the chosen poster”."""
        told = [
            ngettext(
                "%(language)s captions, %(count)d line",
                "%(language)s captions, %(count)d lines",
                caption.cues,
            )
            % {"language": caption.shown_label, "count": caption.cues}
            for caption in self.captions
        ]
        if self.poster:
            told.append(_("the chosen poster"))
        return "; ".join(told)


@dataclass(frozen=True)
class Carried:
    """What was carried over, and the lines of captions that lie outside of the new cut."""

    captions: tuple[Caption, ...] = ()
    lost: tuple[Cue, ...] = ()
    poster: bool = False


def losses(old: Cut | None, new: Cut | None) -> Losses:
    """What viewers of `old` as it was published would miss in `new` as it is now.

    The two may be one cut, whose captions or poster were taken away since.
    """
    if old is None or new is None:
        return Losses()
    there = set(new.captions.with_words().values_list("language", flat=True))
    missing = old.public_captions.exclude(language__in=there)
    return Losses(tuple(missing), bool(old.public_poster) and not new.poster)


def shifted(cues: Sequence[Cue], shift: float, length: float) -> tuple[list[Cue], list[Cue]]:
    """(kept, lost) of cues that come `shift` seconds later, in a cut of `length` seconds.

    What reaches over either end is cut off there; what lies outside is lost.
    """
    kept, lost = [], []
    for cue in cues:
        start, end = max(0.0, cue.start + shift), min(length, cue.end + shift)
        if end - start >= 0.001:
            kept.append(replace(cue, start=start, end=end))
        else:
            lost.append(cue)
    return kept, lost


def outside(old: Cut | None, new: Cut | None, shift: Decimal = Decimal(0)) -> list[Cue]:
    """The cues that `carry_over` would leave out because they are outside `new`."""
    if new is None or new.current_set is None:
        return []
    length = float(new.current_set.seconds)
    missing = losses(old, new).captions
    return [
        cue
        for caption in missing
        for cue in shifted(stored_cues(caption.webvtt), float(shift), length)[1]
    ]


def lines_in_words(lost: Sequence[Cue]) -> str:
    """Which lines of captions lie outside of a new cut; empty where none do."""
    if not lost:
        return ""
    few = ", ".join(
        _("“%(text)s” (%(time)s)") % {"text": cue.text[:60], "time": time_code(Decimal(cue.start))}
        for cue in lost[:5]
    )
    text = ngettext(
        "%(count)d caption is outside the new cut and is not carried over: %(few)s",
        "%(count)d captions are outside the new cut and are not carried over: %(few)s",
        len(lost),
    )
    return text % {"count": len(lost), "few": few + ("" if len(lost) <= 5 else " …")}


def carry_over(old: Cut, new: Cut, shift: Decimal, *, by: User) -> Carried:
    """Give `new` what its viewers would miss. Captions come `shift` seconds later than in `old`.

    Raises ValidationError, and then nothing has changed.
    """
    if new.current_set is None:
        raise ValidationError(_("This cut is not ready to watch yet."))
    if abs(shift) > MOST_SHIFT_SECONDS:
        raise ValidationError(_("Captions can be moved by an hour at most."))
    length = float(new.current_set.seconds)
    missing = losses(old, new)
    carried, gone = [], []
    with transaction.atomic():
        Cut.objects.select_for_update().get(pk=new.pk)
        for caption in missing.captions:
            kept, lost = shifted(stored_cues(caption.webvtt), float(shift), length)
            gone += lost
            if kept:
                carried.append(copied(caption, new, format_webvtt(kept), by=by))
        if missing.poster:
            carry_poster(old, new)
    log.info("cut %s has of cut %s: %s, without %d lines", new.pk, old.pk, missing, len(gone))
    return Carried(tuple(carried), tuple(gone), missing.poster)


def copied(caption: PublicCaption, new: Cut, webvtt: str, *, by: User) -> Caption:
    """Copy captions to a cut, replacing empty ones in that language."""
    made, _created = Caption.objects.update_or_create(
        cut=new,
        language=caption.language,
        defaults={
            "label": caption.label,
            "webvtt": webvtt,
            "is_automatic": caption.is_automatic,
            "changed_by": by,
        },
    )
    return made


def carry_poster(old: Cut, new: Cut) -> None:
    """The poster that viewers have, in the shape of the new cut. Raises ValidationError."""
    assert new.current_set
    try:
        choose_picture(new, new.current_set, read(footage(), old.public_poster))
    except OSError as missing:
        log.exception("the poster %s cannot be read", old.public_poster)
        raise PictureRefused(_("The chosen poster can no longer be read.")) from missing
