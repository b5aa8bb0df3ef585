"""Who may do what with the cuts of a video."""

from collections.abc import Callable
from typing import cast

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from studio.people.models import User
from videos.media.models import Cut, RenditionSet, Upload
from videos.media.sets import is_for_anyone, is_shown
from videos.planning.models import Video

Someone = User | AnonymousUser
Door = Callable[[HttpRequest, RenditionSet], bool]


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


def refuse_uploader(user: Someone, video: Video) -> User:
    """The user, who may upload to the video at this moment. Raises PermissionDenied."""
    if not (may_see_cuts(user) and may_upload(user, video)):
        raise PermissionDenied
    return cast(User, user)


def upload_by(user: Someone, key: str) -> Upload:
    """The user's own upload; a superuser's is any.

    Raises Http404 for another's, PermissionDenied if rights were lost.
    """
    uploads = Upload.objects.select_related("video", "by", "cut", "twin__video")
    if not user.is_superuser:
        uploads = uploads.filter(by=user.pk)
    upload = get_object_or_404(uploads, key=key)
    refuse_uploader(user, upload.video)
    return upload


def may_end_any_upload(user: Someone) -> bool:
    """Whether the user answers for the studio's room: they end others' uploads, and may fill it."""
    return user.has_perm("media.end_any_upload")


def may_remove_cut(user: Someone, cut: Cut) -> bool:
    """Whether the user may remove a cut that came to nothing: any, or one they uploaded."""
    if not may_see_cuts(user):
        return False
    return user.has_perm("media.delete_cut") or cut.uploaded_by_id == user.pk


def may_change_captions(user: Someone) -> bool:
    """Whether the user may add captions to cuts, change them, and take them away."""
    return user.has_perms(["media.change_cut", "media.add_caption"])


def may_play(user: Someone, renditions: RenditionSet) -> bool:
    """Whether the user may have the files of a set: staff what a cut shows, everyone if open."""
    if is_for_anyone(renditions):
        return True
    return is_shown(renditions) and is_of_the_studio(user)


def is_of_the_studio(user: Someone) -> bool:
    """Whether the user sees videos before they are public."""
    return user.has_perm("planning.view_video")


_doors: list[Door] = []


def register_door(lets_in: Door) -> None:
    """Adds a way to a set that is not open; call it from a room's `apps.ready`."""
    if lets_in not in _doors:
        _doors.append(lets_in)


def is_let_in(request: HttpRequest, renditions: RenditionSet) -> bool:
    """Whether a room below lets the visitor have the files of a set that is not open."""
    return any(lets_in(request, renditions) for lets_in in _doors)
