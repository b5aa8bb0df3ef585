"""Template tags and filters for cuts: media URLs, durations, times, bit rates."""

import datetime as dt
from decimal import Decimal

from django import template
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from studio.clock import MINUTE, ago_text, due_text, since_text
from videos.media.access import is_for_anyone
from videos.media.delivery.urls_for import MediaUrls
from videos.media.models import Caption, PublicCaption, RenditionSet
from videos.media.timecodes import length, time_code

register = template.Library()
register.filter(length)


@register.simple_tag(takes_context=True)
def delivery(context: template.Context, renditions: RenditionSet) -> MediaUrls:
    """The URLs of a set for the current user. For a public set, the user is not read."""
    if is_for_anyone(renditions):
        return MediaUrls(renditions, AnonymousUser())
    request = context.get("request") or getattr(context, "request", None)
    return MediaUrls(renditions, getattr(request, "user", None) or AnonymousUser())


@register.filter
def captions_url(files: MediaUrls, caption: Caption | PublicCaption) -> str:
    """The URL of captions, next to the set they belong to."""
    return files.captions_url(caption)


@register.filter
def ago(moment: dt.datetime) -> str:
    """A past time as “5 minutes ago”; a future time as a date."""
    now = timezone.now()
    return due_text(moment, now) if moment > now + MINUTE else ago_text(moment)


@register.filter
def waited(moment: dt.datetime) -> str:
    """How long something has been waiting."""
    if timezone.now() - moment < MINUTE:
        return _("waiting since a moment ago")
    return _("waiting for %(time)s") % {"time": since_text(moment)}


@register.filter
def begins(seconds: float | None) -> str:
    """About when something starts; empty for None."""
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
    """About how much time is left; empty for None."""
    if seconds is None:
        return ""
    if seconds < 60:
        return _("less than a minute left")
    minutes = round(seconds / 60)
    return ngettext("%(n)d minute left", "%(n)d minutes left", minutes) % {"n": minutes}


@register.simple_tag
def second_set(renditions: RenditionSet | None) -> RenditionSet | None:
    """The AV1 set of a cut's current set, if both are public or both are private."""
    if renditions is None or renditions.cut.current_set_id != renditions.pk:
        return None
    second = renditions.cut.second_set
    return second if second and second.is_public == renditions.is_public else None


@register.filter
def best_codec(renditions: RenditionSet) -> str:
    """The video codec of a set's best rendition."""
    best = renditions.renditions.first()
    return best.codecs.split(",")[0] if best else ""


@register.filter
def best_bitrate(renditions: RenditionSet) -> int:
    """Bits per second of a set's best rendition."""
    best = renditions.renditions.first()
    return best.bitrate if best else 0


@register.filter
def moment(seconds: Decimal) -> str:
    """A time such as 1:23.4."""
    return time_code(seconds)


@register.filter
def bitrate(bits: int) -> str:
    """A bit rate such as 850 kbit/s or 4.2 Mbit/s."""
    if bits < 1_000_000:
        return _("%(n)s kbit/s") % {"n": number_format(round(bits / 1000), decimal_pos=0)}
    return _("%(n)s Mbit/s") % {"n": number_format(round(bits / 1_000_000, 1), decimal_pos=1)}
