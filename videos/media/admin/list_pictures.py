"""Small posters in the admin's lists, and the view that serves them."""

from collections.abc import Collection, Iterable
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from videos.media.access import is_of_the_studio
from videos.media.cuts.small_posters import chosen_key, small_poster
from videos.media.models import Cut, RenditionSet

WIDTH = 320  # pixels
OWN = "own"
DAY = 24 * 3600  # seconds


def picture_url(cut: Cut) -> str:
    """The small poster of a cut that can be watched, as the studio has it; "" without one.

    Another poster has another address, so that browsers may keep each.
    """
    if cut.current_set is None:
        return ""
    version = chosen_key(cut.poster.name or "") or OWN
    return reverse("media_picture", args=[cut.current_set.key, version])


def pictures_of(videos: Collection[int]) -> dict[int, str]:
    """The poster of the newest cut of each video that can be watched, also in a small version."""
    cuts = Cut.objects.numbered().filter(video__in=videos, current_set__isnull=False)
    newest = {cut.video_id: cut for cut in cuts.select_related("current_set").order_by("number")}
    return {video: picture_url(cut) for video, cut in newest.items()}


def with_pictures(cuts: Iterable[Cut]) -> list[Cut]:
    """Cuts, asked for with their sets, each with its small poster as its `picture`."""
    rows = list(cuts)
    for cut in rows:
        cut.picture = picture_url(cut)
    return rows


@require_safe
def picture(request: HttpRequest, key: UUID, version: str) -> HttpResponseBase:
    """A small poster of a set, for the studio alone."""
    if not is_of_the_studio(request.user):
        raise PermissionDenied
    renditions = get_object_or_404(RenditionSet.objects.select_related("cut"), key=key)
    chosen = "" if version == OWN else renditions.cut.poster.name or ""
    if version != OWN and chosen_key(chosen) != version:
        raise Http404
    try:
        name = small_poster(renditions, chosen, WIDTH)
    except OSError as missing:
        raise Http404 from missing
    response = FileResponse(default_storage.open(name), content_type="image/webp")
    patch_cache_control(response, private=True, max_age=DAY)
    return response
