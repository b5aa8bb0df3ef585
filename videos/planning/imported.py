"""Videos that were made elsewhere: published, without stage transitions or cuts."""

import datetime as dt
from decimal import Decimal

from videos.planning.models import Stage, Video


def imported_video(
    public_id: str,
    title: str,
    duration_seconds: Decimal | None,
    published_at: dt.datetime | None,
) -> Video:
    """An imported video, not saved."""
    return Video(
        public_id=public_id,
        title=title,
        duration_seconds=duration_seconds,
        published_at=published_at,
        imported=True,
        stage=Stage.PUBLISHED,
    )
