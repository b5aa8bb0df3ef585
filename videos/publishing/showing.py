"""What visitors may play: the current set of a published cut, and nothing else of the studio."""

from django.utils.translation import gettext as _

from videos.media import sets
from videos.media.models import Cut
from videos.media.removal import register_removal_guard
from videos.media.sound_guards import register_sound_guard
from videos.planning.models import Video
from videos.publishing.models import VideoPage


def show(cut: Cut, *, to_anyone: bool) -> None:
    """Let viewers play the current set of a cut, and note its length on the video.

    Where the page is restricted, nobody may without having passed; see `privacy.py`.
    """
    if to_anyone:
        sets.publish_set(cut)
    else:
        for each in Cut.objects.filter(video=cut.video_id):
            sets.withdraw_set(each)
    if shown := cut.current_set:
        Video.objects.filter(pk=cut.video_id).update(duration_seconds=shown.seconds)


@register_removal_guard
def what_was_published_stays(cut: Cut) -> str:
    """A page that keeps a cut keeps its files, whether it is live or was."""
    if not VideoPage.objects.filter(cut=cut.pk).exists():
        return ""
    return _("A public page has this cut: it stays.")


@register_sound_guard
def what_viewers_hear_stays(cut: Cut) -> str:
    """What a live page shows sounds as it did, whatever was said of the cut since."""
    if not VideoPage.objects.live().filter(cut=cut.pk).exists():
        return ""
    return _(
        "Viewers have this cut on its public page, and it sounds as it did when it was published."
        " Upload a new cut to change that."
    )
