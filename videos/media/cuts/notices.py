"""Remarks for producers about a source that was accepted."""

from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext as _

from videos.media.captions.source_tracks import names_of, tracks_of


def remarks_in_words(facts: dict[str, Any], left: Collection[int] | None = None) -> list[str]:
    """The remarks on a source, from its facts (`Facts.as_values`); codes unknown here are left
    out. `left` are the caption tracks inside that nobody took (by number); None: all."""
    known = {
        "broken_off": _(
            "The recording ends abruptly. The video plays up to the last moment with picture and "
            "sound."
        ),
        "sizes": _(
            "The picture changes its size or rotation during the recording. The video has the size "
            "that lasts longest; other parts have black bars."
        ),
        "shapes": _(
            "The picture changes between narrow and wide during the recording. The video has the "
            "shape that lasts longest; other parts are stretched."
        ),
        "silent": _("The sound is silent throughout."),
        "other_track": instead(facts),
        "only_left": _("The sound is only on the left channel. Viewers hear it on both channels."),
        "only_right": _(
            "The sound is only on the right channel. Viewers hear it on both channels."
        ),
    }
    found = [known[code] for code in facts.get("remarks") or () if code in known]
    if captions := captions_in_words(facts, left):
        found.append(_("The file contains captions: %(captions)s.") % {"captions": captions})
    return found


def instead(facts: dict[str, Any]) -> str:
    """The remark about the audio track that replaces a silent default track."""
    heard = facts.get("sound") or {}
    told = {"number": heard.get("number") or 1, "next": (heard.get("number") or 1) + 1}
    if heard.get("right") is not None:
        return (
            _(
                "The default audio track is silent. Viewers hear tracks %(number)d and %(next)d "
                "instead, as left and right."
            )
            % told
        )
    text = _("The default audio track is silent. Viewers hear track %(number)d instead.")
    return text % told


def captions_in_words(facts: dict[str, Any], left: Collection[int] | None = None) -> str:
    """The embedded captions of a source, by title or language: those in `left`, or all."""
    names = names_of(tracks_of(facts))
    return ", ".join(name for number, name in names.items() if left is None or number in left)
