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

    Unknown seconds do not; where the duration is unknown the limit is `view_min_seconds`.
    """
    limit = Decimal(view_min_seconds)
    if duration is not None:
        limit = min(limit, duration)
    return seconds is not None and seconds >= limit


def why_not(
    seconds: Decimal | None,
    duration: Decimal | None,
    *,
    is_staff: bool,
    is_internal: bool,
    is_bot: bool,
    view_min_seconds: int,
) -> NotCounted | None:
    """Why a view does not count; None when it does.

    It counts when it is long enough and the viewer is not staff, not internal and not a bot. Who
    watches is told before how long.
    """
    if is_staff:
        return NotCounted.STAFF
    if is_internal:
        return NotCounted.INTERNAL
    if is_bot:
        return NotCounted.BOT
    if not is_long_enough(seconds, duration, view_min_seconds):
        return NotCounted.SHORT
    return None


def counts(
    seconds: Decimal | None,
    duration: Decimal | None,
    is_staff: bool,
    is_internal: bool,
    is_bot: bool,
    view_min_seconds: int,
) -> bool:
    """Whether a view counts, see `why_not`."""
    return (
        why_not(
            seconds,
            duration,
            is_staff=is_staff,
            is_internal=is_internal,
            is_bot=is_bot,
            view_min_seconds=view_min_seconds,
        )
        is None
    )
