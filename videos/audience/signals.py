"""What happens here when somebody signs in."""

from typing import Any

from django.http import HttpRequest

from studio.people.models import User
from videos.audience import cookies
from videos.audience.models import Viewer


def note_staff_browser(request: HttpRequest | None, user: User, **kwargs: Any) -> None:
    """A browser that signs in as staff never takes an identity, from now on and for ever."""
    if request is None:
        return
    request.signed_in_staff = True  # type: ignore[attr-defined]
    if public_id := cookies.viewer_id(request):
        Viewer.objects.update_or_create(public_id=public_id, defaults={"was_staff": True})
