"""Small files of the public site: colours, posters, images, robots.txt."""

from pathlib import PurePosixPath
from uuid import UUID

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.http import require_safe
from wagtail.images import get_image_model

from videos.media.models import RenditionSet
from videos.publishing.models import Appearance
from videos.publishing.presentation.caching import CACHE_SECONDS
from videos.publishing.presentation.colours import Palette, palette
from videos.publishing.presentation.posters import WIDTHS, poster_file, published_key

KINDS = {  # of pictures; none of them runs scripts, as SVG would
    ".avif": "image/avif",
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
}
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
def poster(
    request: HttpRequest, key: UUID, width: int, chosen: UUID | None = None
) -> HttpResponseBase:
    """A small poster of a set that anyone may play: the one that its cut has now."""
    sets = RenditionSet.objects.select_related("cut")
    renditions = get_object_or_404(sets, key=key, is_public=True)
    if width not in WIDTHS or published_key(renditions) != str(chosen or ""):
        raise Http404
    try:
        name = poster_file(renditions, width)
    except OSError as missing:
        raise Http404 from missing
    tag = f'"{name}"'  # a name never gets other bytes
    response: HttpResponseBase | None = get_conditional_response(request, etag=tag)
    if response is None:
        response = FileResponse(default_storage.open(name), content_type="image/webp")
    response["ETag"] = tag
    patch_cache_control(response, public=True, max_age=CACHE_SECONDS)
    return response


@require_safe
def picture(request: HttpRequest, path: str) -> FileResponse:
    """A picture of Wagtail's library, say the logo. Documents have Wagtail's own view.

    Only what a row of the library names, letter by letter, is asked of the storage: it would
    resolve `..` to files that are not for everybody.
    """
    kind = KINDS.get(PurePosixPath(path).suffix.lower())
    if kind is None or not is_in_the_library(path):
        raise Http404
    try:
        response = FileResponse(default_storage.open(path), content_type=kind)
    except (OSError, ValueError) as missing:
        raise Http404 from missing
    patch_cache_control(response, public=True, max_age=DAY)
    return response


def is_in_the_library(name: str) -> bool:
    """Whether a picture of Wagtail's library, or a size made of one, has this very name."""
    if not name.isprintable():
        return False  # NUL, which a database refuses
    images = get_image_model()
    return any(
        model._default_manager.filter(file=name).exists()
        for model in (images.get_rendition_model(), images)
    )


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
