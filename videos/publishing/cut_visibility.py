"""Makes the current renditions of a published cut playable, and withdraws others."""

from django.utils.translation import gettext as _

from videos.media.models import Cut
from videos.media.renditions import sets
from videos.media.renditions.sound_guards import register_sound_guard
from videos.media.uploads.removal import register_removal_guard
from videos.planning.models import Video
from videos.publishing.models import VideoPage


def set_visibility(cut: Cut, *, to_anyone: bool) -> None:
    """Let viewers play the current set of a cut, and save its duration on the video.

    On a restricted page, only visitors who pass the page's privacy may; see `privacy.py`.
    """
    if to_anyone:
        sets.publish_set(cut)
    else:
        for each in Cut.objects.filter(video=cut.video_id):
            sets.withdraw_set(each)
    if shown := cut.current_set:
        Video.objects.filter(pk=cut.video_id).update(duration_seconds=shown.seconds)


@register_removal_guard
def keep_published_cut(cut: Cut) -> str:
    """A cut that a page uses or used cannot be removed."""
    if not VideoPage.objects.filter(cut=cut.pk).exists():
        return ""
    return _("This cut is used on a public page, so it cannot be removed.")


@register_sound_guard
def keep_published_audio(cut: Cut) -> str:
    """The audio of a published cut cannot be changed."""
    if not VideoPage.objects.live().filter(cut=cut.pk).exists():
        return ""
    return _("This cut is published, so its audio cannot be changed. Upload a new cut instead.")
