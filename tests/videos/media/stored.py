"""A real set where the studio keeps them, of what `manage.py transcode` made."""

import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.factories import CutFactory
from videos.media.models import Cut, Rendition, RenditionSet, footage
from videos.media.storage.files import local, send


def stored(folder: Path, told: dict[str, Any], **fields: Any) -> Cut:
    """A ready cut with the set in `folder`, of which `told` is the command's JSON."""
    cut = CutFactory(**fields)
    best = told["renditions"][0]
    renditions = RenditionSet.objects.create(
        cut=cut,
        master=told["master"],
        poster=told["poster"],
        storyboard=told["storyboard"],
        width=best["width"],
        height=best["height"],
        seconds=Decimal(str(told["source"]["seconds"])),
    )
    for rendition in told["renditions"]:
        names = ("width", "height", "bitrate", "codecs", "path")
        Rendition.objects.create(set=renditions, **{name: rendition[name] for name in names})
    storage = footage()
    if here := local(storage, renditions.folder):
        shutil.copytree(folder, here)
    else:
        send(folder, storage, renditions.folder)
    cut.current_set, cut.state = renditions, Cut.State.READY
    cut.save()
    return cut
