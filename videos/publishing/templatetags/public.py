"""How the public site writes lengths, names and pictures."""

from decimal import Decimal

from django import template
from django.utils.translation import ngettext

from videos.media.models import RenditionSet
from videos.media.timecodes import length
from videos.publishing.presentation.posters import poster_url

register = template.Library()


register.filter("duration", length)


@register.filter
def in_words(seconds: Decimal) -> str:
    """A length in words: whole minutes, or seconds below one and a half minutes."""
    whole = int(seconds.to_integral_value())
    if whole < 90:
        return ngettext("%(count)d second", "%(count)d seconds", whole) % {"count": whole}
    minutes = round(whole / 60)
    return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}


@register.filter
def listed(names: list[str]) -> str:
    """Names one after another."""
    return ", ".join(names)


@register.filter
def small_poster(renditions: RenditionSet) -> str:
    """The address of a card's poster."""
    return poster_url(renditions, 480)
