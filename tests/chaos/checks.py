"""What must hold when all faults are over."""

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterator

from django.db.models import Count, Q

from tests.chaos.settings import LONG
from videos.media.jobs import orphans
from videos.media.models import Cut, Job, RenditionSet, footage
from videos.media.storage import workdir

ENDED = {Cut.State.READY, Cut.State.FAILED, Cut.State.REFUSED}


def settled() -> bool:
    """Whether nothing is under way any more."""
    is_open = Job.objects.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING])
    return not is_open.exists() and not Job.objects.filter(notified_at=None).exists()


def violations(taken: dict[str, str]) -> Iterator[str]:
    """A sentence for everything that should not be so."""
    for cut in Cut.objects.exclude(state__in=ENDED):
        yield f"cut {cut.pk} is neither ready nor failed: {cut.state}"
    for cut in Cut.objects.exclude(state=Cut.State.READY).filter(reason=""):
        yield f"cut {cut.pk} does not say why it is {cut.state}"
    yield from twice()
    yield from lost(taken)
    for found in workdir.abandoned():
        yield f"a work folder is left: {found}"
    for lack in orphans.find_missing():
        yield f"{lack.row} lacks {lack.name}"


def twice() -> Iterator[str]:
    """Cuts of which there is more, or less, than one ready job and one set when they are ready."""
    full = Q(sets__kind=RenditionSet.Kind.FULL, sets__replaced_at=None)
    for cut in Cut.objects.annotate(
        done=Count("jobs", filter=Q(jobs__state=Job.State.READY, jobs__kind="full"), distinct=True),
        shown=Count("sets", filter=full, distinct=True),
    ):
        wanted = 1 if cut.state == Cut.State.READY else 0
        if (cut.done, cut.shown) != (wanted, wanted):
            yield f"cut {cut.pk} ({cut.state}) has {cut.done} ready jobs and {cut.shown} sets"


def lost(taken: dict[str, str]) -> Iterator[str]:
    """Uploads that the studio said yes to, and of which something is missing."""
    for name, checksum in taken.items():
        cuts = list(Cut.objects.filter(source_name=name, sha256=checksum))
        if len(cuts) != 1:
            yield f"{name} was taken, and there are {len(cuts)} cuts of it"
        elif checksum_of(str(cuts[0].source.name)) != checksum:
            yield f"the source of {name} is not what was uploaded"


def checksum_of(name: str) -> str:
    with footage().open(name) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def unowned() -> list[orphans.Orphan]:
    """What no row owns in the storage, however young."""
    return orphans.find_orphans(dt.timedelta(seconds=-1))


def summary() -> dict[str, object]:
    """The counts that are printed."""
    lengths = RenditionSet.objects.filter(kind="full").values_list("seconds", flat=True)
    return {
        "cuts": dict(Counter(Cut.objects.order_by().values_list("state", flat=True))),
        "failures": dict(
            Counter(Job.objects.filter(state="failed").values_list("failure", flat=True))
        ),
        "attempts": dict(
            Counter(Job.objects.filter(state="ready").values_list("attempts", flat=True))
        ),
        "sets": RenditionSet.objects.count(),
        "made in pieces": sum(seconds >= LONG for seconds in lengths),
    }
