"""Which views count, and why the others do not."""

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _


class NotCounted(models.TextChoices):
    """Why a view does not count."""

    STAFF = "staff", _("staff")
    INTERNAL = "internal", _("own network")
    BOT = "bot", _("bot")
    SHORT = "short", _("too short")


def is_long_enough(
    seconds: Decimal | None, duration: Decimal | None, view_min_seconds: int
) -> bool:
    """Whether the distinct seconds of a view reach `min(view_min_seconds, duration)`.

    Unknown seconds do not; where the duration is unknown the limit is `view_min_seconds`. This is
    judged once, when the view is counted or imported, and kept with it as `counted_at`.
    """
    limit = Decimal(view_min_seconds)
    if duration is not None:
        limit = min(limit, duration)
    return seconds is not None and seconds >= limit


def why_not(*, is_staff: bool, is_internal: bool, is_bot: bool, reached: bool) -> NotCounted | None:
    """Why a view does not count; None when it does.

    It counts when it `reached` the seconds it takes and the viewer is not staff, not internal and
    not a bot. Who watches is told before how long.
    """
    if is_staff:
        return NotCounted.STAFF
    if is_internal:
        return NotCounted.INTERNAL
    if is_bot:
        return NotCounted.BOT
    return None if reached else NotCounted.SHORT
