"""Template tags for what planning shows, also on the pages of other rooms."""

from typing import Any

from django import template

from videos.planning import errors
from videos.planning.admin.badges import shoot_badge_now, stage_badge
from videos.planning.models import Shoot
from videos.planning.urls_for import expert_url, question_url, shoot_url, video_url

register = template.Library()
register.filter(video_url)
register.filter(question_url)
register.filter(shoot_url)
register.filter(expert_url)
register.filter("shoot_time", errors.shoot_time)


@register.inclusion_tag("ui/badge.html")
def stage(value: str) -> dict[str, Any]:
    """`{% stage video.stage %}`: the stage as a word with its icon."""
    return {"badge": stage_badge(value)}


@register.inclusion_tag("ui/badge.html")
def shoot_state(shoot: Shoot) -> dict[str, Any]:
    """`{% shoot_state shoot %}`: whether it is booked, running, over or cancelled."""
    return {"badge": shoot_badge_now(shoot)}
