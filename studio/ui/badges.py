"""Badges: a state as a word with an icon and a colour."""

from typing import Any, NamedTuple


class Badge(NamedTuple):
    """A word, an icon and a tone, which sets the colour: `quiet`, `busy`, `good` or `bad`."""

    label: Any
    icon: str
    tone: str
