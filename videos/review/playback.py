"""Which ranges of a cut reviewers played, and whether they watched all of it."""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction

from studio.people.models import User
from studio.ranges import Range, seconds, with_played
from videos.media.models import Cut
from videos.review.models import Playback

MAX_RANGES = 500  # of one person in one cut
MAX_TEXT_LENGTH = 20_000  # characters of one report: as many ranges, to the thousandth of a second
MAX_SECONDS = 10**6  # of a cut, more than eleven days
WATCHED = Decimal("0.9")  # the share of a cut from which it counts as watched: credits may run out


def is_watched(played: Sequence[Range], length: Decimal | None) -> bool:
    """Whether the played ranges cover the cut, except for a small rest. Length in seconds."""
    return seconds(played) >= (length or 0) * WATCHED and bool(played)


def ranges_of(text: str) -> list[Range]:
    """Parse the JSON that a browser reports: pairs of seconds. Raises ValueError."""
    if len(text) > MAX_TEXT_LENGTH:
        raise ValueError("too long")
    try:
        given = json.loads(text or "[]")
    except RecursionError as nested:
        raise ValueError("too deep") from nested
    if not isinstance(given, list) or not all(is_range(one) for one in given):
        raise ValueError("not a list of ranges")
    return [(float(start), float(end)) for start, end in given]


def is_range(given: Any) -> bool:
    """Whether a value is a pair of seconds, the earlier one first."""
    return (
        isinstance(given, list)
        and len(given) == 2
        and all(type(one) in (int, float) for one in given)
        and 0 <= given[0] <= given[1] < MAX_SECONDS  # NaN is neither
    )


def played_by(user: User, cut: Cut) -> list[Range]:
    """The known ranges that a user played of a cut, disjoint, in seconds."""
    playback = Playback.objects.filter(cut=cut, by=user).first()
    return [(start, end) for start, end in playback.ranges] if playback else []


def add_played_ranges(cut: Cut, played: Sequence[Range], *, by: User) -> None:
    """Add ranges to those known of a cut. Too many ranges are ignored."""
    length = cut.current_set.seconds if cut.current_set else Decimal(0)
    if not played:
        return
    with transaction.atomic():
        playback, _ = Playback.objects.select_for_update().get_or_create(cut=cut, by=by)
        ranges = with_played(playback.ranges, played, float(length))
        if len(ranges) <= MAX_RANGES:
            playback.ranges = ranges
            playback.save(update_fields=["ranges"])
