"""Permissions on cuts, uploads and rendition sets."""

from collections.abc import Callable
from datetime import timedelta
from typing import cast

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.timezone import now

from studio.people.models import User
from videos.media.models import Cut, RenditionSet, Upload
from videos.planning.models import Video

AnyUser = User | AnonymousUser
AccessRule = Callable[[HttpRequest, RenditionSet], bool]


def may_see_cuts(user: AnyUser) -> bool:
    """Whether the user may see cuts and their progress."""
    return user.has_perm("media.view_cut")


def may_upload(user: AnyUser, video: Video) -> bool:
    """Whether the user may upload cuts to this video and download their sources.

    Experts may if they are on camera in it.
    """
    if user.has_perm("media.change_cut"):
        return True
    return user.has_perm("media.add_cut") and video.is_on_camera(user)


def require_uploader(user: AnyUser, video: Video) -> User:
    """The user, if they may upload to the video. Raises PermissionDenied."""
    if not (may_see_cuts(user) and may_upload(user, video)):
        raise PermissionDenied
    return cast(User, user)


def get_own_upload(user: AnyUser, key: str) -> Upload:
    """An upload of the user; superusers may access all.

    Raises Http404 for an upload of somebody else, PermissionDenied if rights were lost.
    """
    uploads = Upload.objects.select_related("video", "by", "cut", "duplicate_of__video")
    if not user.is_superuser:
        uploads = uploads.filter(by=user.pk)
    upload = get_object_or_404(uploads, key=key)
    require_uploader(user, upload.video)
    return upload


def may_end_any_upload(user: AnyUser) -> bool:
    """Whether the user may cancel others' uploads, and reserve all of the free space."""
    return user.has_perm("media.end_any_upload")


def may_remove_cut(user: AnyUser, cut: Cut) -> bool:
    """Whether the user may remove a failed cut: any, or only their own."""
    if not may_see_cuts(user):
        return False
    return user.has_perm("media.delete_cut") or cut.uploaded_by_id == user.pk


def may_change_captions(user: AnyUser) -> bool:
    """Whether the user may add, change and remove captions."""
    return user.has_perms(["media.change_cut", "media.add_caption"])


def may_play(user: AnyUser, renditions: RenditionSet) -> bool:
    """Whether the user may play a set: anyone if it is public, staff if a cut shows it."""
    if is_for_anyone(renditions):
        return True
    return is_shown(renditions) and is_of_the_studio(user)


def is_of_the_studio(user: AnyUser) -> bool:
    """Whether the user may see videos before they are public."""
    return user.has_perm("planning.view_video")


_doors: list[AccessRule] = []


def register_access_rule(lets_in: AccessRule) -> None:
    """Add a rule that gives access to private sets; call it from `AppConfig.ready`."""
    if lets_in not in _doors:
        _doors.append(lets_in)


def is_allowed_by_rule(request: HttpRequest, renditions: RenditionSet) -> bool:
    """Whether a rule of another app gives the visitor access to a private set."""
    return any(lets_in(request, renditions) for lets_in in _doors)


def kept() -> timedelta:
    """The grace period of replaced sets."""
    return timedelta(hours=settings.SET_KEEP_HOURS)


def is_for_anyone(renditions: RenditionSet) -> bool:
    """Whether anyone may play a set: it is public, or in its grace period."""
    until = renditions.public_until
    return renditions.is_public or (until is not None and until > now())


def is_shown(renditions: RenditionSet) -> bool:
    """Whether the cut shows this set, or did until its grace period."""
    cut, replaced = renditions.cut, renditions.replaced_at
    if renditions.pk in (cut.current_set_id, cut.second_set_id):
        return True
    return replaced is not None and replaced > now() - kept()
