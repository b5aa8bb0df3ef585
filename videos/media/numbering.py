"""The numbers of cuts: given once, when the studio takes a file, and never again to another one.

A file that is refused has none, and so leaves no gap among the cuts. Whoever looks into a file
gives the number: the check after its upload, or the first job where nobody could look before.
"""

from functools import partial

from django.db import transaction
from django.db.models import Max

from videos.media.ending import Held
from videos.media.errors import LeaseLost
from videos.media.facts import Facts
from videos.media.models import Cut
from videos.planning.models import Video


def next_number(video: Video) -> int:
    """The number of a video's next cut; removed ones keep theirs. Call it with the video locked."""
    last: int | None = Cut.everything.filter(video=video).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def accept(held: Held, facts: Facts) -> None:
    """The file of a job is taken: its cut has a number from now on. Raises LeaseLost."""
    if held.cut.number is None:
        held.lease.patiently(partial(give, held, facts))


def give(held: Held, facts: Facts) -> None:
    """One try at `accept`."""
    with transaction.atomic():
        video = Video.objects.select_for_update().get(pk=held.cut.video_id)
        if not held.rows.update(reason=""):
            raise LeaseLost
        without = Cut.objects.filter(pk=held.cut.pk, number=None)
        without.update(number=next_number(video), facts=facts.as_values())
        held.cut.refresh_from_db(fields=["number", "facts"])
