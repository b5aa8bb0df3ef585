"""Template filters for lengths and times of cuts."""

import datetime as dt
from decimal import Decimal

from django import template
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from videos.media.delivery import Delivery
from videos.media.models import Caption, RenditionSet
from videos.media.timecodes import time_code

register = template.Library()


@register.simple_tag(takes_context=True)
def delivery(context: template.Context, renditions: RenditionSet) -> Delivery:
    """Where the files of a set are for who is looking."""
    request = context.get("request") or getattr(context, "request", None)
    return Delivery(renditions, getattr(request, "user", None) or AnonymousUser())


@register.filter
def captions_url(files: Delivery, caption: Caption) -> str:
    """The address of captions beside the set that they play with."""
    return files.captions_url(caption)


@register.filter
def length(seconds: float | None) -> str:
    """A length as people write it: 0:07, 12:34, 1:02:03. Nothing for None."""
    if seconds is None:
        return ""
    whole = max(1, round(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, rest = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@register.filter
def ago(moment: dt.datetime) -> str:
    """How long ago something was, in words."""
    if timezone.now() - moment < dt.timedelta(minutes=1):
        return _("just now")
    return _("%(time)s ago") % {"time": timesince(moment, depth=1)}


@register.filter
def remaining(seconds: float | None) -> str:
    """How long it still takes, roughly, in words. Nothing for None."""
    if seconds is None:
        return ""
    if seconds < 60:
        return _("less than a minute left")
    minutes = round(seconds / 60)
    return ngettext("%(n)d minute left", "%(n)d minutes left", minutes) % {"n": minutes}


@register.filter
def moment(seconds: Decimal) -> str:
    """A moment as people write it: 1:23.4."""
    return time_code(seconds)


@register.filter
def bitrate(bits: int) -> str:
    """Bits a second as people write them: 850 kbit/s, 4.2 Mbit/s."""
    if bits < 1_000_000:
        return _("%(n)s kbit/s") % {"n": number_format(round(bits / 1000), decimal_pos=0)}
    return _("%(n)s Mbit/s") % {"n": number_format(round(bits / 1_000_000, 1), decimal_pos=1)}
