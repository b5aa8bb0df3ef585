"""The caption tracks embedded in a source, from its source information.

Captions of a cut have one language each. Of several tracks of one language the second is named by
a private tag, as BCP 47 (2.2.7) has it: `en-x-2`. `taken` is kept with the track's facts.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from videos.media.captions.editing import LABEL_LENGTH, UNKNOWN, label_of, languages
from videos.media.captions.languages import SHORT, language_name

NOTHING = 0  # what a track was taken as that has no captions to be read


class Track(NamedTuple):
    """Captions inside a source: the number of their track, and a BCP 47 tag of their own.

    `told` is their language in the file's words. `taken` is the primary key of the captions that
    were made of them, or NOTHING; None before.
    """

    number: int
    language: str
    told: str
    title: str
    taken: int | None


def tracks_of(facts: Mapping[str, Any]) -> list[Track]:
    """The caption tracks of a source."""
    seen: Counter[str] = Counter()
    found = []
    for told in facts.get("captions") or []:
        language = language_of(told)
        seen[language] += 1
        nth = seen[language]
        found.append(
            Track(
                number=int(told["number"]),
                language=language if nth == 1 else f"{language}-x-{nth}",
                told=str(told.get("language") or ""),
                title=" ".join(str(told.get("title") or "").split()),
                taken=told.get("taken"),
            )
        )
    return found


def language_of(told: Mapping[str, Any]) -> str:
    """The language tag of a track."""
    code = str(told.get("language") or "").lower()
    short = SHORT.get(code, code)
    return short if short in dict(languages()) else UNKNOWN


def left(facts: Mapping[str, Any], there: Iterable[tuple[int, str]]) -> list[Track]:
    """The tracks of which nothing is among a cut's captions: these are `there`, as primary keys
    and tags."""
    keys, tags = {NOTHING}, set()
    for key, tag in there:
        keys.add(key)
        tags.add(tag)
    return [t for t in tracks_of(facts) if t.taken not in keys and t.language not in tags]


def taken_as(facts: Mapping[str, Any], keys: Mapping[int, int]) -> dict[str, Any]:
    """The source information with the captions extracted from some tracks, by number."""
    captions = [
        {**told, "taken": keys[told["number"]]} if told["number"] in keys else told
        for told in facts.get("captions") or []
    ]
    return {**facts, "captions": captions}


def remembered(facts: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """New source information that keeps which caption tracks were extracted before."""
    return taken_as(facts, {t.number: t.taken for t in tracks_of(before) if t.taken is not None})


def labels_of(tracks: Iterable[Track]) -> dict[int, str]:
    """The labels for the captions of tracks, by track number."""
    named = [(track, label_of(track.language.partition("-x-")[0])) for track in tracks]
    return {
        track.number: (apart or name)[:LABEL_LENGTH]
        for (track, name), apart in zip(named, told_apart(named), strict=True)
    }


def names_of(tracks: Iterable[Track]) -> dict[int, str]:
    """The names of tracks, by track number: the title, else the language."""
    named = [(track, language_name(track.told) or _("unknown language")) for track in tracks]
    return {
        track.number: apart or track.title or name
        for (track, name), apart in zip(named, told_apart(named), strict=True)
    }


def told_apart(named: Sequence[tuple[Track, str]]) -> list[str]:
    """For each track, a name that differs from equal ones; empty if its name is unique."""
    names = Counter(name for _track, name in named)
    titles = Counter((name, track.title) for track, name in named)
    seen: Counter[str] = Counter()
    found = []
    for track, name in named:
        seen[name] += 1
        apart = "" if names[name] == 1 else name
        if apart and track.title and titles[name, track.title] == 1:
            apart = _("%(language)s (%(title)s)") % {"language": name, "title": track.title}
        elif seen[name] > 1:
            apart = _("%(language)s (%(number)s)") % {"language": name, "number": seen[name]}
        found.append(apart)
    return found
