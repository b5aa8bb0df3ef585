"""What the player's template needs to know of media."""

from django import template

from videos.media.models import Caption, RenditionSet

register = template.Library()


@register.filter
def captions_url(renditions: RenditionSet, caption: Caption) -> str:
    """The address of a cut's captions in one language, beside the set that it plays with."""
    return renditions.url(f"captions/{caption.language}.vtt")
