"""Records corrections of imported values, and keeps them when the CRM is imported again.

An import keeps a correction until the CRM's own value changes. Then it takes that value, and
reports it in its result, on the deal, and by mail to whoever made the correction (one mail for each
import).
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple, TypeVar

from django.conf import settings
from django.db import models
from django.utils.dateparse import parse_datetime
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from studio.changes import quoted
from studio.chunks import chunks
from studio.clock import instant_text
from studio.formats.plain_numbers import key_of
from studio.people.keys import KeyField
from studio.people.mail import Message, mail_user
from studio.people.models import User
from videos.audience.models import Company, Contact
from videos.audience.urls_for import company_url, contact_url
from videos.deals.imports.corrections import (
    OF_COMPANY,
    OF_CONTACT,
    OF_DEAL,
    FieldGroups,
    Values,
    differing,
    still_valid,
    values,
)
from videos.deals.models import Correction, Deal, RemovedPart
from videos.deals.money import format_money
from videos.deals.urls_for import deal_url

Mirrored = Deal | Contact | Company
OverruledOne = tuple[Mirrored, Correction | RemovedPart]
M = TypeVar("M", Deal, Contact, Company)
What = Correction.What
FIELD_GROUPS: dict[type[models.Model], FieldGroups] = {
    Deal: OF_DEAL,
    Contact: OF_CONTACT,
    Company: OF_COMPANY,
}
MAX_IN_MAIL = 50  # corrections listed in one mail
MAX_LISTED = 200  # corrections listed in a result, which counts all of them
OVERRULED_SHOWN_FOR = dt.timedelta(
    days=30
)  # how long a deal shows that the CRM's value replaced a correction


@dataclass(frozen=True, slots=True)
class CorrectionOutcome:
    """What became of a correction in an import, as texts."""

    row: Mirrored
    what: str
    ours: str
    crm: str
    by: User

    def __str__(self) -> str:
        return self.text() % {
            "row": self.row,
            "what": self.what,
            "ours": self.ours,
            "by": self.by,
            "crm": self.crm,
        }

    def text(self) -> str:
        """The sentence, with placeholders for the values."""
        raise NotImplementedError

    @property
    def url(self) -> str:
        """The page of the corrected row."""
        if isinstance(self.row, Deal):
            return deal_url(self.row)
        return contact_url(self.row) if isinstance(self.row, Contact) else company_url(self.row)


class CorrectionKept(CorrectionOutcome):
    """A correction that was kept over the CRM's value."""

    def text(self) -> str:
        return _(
            "“%(row)s”, %(what)s: %(ours)s, corrected by %(by)s, was kept. In the CRM: %(crm)s."
        )


class CorrectionOverruled(CorrectionOutcome):
    """A correction that the CRM's new value replaced."""

    def text(self) -> str:
        return _("“%(row)s”, %(what)s: %(ours)s, corrected by %(by)s, is now %(crm)s.")


class CorrectionNote(NamedTuple):
    """A correction as texts for the page of a deal."""

    what: str
    ours: str
    crm: str
    by: User
    at: dt.datetime
    overruled_at: dt.datetime | None


def values_of(row: Mirrored) -> Values:
    """Returns the values of a row as texts."""
    return values(FIELD_GROUPS[type(row)], lambda field: getattr(row, field))


def crm_values(row: Mirrored) -> Values:
    """Returns the CRM's values of an imported row; a deal's owner is the key of the address."""
    told = values_of(row)
    if isinstance(row, Deal):
        told[What.OWNER] = [row.owner_email_key]
    return told


def corrections_of(kind: type[models.Model]) -> "models.QuerySet[Correction]":
    """Returns the corrections of deals, contacts or companies, with the corrected rows."""
    field = str(kind._meta.model_name)
    found = Correction.objects.filter(**{f"{field}__isnull": False})
    return found.select_related(field, "by")


def record_corrections(
    sender: type[models.Model], row: Any, before: Mapping[str, Any], by: User, **kwargs: Any
) -> None:
    """Records what somebody changed in an imported row, which is locked, as corrections.

    `before` are its fields before the change. Changing a value back to the CRM's deletes the
    correction.
    """
    if sender not in FIELD_GROUPS or (isinstance(row, Deal) and not row.imported):
        return
    was = values(FIELD_GROUPS[sender], lambda field: before[row._meta.get_field(field).name])
    current = values_of(row)
    noted = {one.what: one for one in row.corrections.all()}
    for what in differing(was, current):
        crm = noted[what].crm if what in noted else was[what]
        if what == What.OWNER:
            crm = [row.owner_email_key]
        if current[what] == crm or (what == What.OWNER and is_named_owner(row)):
            row.corrections.filter(what=what).delete()
            continue
        fresh = {"crm": crm, "ours": current[what], "by": by, "at": now(), "overruled_at": None}
        row.corrections.update_or_create(what=what, defaults=fresh)


def is_named_owner(deal: Deal) -> bool:
    """Whether the owner is the user with the CRM's address."""
    named = User.objects.known_as(deal.owner_email).first() if deal.owner_email else None
    return named == deal.owner


class Reconciliation:
    """Keeps or overrules corrections during one import at `at`."""

    def __init__(self, at: dt.datetime) -> None:
        self.at = at
        self.kept = 0
        self.kept_ones: list[CorrectionKept] = []  # the first MAX_LISTED
        self.overruled: list[CorrectionOverruled] = []
        self.overruled_ones: list[OverruledOne] = []

    def keep(self, kind: type[M], imported: Sequence[M]) -> None:
        """Puts corrected values back into imported rows where the CRM's value has not changed.

        The stored rows are locked.
        """
        by_id: dict[str, dict[str, Correction]] = defaultdict(dict)
        field = str(kind._meta.model_name)
        for chunk in chunks(row.public_id for row in imported):
            found = corrections_of(kind).filter(**{f"{field}__public_id__in": chunk})
            for one in found.filter(overruled_at=None):
                by_id[one.row.public_id][one.what] = one
        for row in imported:
            if row.public_id in by_id:
                self.keep_of(row, by_id[row.public_id])

    def keep_of(self, row: Mirrored, made: Mapping[str, Correction]) -> None:
        """Applies the corrections of one row that still hold, and overrules the others."""
        there: Any = next(iter(made.values())).row
        crm = crm_values(row)
        valid = still_valid(crm, {what: one.crm for what, one in made.items()})
        if isinstance(row, Deal) and row.closed_at and row.closed_at < there.created_at:
            valid.discard(What.CREATED)  # a deal cannot have closed before it was created
        for what, correction in made.items():
            fields = FIELD_GROUPS[type(row)][what]
            if what in valid:
                for field in fields:
                    setattr(row, field, getattr(there, field))
                self.add_kept(there, correction)
            elif all(getattr(row, field) == getattr(there, field) for field in fields):
                correction.delete()  # the CRM has the corrected value now
            else:
                correction.crm, correction.overruled_at = crm[what], self.at
                correction.save(update_fields=["crm", "overruled_at"])
                self.add_overruled(there, correction)
        for key in row._meta.concrete_fields:
            if isinstance(key, KeyField):
                key.pre_save(row, add=False)  # recompute the key from the new value

    def add_kept(self, row: Mirrored, one: Correction | RemovedPart) -> None:
        """Count and list a correction that was kept."""
        self.kept += 1
        if len(self.kept_ones) < MAX_LISTED:
            note = note_of(one) if isinstance(one, Correction) else note_of_removed(one)
            self.kept_ones.append(CorrectionKept(row, note.what, note.ours, note.crm, note.by))

    def add_overruled(self, row: Mirrored, one: Correction | RemovedPart) -> None:
        """Lists a correction that was overruled."""
        self.overruled_ones.append((row, one))
        self.overruled.append(outcome_of(row, one))

    def without_removed(self, parts: Sequence[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
        """Returns the new (deal, contact, role) triples that nobody removed here.

        A contact removed in one role and named by the CRM in another is added again.
        """
        removed: dict[tuple[int, int], dict[str, RemovedPart]] = defaultdict(dict)
        for chunk in chunks({deal for deal, _contact, _role in parts}):
            found = RemovedPart.objects.filter(deal__in=chunk)
            for one in found.select_related("deal", "contact", "by"):
                removed[one.deal_id, one.contact_id][one.role] = one
        taken = []
        for deal, contact, role in parts:
            by_role = removed.get((deal, contact), {})
            if role in by_role:
                self.add_kept(by_role[role].deal, by_role[role])
                continue
            taken.append((deal, contact, role))
            if by_role:
                one = max(by_role.values(), key=lambda part: part.at)
                one.new_role, one.overruled_at = role, self.at
                one.save(update_fields=["new_role", "overruled_at"])
                self.add_overruled(one.deal, one)
        return taken

    def send(self) -> None:
        """Mails each person which of their corrections were overruled."""
        by_person: dict[User, list[OverruledOne]] = defaultdict(list)
        for row, one in self.overruled_ones:
            if one.by.is_active:
                by_person[one.by].append((row, one))
        for person, ones in by_person.items():
            mail_user(person, partial(message_about, ones))


def outcome_of(row: Mirrored, one: Correction | RemovedPart) -> CorrectionOverruled:
    """Describes a correction that was overruled, in the active language."""
    note = note_of(one) if isinstance(one, Correction) else note_of_removed(one)
    return CorrectionOverruled(row, note.what, note.ours, note.crm, note.by)


def message_about(ones: Sequence[OverruledOne]) -> Message:
    """Returns the mail on overruled corrections, whose values are as its reader writes them."""
    return message([outcome_of(row, one) for row, one in ones])


def message(told: Sequence[CorrectionOverruled]) -> Message:
    """Returns subject and text of the mail on overruled corrections."""
    count = len(told)
    subject = ngettext(
        "The CRM changed a value that you had corrected",
        "The CRM changed %(count)d values that you had corrected",
        count,
    ) % {"count": count}
    lines = [f"{one}\n{settings.BASE_URL}{one.url}" for one in told[:MAX_IN_MAIL]]
    if count > MAX_IN_MAIL:
        lines.append(_("And %(count)d more.") % {"count": count - MAX_IN_MAIL})
    text = _(
        "These values changed in the CRM, so the import replaced your corrections with them:\n"
        "\n"
        "%(values)s\n"
        "\n"
        "If the CRM is wrong, correct the value there, or correct it here again.\n"
    )
    return Message(subject, text % {"values": "\n\n".join(lines)})


# Texts for people


def notes_on(deal: Deal) -> list[CorrectionNote]:
    """Returns the corrections of a deal that hold, and those overruled lately."""
    lately = now() - OVERRULED_SHOWN_FOR
    made = [note_of(one) for one in deal.corrections.select_related("by")]
    removed = deal.removed_parts.select_related("contact", "by")
    notes = [*made, *(note_of_removed(one) for one in removed)]
    return [one for one in notes if not one.overruled_at or one.overruled_at > lately]


def note_of(correction: Correction) -> CorrectionNote:
    """Describes a correction of a value."""
    what = What(correction.what)
    return CorrectionNote(
        str(what.label),
        format_value(what, correction.ours),
        format_value(what, correction.crm),
        correction.by,
        correction.at,
        correction.overruled_at,
    )


def note_of_removed(part: RemovedPart) -> CorrectionNote:
    """Describes the removal of a contact."""
    is_back = part.overruled_at is not None
    return CorrectionNote(
        _("Contact %(contact)s") % {"contact": part.contact},
        _("removed"),
        takes_part(part.new_role if is_back else part.role),
        part.by,
        part.at,
        part.overruled_at,
    )


def takes_part(role: str) -> str:
    """Describes that a contact takes part, with the role."""
    return _("takes part as “%(role)s”") % {"role": role} if role else _("takes part")


def format_value(what: What, texts: Sequence[str]) -> str:
    """Formats a value of a correction; a dash for none."""
    first = texts[0]
    if not first:
        return "–"
    if what == What.AMOUNT:
        return format_money(Decimal(first), texts[1])
    if what == What.COMPANY:
        return named(Company, first)
    if what == What.OWNER and key_of(first):
        return named(User, first)
    if what == What.CREATED and (at := parse_datetime(first)):
        return instant_text(at)
    return quoted(first)


def named(kind: type[models.Model], key: str) -> str:
    """Returns the name of the row with a primary key."""
    row = kind._default_manager.filter(pk=key_of(key)).first()
    return str(row or _("deleted"))
