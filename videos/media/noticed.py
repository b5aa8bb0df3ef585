"""What was decided for a producer about a source, in words: nothing of it keeps a cut from view."""

from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext as _

from videos.media.caption_tracks import names_of, tracks_of


def remarks_in_words(facts: dict[str, Any], left: Collection[int] | None = None) -> list[str]:
    """The remarks on a source, from its facts (`Facts.as_values`); codes unknown here are left
    out. `left` are the caption tracks inside that nobody took (by number); None: all."""
    known = {
        "broken_off": _(
            "The recording broke off. It plays up to the last moment that has picture and sound."
        ),
        "sizes": _(
            "The picture changes its size or turns on the way. It is shown in the size that lasts "
            "longest; the rest stands whole between black bars."
        ),
        "shapes": _(
            "The picture changes between narrow and wide on the way. It is shown in the shape that "
            "lasts longest; the rest of it is stretched."
        ),
        "silent": _("Its sound is silent from the beginning to the end."),
        "other_track": instead(facts),
        "only_left": _(
            "Its sound is on the left side alone. Viewers hear that side on both sides."
        ),
        "only_right": _(
            "Its sound is on the right side alone. Viewers hear that side on both sides."
        ),
    }
    found = [known[code] for code in facts.get("remarks") or () if code in known]
    if captions := captions_in_words(facts, left):
        found.append(_("There are captions inside: %(captions)s.") % {"captions": captions})
    return found


def instead(facts: dict[str, Any]) -> str:
    """Which sound track is heard in the place of the silent one that the file names."""
    heard = facts.get("sound") or {}
    told = {"number": heard.get("number") or 1, "next": (heard.get("number") or 1) + 1}
    if heard.get("right") is not None:
        return (
            _(
                "The sound track that players take first is silent. Viewers hear tracks %(number)d "
                "and %(next)d instead, as left and right."
            )
            % told
        )
    text = _(
        "The sound track that players take first is silent. Viewers hear track %(number)d instead."
    )
    return text % told


def captions_in_words(facts: dict[str, Any], left: Collection[int] | None = None) -> str:
    """The captions inside a source, by title or language: those `left`, or all."""
    names = names_of(tracks_of(facts))
    return ", ".join(name for number, name in names.items() if left is None or number in left)
