"""Small posters of videos for lists, provided by the media app."""

from collections.abc import Callable, Collection, Iterable, Mapping

from videos.planning.models import Video

Pictures = Callable[[Collection[int]], Mapping[int, str]]

_sources: list[Pictures] = []


def register_pictures(source: Pictures) -> None:
    """Register a source of posters. Call it from `apps.ready`.

    `source(keys)` returns poster URLs (320 pixels wide) by video key, for users who may see videos.
    """
    if source not in _sources:
        _sources.append(source)


def pictures_of(videos: Iterable[Video]) -> dict[int, str]:
    """The poster URLs of videos, by video key, where there is one."""
    keys = [video.pk for video in videos]
    found: dict[int, str] = {}
    if keys:
        for source in _sources:
            found.update(source(keys))
    return found
