"""The chooser for one of many videos, with a search."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from studio.ui.choosers import MoreColumn, RowChooserViewSet
from videos.planning.models import Stage, Video

AMONG = "among"  # the query parameter with the name of a set of videos in CHOICES
ENDED = (Stage.CANCELLED, Stage.RETIRED)
CHOICES: dict[str, Callable[[], "QuerySet[Video]"]] = {
    "": Video.objects.all,
    "alive": lambda: Video.objects.exclude(stage__in=ENDED),
}


def register_choice(name: str, videos: Callable[[], "QuerySet[Video]"]) -> None:
    """Register a set of videos that a form can offer with `video_chooser(name)`."""
    CHOICES[name] = videos


class VideoChooserViewSet(RowChooserViewSet):
    """Videos, the newest first."""

    name = "planning_video_chooser"
    url_prefix = "choose/video"
    model = Video
    icon = "media"
    choose_one_text = _("Choose a video")
    choose_another_text = _("Choose another video")
    preserve_url_parameters = [AMONG]
    search_fields = ["title", "summary"]
    columns = [MoreColumn("stage", label=_("Stage"), accessor="get_stage_display")]

    @staticmethod
    def may_choose(user: Any) -> bool:
        return bool(user.has_perm("planning.view_video"))

    @staticmethod
    def rows(request: HttpRequest) -> "QuerySet[Video]":
        videos = CHOICES.get(request.GET.get(AMONG, ""), Video.objects.none)
        return videos().order_by("-pk")


viewset = VideoChooserViewSet()
VideoChooser = viewset.widget_class


def video_chooser(among: str = "") -> Any:
    """The widget to choose a video from a registered set; by default from all videos."""
    return VideoChooser(query=f"?{AMONG}={among}" if among else "")
