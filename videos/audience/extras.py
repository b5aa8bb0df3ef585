"""What the audience adds to a video's public page: the same bytes for every visitor."""

from typing import Any

from django.urls import reverse

from videos.publishing.extras import PageExtra


class Consent(PageExtra):
    """The room beside the player: the question, its answer, or the note to staff.

    Which of them is shown, the visitor's script asks for: the page does not know who reads it.
    """

    template_name = "audience/consent.html"

    def is_shown(self) -> bool:
        return not self.is_preview

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        return {"next": self.page.url}


class BeaconScript(PageExtra):
    """The script that reports what is played."""

    template_name = "audience/beacon.html"

    def is_shown(self) -> bool:
        return bool(self.page.live) and not self.is_preview

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        beacon = reverse("api-1:beacon", kwargs={"uuid": "-"})
        return {"url": beacon.removesuffix("-")}
