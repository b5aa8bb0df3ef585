"""Template tags for what planning shows, also on the pages of other rooms."""

import datetime as dt
from typing import Any

from django import template
from django.utils import timezone

from videos.planning import errors
from videos.planning.addresses import expert_url, question_url, shoot_url, video_url
from videos.planning.badges import shoot_badge, stage_badge
from videos.planning.models import Shoot

register = template.Library()
register.filter(video_url)
register.filter(question_url)
register.filter(shoot_url)
register.filter(expert_url)
register.filter("shoot_time", errors.when)


@register.inclusion_tag("planning/badge.html")
def stage(value: str) -> dict[str, Any]:
    """`{% stage video.stage %}`: the stage as a word with its icon."""
    return {"badge": stage_badge(value)}


@register.inclusion_tag("planning/badge.html")
def shoot_state(shoot: Shoot) -> dict[str, Any]:
    """`{% shoot_state shoot %}`: whether it is booked, running, over or cancelled."""
    now = timezone.now()
    return {
        "badge": shoot_badge(shoot, has_begun=shoot.starts_at <= now, is_over=shoot.ends_at <= now)
    }


@register.inclusion_tag("planning/day.html")
def day(value: dt.date | dt.datetime | None) -> dict[str, Any]:
    """`{% day value %}`: in words near today, exact on hover; nothing for None."""
    if isinstance(value, dt.datetime):
        value = timezone.localtime(value)
    return {"value": value}
