"""The key of a form, in templates."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from studio.once import keys

register = template.Library()


@register.simple_tag(takes_context=True)
def once_key(context: template.Context) -> SafeString:
    """The hidden field with which a form is sent once."""
    return format_html('<input type="hidden" {}>', once_button(context))


@register.simple_tag(takes_context=True)
def once_button(context: template.Context) -> SafeString:
    """`<button {% once_button %}>`: the same, for a form whose buttons do different acts."""
    key = keys.fresh(context["request"].user.pk)
    return format_html('name="{}" value="{}"', keys.FIELD, key)
