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
from videos.media.models import Caption, PublicCaption, RenditionSet
from videos.media.sets import is_for_anyone
from videos.media.timecodes import time_code

register = template.Library()


@register.simple_tag(takes_context=True)
def delivery(context: template.Context, renditions: RenditionSet) -> Delivery:
    """Where the files of a set are for who is looking. Of an open one, nobody asks who that is."""
    if is_for_anyone(renditions):
        return Delivery(renditions, AnonymousUser())
    request = context.get("request") or getattr(context, "request", None)
    return Delivery(renditions, getattr(request, "user", None) or AnonymousUser())


@register.filter
def captions_url(files: Delivery, caption: Caption | PublicCaption) -> str:
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
def waited(moment: dt.datetime) -> str:
    """How long something waits already, in words."""
    if timezone.now() - moment < dt.timedelta(minutes=1):
        return _("waiting since just now")
    return _("waiting for %(time)s") % {"time": timesince(moment, depth=1)}


@register.filter
def begins(seconds: float | None) -> str:
    """When something begins, about, in words. Nothing for None."""
    if seconds is None:
        return ""
    if seconds < 60:
        return _("starts within a minute")
    if seconds < 3600:
        minutes = round(seconds / 60)
        return ngettext(
            "starts in about %(n)d minute", "starts in about %(n)d minutes", minutes
        ) % {"n": minutes}
    hours = round(seconds / 3600)
    return ngettext("starts in about %(n)d hour", "starts in about %(n)d hours", hours) % {
        "n": hours
    }


@register.filter
def remaining(seconds: float | None) -> str:
    """How long it still takes, roughly, in words. Nothing for None."""
    if seconds is None:
        return ""
    if seconds < 60:
        return _("less than a minute left")
    minutes = round(seconds / 60)
    return ngettext("%(n)d minute left", "%(n)d minutes left", minutes) % {"n": minutes}


@register.simple_tag
def second_set(renditions: RenditionSet | None) -> RenditionSet | None:
    """The set in AV1 beside the one that a cut shows, if whoever may play that one may play it."""
    if renditions is None or renditions.cut.current_set_id != renditions.pk:
        return None
    second = renditions.cut.second_set
    return second if second and second.is_public == renditions.is_public else None


@register.filter
def best_codec(renditions: RenditionSet) -> str:
    """The codec of a set's best picture, without the sound's."""
    best = renditions.renditions.first()
    return best.codecs.split(",")[0] if best else ""


@register.filter
def best_bitrate(renditions: RenditionSet) -> int:
    """Bits per second of a set's best rendition."""
    best = renditions.renditions.first()
    return best.bitrate if best else 0


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
