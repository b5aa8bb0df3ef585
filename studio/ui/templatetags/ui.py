"""Template tags and filters shared by all apps."""

import datetime as dt
import hashlib
import re
from typing import Any

from django import template
from django.conf import settings
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from studio.clock import ago_text, day_text, due_text

register = template.Library()

SOON = dt.timedelta(minutes=1)  # tolerance for clocks of other machines


@register.inclusion_tag("ui/day.html")
def day(value: dt.date | dt.datetime | None) -> dict[str, Any]:
    """`{% day value %}`: a date, relative near today, exact on hover; empty for None."""
    if isinstance(value, dt.datetime):
        value = timezone.localtime(value)
    return {"value": value}


# Hidden inputs have keys and tokens that differ at each rendering, so they are left out of versions
HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*>')


class LiveNode(template.Node):
    """A part of a page that `ui/live.js` keeps up to date."""

    def __init__(self, nodes: NodeList, name: FilterExpression, classname: str) -> None:
        self.nodes, self.name, self.classname = nodes, name, classname

    def render(self, context: template.Context) -> SafeString:
        inside = self.nodes.render(context)
        version = hashlib.sha256(HIDDEN.sub("", inside).encode()).hexdigest()[:16]
        return format_html(
            '<div class="{}" data-live="{}" data-live-version="{}">{}</div>',
            self.classname,
            self.name.resolve(context),
            version,
            mark_safe(inside),  # noqa: S308  rendered by its own nodes
        )


@register.tag
def live(parser: Parser, token: Token) -> LiveNode:
    """`{% live "step" "a-class" %}…{% endlive %}`: a part of a page with a name and a version."""
    _tag, name, *classes = token.split_contents()
    nodes = parser.parse(("endlive",))
    parser.delete_first_token()
    return LiveNode(nodes, parser.compile_filter(name), " ".join(classes).strip('"'))


@register.inclusion_tag("ui/picture.html")
def picture(url: str) -> dict[str, Any]:
    """`{% picture url %}`: the small poster of a video, or an icon if there is none yet."""
    return {"url": url}


@register.inclusion_tag("ui/brand.html")
def brand() -> dict[str, str]:
    """`{% brand %}`: the logo with the studio's name below."""
    return {"name": settings.WAGTAIL_SITE_NAME}


@register.filter
def relative_date(value: dt.date | dt.datetime) -> str:
    """Format a past date as “3 days ago”, a future one as its day, with its time if it has one."""
    now = timezone.now()
    if isinstance(value, dt.datetime):
        is_ahead = timezone.is_aware(value) and value > now + SOON
        return due_text(value, now) if is_ahead else ago_text(value)
    today = timezone.localdate(now, timezone.get_default_timezone())
    is_near = value >= today - dt.timedelta(days=1)
    return day_text(value, today) if is_near else ago_text(value)
