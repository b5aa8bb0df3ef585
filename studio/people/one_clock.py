"""One studio, one time zone: time zones of users' Wagtail profiles are ignored."""

from typing import Any

from wagtail.users.models import UserProfile


def forget_zone(instance: UserProfile, **kwargs: Any) -> None:
    """Clear the time zone of a loaded profile, so that Wagtail uses `TIME_ZONE`.

    Wagtail's admin activates the profile's time zone on each page. `WAGTAIL_USER_TIME_ZONES`
    removes the choice from the account page, but not the zones of profiles that were saved before
    or elsewhere.
    """
    instance.current_time_zone = ""
