"""The small files of the public site: its colours, its posters, what robots may read."""

from mimetypes import guess_type
from uuid import UUID

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from videos.media.models import RenditionSet
from videos.publishing.colours import Palette, palette
from videos.publishing.models import Appearance
from videos.publishing.posters import WIDTHS, chosen_key, poster_file

PICTURES = ("images/", "original_images/")
DAY = 24 * 3600  # seconds
YEAR = 365 * 24 * 3600  # seconds


@require_safe
def site_css(request: HttpRequest) -> HttpResponse:
    """The site's colours as a style sheet: the policy allows no inline one."""
    colours = palette(Appearance.for_request(request).accent)
    response = HttpResponse(css(colours), content_type="text/css; charset=utf-8")
    patch_cache_control(response, public=True, max_age=YEAR if "v" in request.GET else 0)
    return response


def css(colours: Palette) -> str:
    """The custom properties that site.css and player.css use."""
    day = f":root{{--accent:{colours.accent};--accent-text:{colours.on_accent}}}"
    night = f":root{{--accent:{colours.accent_dark};--accent-text:{colours.on_accent_dark}}}"
    return f"{day}\n@media (prefers-color-scheme:dark){{{night}}}\n"


@require_safe
def poster(request: HttpRequest, key: UUID, width: int, chosen: UUID | None = None) -> FileResponse:
    """A small poster of a set that anyone may play: the one that its cut has now."""
    sets = RenditionSet.objects.select_related("cut")
    renditions = get_object_or_404(sets, key=key, is_public=True)
    if width not in WIDTHS or chosen_key(renditions) != str(chosen or ""):
        raise Http404
    try:
        name = poster_file(renditions, width)
    except OSError as missing:
        raise Http404 from missing
    response = FileResponse(default_storage.open(name), content_type="image/webp")
    patch_cache_control(response, public=True, max_age=YEAR, immutable=True)
    return response


@require_safe
def picture(request: HttpRequest, path: str) -> FileResponse:
    """A picture of Wagtail's library, say the logo. Documents have Wagtail's own view."""
    kind, _encoding = guess_type(path)
    is_picture = path.startswith(PICTURES) and (kind or "").startswith("image/")
    if not is_picture or not path.isprintable():  # a bucket is not to be asked for every name
        raise Http404
    try:
        response = FileResponse(default_storage.open(path), content_type=kind)
    except (OSError, ValueError) as missing:
        raise Http404 from missing
    patch_cache_control(response, public=True, max_age=DAY)
    return response


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What search engines may read: the public pages, and no share links."""
    lines = [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /api/",
        "Disallow: /s/",
        f"Sitemap: {settings.BASE_URL}{reverse('sitemap')}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain")
