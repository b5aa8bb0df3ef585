"""The studio's name and mark in the admin."""

from django import template
from django.conf import settings

register = template.Library()


@register.inclusion_tag("desk/brand.html")
def brand() -> dict[str, str]:
    """`{% brand %}`: the mark with the studio's name below."""
    return {"name": settings.WAGTAIL_SITE_NAME}
