"""Slugs for pages."""

from collections.abc import Iterable
from itertools import count

from django.utils.text import slugify

LONGEST = 255  # characters, as Wagtail keeps them
PLAIN = "video"  # where a title has neither letters nor digits


def slug_for(title: str, taken: Iterable[str]) -> str:
    """A slug from a title in any script, different from the taken ones; LONGEST at most."""
    others = set(taken)
    base = slugify(title, allow_unicode=True)[:LONGEST].strip("-_") or PLAIN
    for number in count(1):
        end = "" if number == 1 else f"-{number}"
        slug = base[: LONGEST - len(end)] + end
        if slug not in others:
            break
    return slug
