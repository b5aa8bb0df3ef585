"""Media's parts of a video's page: the film at its head, and the cuts."""

from typing import Any

from django.forms import Script
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from videos.media.access import is_of_the_studio, may_see_cuts, may_upload
from videos.media.admin.forms import SourceForm
from videos.media.admin.presenters import cuts_of, removed_beside
from videos.media.admin.uploader import uploader
from videos.media.models import Cut, Upload
from videos.media.uploads.intake import TAKES_CUTS
from videos.planning.admin.panels import VideoPanel
from videos.planning.models import Stage


class CutsPanel(VideoPanel):
    """A video's cuts: a new one, and what became of the others."""

    order = 200
    heading = _("Cuts")
    icon = "upload"
    anchor = "cuts"
    template_name = "media/panels/cuts.html"

    class Media:
        js = [
            Script("media/cuts.js", type="module"),
            Script("uploader/uploader.js", type="module"),
        ]

    def is_shown(self) -> bool:
        return not self.video.imported and may_see_cuts(self.request.user)

    @property
    def is_asking(self) -> bool:
        """An upload of theirs stands here unfinished, or with a question."""
        states = [Upload.State.RECEIVING, Upload.State.DUPLICATE]
        mine = Upload.objects.filter(video=self.video, by=self.request.user.pk, state__in=states)
        return mine.exists()

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        takes_cuts = self.video.stage in TAKES_CUTS
        may = may_upload(self.request.user, self.video)
        rows = cuts_of(self.video, self.request.user)
        return super().get_context_data(parent_context) | {
            "rows": rows,
            "removed": removed_beside(rows, self.video),
            "form": SourceForm() if takes_cuts and may else None,
            "uploader": uploader(self.video),
            "is_first": self.video.stage in (Stage.SHOT, Stage.EDITING),
            "takes_cuts": takes_cuts,
            "may_upload": may,
        }


class ScreenPanel(VideoPanel):
    """The newest cut that can be watched, at the head of the page of its video."""

    order = 0
    heading = _("Film")
    icon = "media"
    anchor = "film"
    is_screen = True
    template_name = "media/panels/screen.html"

    @cached_property
    def cut(self) -> Cut | None:
        watchable = Cut.objects.numbered().filter(video=self.video, current_set__isnull=False)
        cut = watchable.select_related("current_set").order_by("-number").first()
        if cut and cut.current_set:
            cut.video = self.video
            cut.current_set.cut = cut
        return cut

    def is_shown(self) -> bool:
        return not self.video.imported and is_of_the_studio(self.request.user) and bool(self.cut)

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        cut = self.cut
        assert cut
        return super().get_context_data(parent_context) | {
            "cut": cut,
            "set": cut.current_set,
            "captions": cut.captions.with_words(),
        }
