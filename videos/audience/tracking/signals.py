"""Signal receivers for sign-ins."""

from typing import Any

from django.http import HttpRequest

from studio.people.models import User
from videos.audience.models import Viewer
from videos.audience.tracking import cookies


def mark_viewer_as_staff(request: HttpRequest | None, user: User, **kwargs: Any) -> None:
    """Mark the browser's viewer as staff. Such a viewer is never identified as a contact."""
    if request is None:
        return
    request.signed_in_staff = True  # type: ignore[attr-defined]
    if public_id := cookies.viewer_id(request):
        Viewer.objects.update_or_create(public_id=public_id, defaults={"was_staff": True})
