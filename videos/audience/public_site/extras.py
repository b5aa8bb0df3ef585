"""The audience's parts of a public video page. They are the same for every visitor."""

from typing import Any

from django.urls import reverse

from videos.publishing.extras import PageExtra


class ConsentExtra(PageExtra):
    """The notice beside the player: the consent question, its answer, or the note to staff.

    The browser's script requests the state and shows the right one, because the page is cached
    and the same for everybody.
    """

    template_name = "audience/consent.html"

    def is_shown(self) -> bool:
        return not self.is_preview

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        return {"next": self.page.url}


class ProblemReportExtra(PageExtra):
    """The button that reports a playback problem."""

    template_name = "audience/problem.html"

    def is_shown(self) -> bool:
        return bool(self.page.live) and not self.is_preview and self.page.playable_set is not None

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        return {"next": self.page.url, "video": self.page.video.public_id}


class BeaconScript(PageExtra):
    """The script that reports views."""

    template_name = "audience/beacon.html"

    def is_shown(self) -> bool:
        return bool(self.page.live) and not self.is_preview

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        beacon = reverse("api-1:beacon", kwargs={"uuid": "-"})
        return {"url": beacon.removesuffix("-")}
