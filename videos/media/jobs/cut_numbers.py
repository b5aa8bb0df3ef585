"""The numbers of cuts: assigned when a file is accepted, and never used again.

Refused files get no number, so they leave no gap. The number is assigned by the verification after
the upload, or by the first job if the file could not be probed before.
"""

from functools import partial

from django.db import transaction
from django.db.models import Max

from videos.media.errors import LeaseLost
from videos.media.jobs.outcome import ClaimedJob
from videos.media.models import Cut
from videos.media.transcoding.source_info import SourceInfo
from videos.planning.models import Video


def next_number(video: Video) -> int:
    """The next free number; removed cuts keep theirs. Call it with the video locked."""
    last: int | None = Cut.everything.filter(video=video).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def accept(claimed: ClaimedJob, facts: SourceInfo) -> None:
    """Accept the file of a job: give its cut a number if it has none. Raises LeaseLost."""
    if claimed.cut.number is None:
        claimed.lease.retry_while_database_is_away(partial(give, claimed, facts))


def give(claimed: ClaimedJob, facts: SourceInfo) -> None:
    """Save number and source information of the cut. Raises LeaseLost."""
    with transaction.atomic():
        video = Video.objects.select_for_update().get(pk=claimed.cut.video_id)
        if not claimed.rows.update(reason=""):
            raise LeaseLost
        without = Cut.objects.filter(pk=claimed.cut.pk, number=None)
        without.update(number=next_number(video), source_info=facts.as_values())
        claimed.cut.refresh_from_db(fields=["number", "source_info"])
