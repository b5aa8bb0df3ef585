"""The rules by which a view counts."""

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _


class ExclusionReason(models.TextChoices):
    """Why a view does not count."""

    STAFF = "staff", _("staff")
    INTERNAL = "internal", _("own network")
    BOT = "bot", _("bot")
    SHORT = "short", _("too short")


def is_long_enough(
    seconds: Decimal | None, duration: Decimal | None, view_min_seconds: int
) -> bool:
    """Whether the distinct seconds of a view reach `min(view_min_seconds, duration)`.

    Unknown seconds do not. Without a duration the limit is `view_min_seconds`. This is decided
    once, when a report arrives or a view is imported, and stored as `counted_at`.
    """
    limit = Decimal(view_min_seconds)
    if duration is not None:
        limit = min(limit, duration)
    return seconds is not None and seconds >= limit


def exclusion_reason(
    *, is_staff: bool, is_internal: bool, is_bot: bool, reached: bool
) -> ExclusionReason | None:
    """Why a view does not count; None when it does.

    It counts when it `reached` the minimum of seconds and the viewer is not staff, not internal and
    not a bot. Who watched takes precedence over how long.
    """
    if is_staff:
        return ExclusionReason.STAFF
    if is_internal:
        return ExclusionReason.INTERNAL
    if is_bot:
        return ExclusionReason.BOT
    return None if reached else ExclusionReason.SHORT
