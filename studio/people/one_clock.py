"""One studio, one time zone: what a user's Wagtail account says of another is not heard."""

from typing import Any

from wagtail.users.models import UserProfile


def forget_zone(instance: UserProfile, **kwargs: Any) -> None:
    """Wherever a profile is loaded it has no zone of its own, so that Wagtail takes `TIME_ZONE`.

    Wagtail's admin activates the zone of the profile for each of its pages, ours among them.
    `WAGTAIL_USER_TIME_ZONES` takes the choice from the account page, but not from profiles that
    were saved before, nor from those that something else writes.
    """
    instance.current_time_zone = ""
