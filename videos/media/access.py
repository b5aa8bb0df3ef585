"""Who may do what with the cuts of a video."""

import datetime as dt

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from studio.people.models import User
from videos.media.models import RenditionSet
from videos.planning.models import Video

Someone = User | AnonymousUser


def may_see_cuts(user: Someone) -> bool:
    """Whether the user sees cuts, how far they are and why they failed."""
    return user.has_perm("media.view_cut")


def may_upload(user: Someone, video: Video) -> bool:
    """Whether the user may add a cut to this video: any, or one they are on camera in.

    They also may have its sources back, as they were uploaded.
    """
    if user.has_perm("media.change_cut"):
        return True
    return user.has_perm("media.add_cut") and video.is_on_camera(user)


def may_change_captions(user: Someone) -> bool:
    """Whether the user may add captions to cuts, change them, and take them away."""
    return user.has_perms(["media.change_cut", "media.add_caption"])


def may_play(user: Someone, renditions: RenditionSet) -> bool:
    """Whether the user may have the files of a set: staff what a cut shows, everyone if open."""
    if is_open(renditions):
        return True
    return is_shown(renditions) and user.has_perm("planning.view_video")


def is_open(renditions: RenditionSet) -> bool:
    """Whether anyone may play a set: a public one, and what belongs to a public one.

    That is its second set, and what it took the place of while somebody may still be playing that.
    """
    if renditions.is_public:
        return True
    current = renditions.cut.current_set
    return bool(current and current.is_public) and is_shown(renditions)


def is_shown(renditions: RenditionSet) -> bool:
    """Whether a cut shows a set: its current one, its second one, and one just replaced."""
    cut = renditions.cut
    if renditions.pk in {cut.current_set_id, cut.second_set_id}:
        return True
    if renditions.replaced_at is None:
        return False
    return timezone.now() - renditions.replaced_at < dt.timedelta(hours=settings.SET_KEEP_HOURS)
