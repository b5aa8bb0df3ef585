"""What the audience adds to a video's public page."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from videos.audience import cookies
from videos.audience.browser import is_staff
from videos.audience.models import ShareLink
from videos.publishing.extras import PageExtra


class StaffNotice(PageExtra):
    """Tells colleagues that their views are not counted."""

    template_name = "audience/staff_notice.html"

    def is_shown(self) -> bool:
        return is_staff(self.request)

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        return {"signed_in": self.request.user.is_authenticated}


class BeaconScript(PageExtra):
    """The script that reports what is played, and with which share link the visitor came."""

    template_name = "audience/beacon.html"

    def is_shown(self) -> bool:
        return bool(self.page.live) and not getattr(self.request, "is_preview", False)

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        beacon = reverse("api-1:beacon", kwargs={"uuid": "-"})
        return {
            "url": beacon.removesuffix("-"),
            "share": share_of(self.request, self.page.video_id),
        }


class RememberMe(PageExtra):
    """Asks whether to remember the browser, or lets a remembered one be forgotten."""

    template_name = "audience/remember.html"

    def is_shown(self) -> bool:
        return not is_staff(self.request) and not cookies.said_no(self.request)

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        return {
            "remembered": cookies.viewer_id(self.request) is not None,
            "next": self.request.path,
        }


def share_of(request: HttpRequest, video_id: int) -> str:
    """The token of the share link to the video that the browser opened lately, or nothing."""
    tokens = cookies.opened_links(request)
    if not tokens:
        return ""
    known = set(
        ShareLink.objects.filter(token__in=tokens, video=video_id).values_list("token", flat=True)
    )
    return next((token for token in tokens if token in known), "")
