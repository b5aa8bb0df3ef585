"""The only module that posts entries: it locks, checks and appends.

Every function locks in the same order (video, periods, lines by key), so that there are no
deadlocks. Amounts are whole minor units of the line's currency.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from budgets import errors
from budgets.log_actions import POSTED_AGAIN, log_override
from budgets.models import Budget, Entry, Estimate, Line, Period
from budgets.models.budget import today
from budgets.supplier_keys import invoice_key, supplier_key
from studio.people.models import User
from videos.planning import stages
from videos.planning.models import Stage, Video

Kind = Entry.Kind
MAX_MINOR = 10**15  # minor units; sums of such amounts fit a BigIntegerField
STAGES_WITHOUT_COMMITMENT = (
    Stage.PUBLISHED,
    Stage.RETIRED,
    Stage.CANCELLED,
)  # nothing stays committed there
STAGES_WITHOUT_GREENLIGHT = (Stage.IDEA, *STAGES_WITHOUT_COMMITMENT)  # no greenlight there


@dataclass(frozen=True)
class Override:
    """Permission to take lines below zero: who gives it, and why."""

    by: User
    reason: str = ""

    def allow(self, line: Line, need: int, *, reserved: int = 0) -> str:
        """Returns the reason to store with a posting that takes `need` from the line.

        It is empty if the line has enough. `reserved` is the part of the posting that a commitment
        pays. Raises LineExceeded and OverrideNotAllowed.
        """
        if need <= 0 or need <= line.available:
            return ""
        if not self.reason.strip():
            raise errors.LineExceeded(line, need + reserved, reserved)
        if not self.by.has_perm("budgets.override_line"):
            raise errors.OverrideNotAllowed(line, reserved)
        return self.reason.strip()


# Locks


def lock_video(video_id: int) -> Video:
    """Returns the video, locked until the transaction ends."""
    return Video.objects.select_for_update().get(pk=video_id)


def lock_lines(line_ids: Iterable[int]) -> dict[int, Line]:
    """Locks lines and their periods, and returns the lines by key. Raises PeriodClosed."""
    wanted = sorted(set(line_ids))
    periods = Period.objects.select_for_update(of=("self",), no_key=True)
    for period in periods.filter(lines__in=wanted).order_by("pk"):
        if period.is_closed:
            raise errors.PeriodClosed(period)
    locked = Line.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=wanted)
    return {line.pk: line for line in locked.select_related("budget", "period").order_by("pk")}


# Checks


def committed_to(video_id: int) -> dict[int, int]:
    """Returns what is committed to a video, by line; lines with nothing left are omitted."""
    return committed_by_video([video_id]).get(video_id, {})


def committed_by_video(video_ids: Iterable[int]) -> dict[int, dict[int, int]]:
    """What is committed to each of some videos, by line, in one query; see `committed_to`."""
    sums = (
        Entry.objects.filter(video__in=video_ids)
        .exclude(kind=Kind.APPROVAL)
        .order_by()
        .values("video", "line", "kind")
        .annotate(minor=Sum("minor"), drawn=Sum("drawn"))
    )
    left: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for row in sums:
        part = -row["drawn"] if row["kind"] == Kind.EXPENSE else row["minor"]
        left[row["video"]][row["line"]] += part
    return {
        video: {line: minor for line, minor in sorted(lines.items()) if minor}
        for video, lines in left.items()
    }


def drawdown(minor: int, committed: int) -> int:
    """Returns the part of an expense that the video's commitment on the line pays."""
    return max(min(minor, committed), 0)


def check_amount(minor: int) -> None:
    """Raises AmountRefused unless `minor` is above zero and at most MAX_MINOR."""
    if minor < 0:
        text = _("Enter an amount above zero. To take money back, reverse the entry of it.")
        raise errors.AmountRefused(text, "amount")
    if minor == 0:
        raise errors.AmountRefused(_("Enter an amount above zero."), "amount")
    if minor > MAX_MINOR:
        raise errors.AmountRefused(_("That amount is larger than any line can hold."), "amount")


def similar_expense(
    line: Line, minor: int, *, posted_on: dt.date, supplier: str, invoice: str
) -> Entry | None:
    """Returns the latest expense, not reversed, that looks like this one.

    It has the same supplier and invoice or, if one of the two has no invoice, the same supplier,
    day and amount. In the line's period and for equal amounts, names are compared by their keys;
    elsewhere only ignoring case.
    """
    near = Q(minor=minor) | Q(line__period=line.period_id)
    near |= Q(supplier__iexact=supplier, invoice__iexact=invoice)
    expenses = Entry.objects.filter(near, kind=Kind.EXPENSE, reverses=None, reversed_by=None)
    sent_by, number = supplier_key(supplier), invoice_key(invoice)
    paid = (minor, posted_on, line.currency)
    for entry in expenses.select_related("line__budget", "by"):
        if supplier_key(entry.supplier) == sent_by:
            other = invoice_key(entry.invoice)
            is_paid_so = (entry.minor, entry.posted_on, entry.line.currency) == paid
            if number == other if number and other else is_paid_so:
                return entry
    return None


def check_pays_production(line: Line) -> None:
    """Raises NotSalesBudget."""
    if not line.budget.pays_production:
        lines = Line.objects.filter(
            period=line.period_id, budget__department=Budget.Department.SALES
        )
        names = lines.order_by("budget__name").values_list("budget__name", flat=True).distinct()
        raise errors.NotSalesBudget(line.budget, list(names))


# Postings


def append_entry(line: Line, kind: Kind, minor: int, *, by: User | None, **fields: Any) -> Entry:
    """Adds an entry to a locked line and updates the line's figures."""
    entry = Entry(line=line, kind=kind, minor=minor, by=by, **fields)
    entry.posted_on = entry.posted_on or today()
    taken_over = ["supplier", "invoice"] if entry.reverses else []  # as they were posted
    entry.full_clean(
        exclude=["line", "video", "estimate", "by", "reverses", *taken_over],
        validate_unique=False,
        validate_constraints=False,  # the database checks them anyway
    )
    entry.save(force_insert=True)
    if kind == Kind.APPROVAL:
        line.approved += minor
        line.available += minor
    else:
        line.available -= minor - entry.drawn
    line.save(update_fields=["approved", "available"])
    if entry.override_reason:
        log_override(entry)
    return entry


def set_approved(
    line_id: int,
    minor: int,
    *,
    by: User,
    reason: str,
    override: str = "",
    posted_on: dt.date | None = None,
) -> Entry:
    """Sets the approved amount of a line to `minor`, as an entry with user, time and reason.

    `posted_on` (default: today) is the day it counts from. Raises PeriodClosed, ApprovedTooLow
    (less than is committed and spent), OverrideNotAllowed, ReasonMissing, AmountRefused.
    """
    if not reason.strip():
        raise errors.ReasonMissing
    if minor < 0 or minor > MAX_MINOR:
        raise errors.AmountRefused(_("Enter zero, or an amount above it."), "amount")
    with transaction.atomic():
        line = lock_lines([line_id])[line_id]
        more = minor - line.approved
        if not more:
            raise errors.AmountRefused(_("The line has this amount already."), "amount")
        if -more > line.available and not override.strip():
            raise errors.ApprovedTooLow(line, minor)
        recorded = Override(by, override).allow(line, -more)
        return append_entry(
            line,
            Kind.APPROVAL,
            more,
            by=by,
            note=reason.strip(),
            override_reason=recorded,
            posted_on=posted_on,
        )


def greenlight(
    estimate_id: int, *, by: User, override: str = "", at: dt.datetime | None = None
) -> Estimate:
    """Reserves every item of an estimate on its line, and greenlights its planned video.

    A video that is under way already keeps its stage: it gets more money. `at` (default: now) is
    when it was decided. Raises OwnRequest, WrittenByGreenlighter, EstimateNotWaiting, NotTheTime,
    NotSalesBudget, PeriodClosed, LineExceeded, OverrideNotAllowed, TransitionRefused.
    """
    with transaction.atomic():
        video = lock_video(Estimate.objects.values_list("video", flat=True).get(pk=estimate_id))
        estimate = Estimate.objects.select_related("video").get(pk=estimate_id)
        check_greenlight(estimate, by)
        items = list(estimate.items.all())
        lines = lock_lines(item.line_id for item in items)
        allowed = Override(by, override)
        at = at or timezone.now()
        estimate.state = Estimate.State.GREENLIT
        estimate.decided_by, estimate.decided_at = by, at
        estimate.save(update_fields=["state", "decided_by", "decided_at"])
        for item in items:
            line = lines[item.line_id]
            check_pays_production(line)
            append_entry(
                line,
                Kind.COMMITMENT,
                item.minor,
                by=by,
                video=video,
                estimate=estimate,
                note=item.note,
                override_reason=allowed.allow(line, item.minor),
                posted_on=timezone.localdate(at),
            )
        if video.stage == Stage.PLANNED:
            stages.change_stage(
                video.pk, Stage.GREENLIT, room="budgets", by=by, guard=has_commitment, at=at
            )
    return estimate


def check_greenlight(estimate: Estimate, by: User) -> None:
    """Raises OwnRequest, WrittenByGreenlighter, EstimateNotWaiting or NotTheTime."""
    if estimate.state != Estimate.State.REQUESTED:
        raise errors.EstimateNotWaiting(estimate)
    if estimate.requested_by_id == by.pk:
        raise errors.OwnRequest
    if not Estimate.objects.to_be_greenlit_by(by).filter(pk=estimate.pk).exists():
        raise errors.WrittenByGreenlighter(estimate.video)
    if estimate.video.stage in STAGES_WITHOUT_GREENLIGHT:
        raise errors.NotTheTime(estimate.video)


def has_commitment(video: Video) -> str | None:
    """The guard of a greenlight: returns why not, or None if money is reserved."""
    return None if committed_to(video.pk) else _("No money is reserved for it.")


def post_expense(
    line_id: int,
    video_id: int,
    minor: int,
    *,
    by: User,
    posted_on: dt.date | None = None,
    supplier: str = "",
    invoice: str = "",
    note: str = "",
    override: str = "",
    asks: bool = False,
    again: int | None = None,
) -> Entry:
    """Posts an expense of a video: from its commitment on the line first, then from the line.

    `posted_on` (default: today) is a day of the line's period and not to come. If it `asks`, it
    raises PostedAlready where an expense looks like this one; with the key of that one as `again`,
    it posts, and logs which it was. Raises AmountRefused, NotGreenlit, NotSalesBudget,
    OutsidePeriod, PeriodClosed, LineExceeded, OverrideNotAllowed.
    """
    check_amount(minor)
    with transaction.atomic():
        video = lock_video(video_id)
        line = lock_lines([line_id])[line_id]
        check_pays_production(line)
        if not video.estimates.filter(state=Estimate.State.GREENLIT).exists():
            raise errors.NotGreenlit(video)
        day = posted_on or today()
        if not line.period.starts_on <= day <= line.period.ends_on or day > today():
            raise errors.OutsidePeriod(line.period, day, today())
        told: dict[str, Any] = {"posted_on": day, "supplier": supplier, "invoice": invoice}
        alike = similar_expense(line, minor, **told) if asks else None
        if alike and alike.pk != again:
            raise errors.PostedAlready(alike, invoice)
        drawn = drawdown(minor, committed_to(video_id).get(line_id, 0))
        recorded = Override(by, override).allow(line, minor - drawn, reserved=drawn)
        entry = append_entry(
            line,
            Kind.EXPENSE,
            minor,
            by=by,
            video=video,
            drawn=drawn,
            note=note,
            override_reason=recorded,
            **told,
        )
        if alike:
            log(entry, POSTED_AGAIN, user=by, data={"alike": alike.pk})
    return entry


def reverse(entry_id: int, *, by: User, reason: str) -> Entry:
    """Reverses an expense or a commitment by an entry of the opposite sign.

    What an expense drew goes back to the video's commitment, or to the line where the video is
    published or cancelled. Raises ReasonMissing, NotReversible, PeriodClosed.
    """
    if not reason.strip():
        raise errors.ReasonMissing
    with transaction.atomic():
        entry = Entry.objects.get(pk=entry_id)
        if entry.video_id is None:
            raise errors.NotReversible(
                _("To correct an approved amount, change the line."), "approval"
            )
        video = lock_video(entry.video_id)
        line = lock_lines([entry.line_id])[entry.line_id]
        if why_not := not_reversible(entry):
            raise errors.NotReversible(why_not, "not_reversible")
        back = 0 if video.stage in STAGES_WITHOUT_COMMITMENT else -entry.drawn
        return append_entry(
            line,
            Kind(entry.kind),
            -entry.minor,
            by=by,
            video=video,
            estimate=entry.estimate,
            drawn=back,
            note=reason.strip(),
            supplier=entry.supplier,
            invoice=entry.invoice,
            reverses=entry,
        )


def not_reversible(entry: Entry) -> str | None:
    """Returns why an entry cannot be reversed, or None. To be relied on under the locks only."""
    if entry.reverses_id:
        return _(
            "This entry is a reversal, which is not reversed again. Post the right amount as a "
            "new entry."
        )
    if Entry.objects.filter(reverses=entry.pk).exists():
        return _("This entry has been reversed already.")
    if entry.kind not in (Kind.EXPENSE, Kind.COMMITMENT):
        return _("Only expenses and commitments are reversed.")
    if entry.kind == Kind.COMMITMENT:
        left = committed_to(entry.video_id or 0).get(entry.line_id, 0)
        if left < entry.minor:
            return _("Part of this commitment is spent or released: %(left)s is left of it.") % {
                "left": entry.line.shown(max(left, 0))
            }
    return None


def release(
    video: Video,
    *,
    by: User | None,
    note: str,
    lines: Iterable[int] = (),
    posted_on: dt.date | None = None,
) -> list[Entry]:
    """Releases what is left of a video's commitments, on all lines or on `lines`.

    `posted_on` defaults to today. The caller holds the video's lock. Raises PeriodClosed.
    """
    wanted = set(lines)
    left = {
        line: minor
        for line, minor in committed_to(video.pk).items()
        if not wanted or line in wanted
    }
    if not left:
        return []
    locked = lock_lines(left)
    return [
        append_entry(
            locked[line],
            Kind.RELEASE,
            -minor,
            by=by,
            video=video,
            note=note,
            posted_on=posted_on,
        )
        for line, minor in left.items()
    ]
