"""Posts entries; no other module does. Each function locks, checks and appends.

Locks are always taken in the same order (video, periods, lines, each by primary key), which
prevents deadlocks. Amounts are whole minor units of the line's currency.
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
# In minor units; a BigIntegerField holds sums of many such amounts.
MAX_MINOR = 10**15
# In these stages, commitments are released and no estimate is greenlit.
STAGES_WITHOUT_COMMITMENT = (Stage.PUBLISHED, Stage.RETIRED, Stage.CANCELLED)
STAGES_WITHOUT_GREENLIGHT = (Stage.IDEA, *STAGES_WITHOUT_COMMITMENT)


@dataclass(frozen=True)
class Override:
    """A user and their reason to take lines below zero; without a reason, lines must not."""

    by: User
    reason: str = ""

    def allow(self, line: Line, need: int, *, reserved: int = 0) -> str:
        """Return the reason to store with a posting that takes `need` from the available amount.

        It is empty if that is enough. `reserved` is the part of the posting that a commitment pays.
        Raises LineExceeded and OverrideNotAllowed.
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
    """Return the video, locked until the end of the transaction."""
    return Video.objects.select_for_update().get(pk=video_id)


def lock_lines(line_ids: Iterable[int]) -> dict[int, Line]:
    """Lock lines and their periods, and return the lines by primary key. Raises PeriodClosed."""
    wanted = sorted(set(line_ids))
    periods = Period.objects.select_for_update(of=("self",), no_key=True)
    for period in periods.filter(lines__in=wanted).order_by("pk"):
        if period.is_closed:
            raise errors.PeriodClosed(period)
    locked = Line.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=wanted)
    return {line.pk: line for line in locked.select_related("budget", "period").order_by("pk")}


# Checks


def committed_to(video_id: int) -> dict[int, int]:
    """Return what is still committed to a video, by primary key of the line, without zeros."""
    return committed_by_video([video_id]).get(video_id, {})


def committed_by_video(video_ids: Iterable[int]) -> dict[int, dict[int, int]]:
    """Return `committed_to` by primary key of the video, with one query."""
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
    """Return the part of an expense that the video's commitment on the line pays."""
    return max(min(minor, committed), 0)


def check_amount(minor: int) -> None:
    """Raise AmountRefused unless `minor` is above zero and at most MAX_MINOR."""
    if minor < 0:
        text = _("Enter an amount above zero. To undo an expense, reverse its entry.")
        raise errors.AmountRefused(text, "amount")
    if minor == 0:
        raise errors.AmountRefused(_("Enter an amount above zero."), "amount")
    if minor > MAX_MINOR:
        raise errors.AmountRefused(_("The amount is too large."), "amount")


def similar_expense(
    line: Line, minor: int, *, posted_on: dt.date, supplier: str, invoice: str
) -> Entry | None:
    """Return the latest expense, not reversed, that looks like a duplicate.

    It has the same supplier and invoice or, if one of the two has no invoice, the same supplier,
    day and amount. Names are compared by their keys in the line's period and for equal amounts, and
    elsewhere by ignoring case, which the database can do.
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
    """Raise NotSalesBudget unless the line belongs to a sales budget."""
    if not line.budget.pays_production:
        lines = Line.objects.filter(
            period=line.period_id, budget__department=Budget.Department.SALES
        )
        names = lines.order_by("budget__name").values_list("budget__name", flat=True).distinct()
        raise errors.NotSalesBudget(line.budget, list(names))


# Postings


def append_entry(line: Line, kind: Kind, minor: int, *, by: User | None, **fields: Any) -> Entry:
    """Add an entry to a locked line, and update the line's `approved` and `available`.

    Raises ValidationError if a field is not valid.
    """
    entry = Entry(line=line, kind=kind, minor=minor, by=by, **fields)
    entry.posted_on = entry.posted_on or today()
    # A reversal copies them as they were posted, which may be before today's validation.
    copied = ["supplier", "invoice"] if entry.reverses else []
    entry.full_clean(
        exclude=["line", "video", "estimate", "by", "reverses", *copied],
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
    """Set the approved amount of a line to `minor`, by an entry for the difference.

    `override` is the reason to take the line below zero; `posted_on` defaults to today. Raises
    PeriodClosed, ApprovedTooLow (less than what is committed and spent), OverrideNotAllowed,
    ReasonMissing and AmountRefused.
    """
    if not reason.strip():
        raise errors.ReasonMissing
    if minor < 0 or minor > MAX_MINOR:
        raise errors.AmountRefused(_("Enter zero or a positive amount."), "amount")
    with transaction.atomic():
        line = lock_lines([line_id])[line_id]
        more = minor - line.approved
        if not more:
            raise errors.AmountRefused(_("This is already the approved amount."), "amount")
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
    """Greenlight an estimate: commit each item on its line, and move a planned video to greenlit.

    A video that is past planned keeps its stage and gets the additional money. `override` is the
    reason to take lines below zero, `at` the time of the decision (default: now). Raises
    OwnRequest, WrittenByGreenlighter, EstimateNotWaiting, WrongStage, NotSalesBudget, PeriodClosed,
    LineExceeded, OverrideNotAllowed and TransitionRefused.
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
    """Raise OwnRequest, WrittenByGreenlighter, EstimateNotWaiting or WrongStage if not allowed."""
    if estimate.state != Estimate.State.REQUESTED:
        raise errors.EstimateNotWaiting(estimate)
    if estimate.requested_by_id == by.pk:
        raise errors.OwnRequest
    if not Estimate.objects.to_be_greenlit_by(by).filter(pk=estimate.pk).exists():
        raise errors.WrittenByGreenlighter(estimate.video)
    if estimate.video.stage in STAGES_WITHOUT_GREENLIGHT:
        raise errors.WrongStage(estimate.video)


def has_commitment(video: Video) -> str | None:
    """Guard of the transition to greenlit: return why not, or None if money is committed."""
    return None if committed_to(video.pk) else _("No money is committed to it.")


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
    check_similar: bool = False,
    again: int | None = None,
) -> Entry:
    """Post an expense of a video, paid from its commitment on the line first, then from the line.

    `posted_on` (default: today) has to be in the line's period, and not in the future. With
    `check_similar`, raise PostedAlready if a posted expense looks like this one, unless `again` is
    its primary key; then the similarity is logged. `override` is the reason to take the line below
    zero. Raises AmountRefused, NotGreenlit, NotSalesBudget, OutsidePeriod, PeriodClosed,
    LineExceeded and OverrideNotAllowed.
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
        details: dict[str, Any] = {"posted_on": day, "supplier": supplier, "invoice": invoice}
        similar = similar_expense(line, minor, **details) if check_similar else None
        if similar and similar.pk != again:
            raise errors.PostedAlready(similar, invoice)
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
            **details,
        )
        if similar:
            log(entry, POSTED_AGAIN, user=by, data={"alike": similar.pk})
    return entry


def reverse(entry_id: int, *, by: User, reason: str) -> Entry:
    """Reverse an expense or a commitment by an entry of the opposite sign.

    What an expense drew goes back to the video's commitment or, if the video is published, retired
    or cancelled, to the line. Raises ReasonMissing, NotReversible and PeriodClosed.
    """
    if not reason.strip():
        raise errors.ReasonMissing
    with transaction.atomic():
        entry = Entry.objects.get(pk=entry_id)
        if entry.video_id is None:
            raise errors.NotReversible(
                _("To correct an approved amount, edit the line."), "approval"
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
    """Return why an entry cannot be reversed, or None. Only reliable while its video is locked."""
    if entry.reverses_id:
        return _(
            "This entry is a reversal and cannot be reversed. Post the right amount as a new entry."
        )
    if Entry.objects.filter(reverses=entry.pk).exists():
        return _("This entry has been reversed already.")
    if entry.kind not in (Kind.EXPENSE, Kind.COMMITMENT):
        return _("Only expenses and commitments can be reversed.")
    if entry.kind == Kind.COMMITMENT:
        left = committed_to(entry.video_id or 0).get(entry.line_id, 0)
        if left < entry.minor:
            return _("Part of this commitment is spent or released; %(left)s is left.") % {
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
    """Release what is left of a video's commitments, on `lines` (primary keys) or on all lines.

    `posted_on` defaults to today. The caller has locked the video. Raises PeriodClosed.
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
