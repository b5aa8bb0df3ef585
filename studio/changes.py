"""Logs changes of fields that decide numbers, with the values before and after.

A room names models and fields with `keep_on_record`; Wagtail's actions then log these values. Code
that writes rows in other ways logs with `log_changes`.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.dispatch import Signal
from django.utils import formats
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.text import capfirst
from django.utils.timezone import now
from django.utils.translation import gettext as _
from wagtail.actions import CreateAction, DeleteAction, EditAction, action_registry
from wagtail.log_actions import LogActionRegistry, LogFormatter, log
from wagtail.models import ModelLogEntry

from studio.clock import instant_text

Changes = dict[str, list[Any]]
CHANGED = "changed"  # key in a log entry's data
REASON = "reason"  # the same for the reason, and the name of the form field that asks for it
# Sent in the transaction that changed a row on record, with `row`, `before` (the previous values of
# the fields on record, foreign keys as primary keys) and `by`.
edited = Signal()
FIELDS: dict[type[models.Model], Sequence[str]] = {}


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Changes:
    """Return the fields whose values differ, each with the value before and after.

    A missing field counts as None. Equal numbers do not differ, however they are written.
    """
    return {
        name: [plain(before.get(name)), plain(after.get(name))]
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    }


def plain(value: Any) -> Any:
    """Return a value for JSON: numbers with all digits, datetimes with their offset."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dt.date):  # a datetime is a date, too
        return value.isoformat()
    return value


def values_of(row: models.Model) -> dict[str, Any]:
    """Return the values of a row's fields on record; foreign keys as primary keys."""
    fields: list[Any] = [row._meta.get_field(name) for name in FIELDS[type(row)]]
    return {field.name: getattr(row, field.attname) for field in fields}


def stored(row: models.Model) -> "models.QuerySet[Any]":
    """Return the stored row, locked for update."""
    return type(row)._base_manager.select_for_update(no_key=True).filter(pk=row.pk)


def keep_on_record(model: type[models.Model], *fields: str) -> None:
    """Log changes of these fields of a model."""
    FIELDS[model] = fields
    for action in (CreateOnRecord, EditOnRecord, DeleteOnRecord):
        action_registry.register(model, action)


class EditOnRecord(EditAction):
    """Saves an existing row and logs what changed compared with the stored row."""

    log_action: str | None

    def _save_instance(self) -> None:
        before = values_of(stored(self.instance).get())
        super()._save_instance()
        if self.log_action:
            log(
                instance=self.instance,
                action=self.log_action,
                user=self.user,
                content_changed=self.content_changed,
                data={CHANGED: changes(before, values_of(self.instance)), **reason_in(self.form)},
            )
            self.log_action = None
        edited.send(sender=type(self.instance), row=self.instance, before=before, by=self.user)


def reason_in(form: Any) -> dict[str, str]:
    """Return the reason that a form asked for, for a log entry's data."""
    reason = getattr(form, "cleaned_data", {}).get(REASON, "")
    return {REASON: reason} if reason else {}


class CreateOnRecord(CreateAction):
    """Saves a new row and logs its values."""

    log_action: str | None

    def _save_instance(self) -> None:
        super()._save_instance()
        if self.log_action:
            log(
                instance=self.instance,
                action=self.log_action,
                user=self.user,
                content_changed=True,
                data={CHANGED: changes({}, values_of(self.instance))},
            )
            self.log_action = None


class DeleteOnRecord(DeleteAction):
    """Deletes a row and logs its values."""

    log_action: str | None

    @transaction.atomic
    def _delete(self) -> Any:
        if self.log_action and (last := stored(self.instance).first()):
            log(
                instance=self.instance,
                action=self.log_action,
                user=self.user,
                deleted=True,
                data={CHANGED: changes(values_of(last), {})},
            )
        self.log_action = None
        return super()._delete()


def log_changes(
    changed: Iterable[tuple[models.Model, Changes]],
    *,
    by: AbstractUser | None,
    by_import: bool = False,
    more: Callable[[Any], Mapping[str, Any]] = lambda row: {},
) -> None:
    """Log an edit of each row with its changes; `more` is added to the data."""
    told = [
        (row, {CHANGED: found, "by_import": by_import, **more(row)})
        for row, found in changed
        if found
    ]
    log_many("wagtail.edit", told, by=by)


def log_many(
    action: str,
    told: Iterable[tuple[models.Model, Mapping[str, Any]]],
    *,
    by: AbstractUser | None,
) -> None:
    """Log an action on many rows, each with its data, in few queries."""
    at = now()
    ModelLogEntry.objects.bulk_create(
        [
            ModelLogEntry(
                content_type=ContentType.objects.get_for_model(row),
                object_id=str(row.pk),
                label=str(row)[:255],
                action=action,
                timestamp=at,
                user=by,
                content_changed=True,
                data=dict(data),
            )
            for row, data in told
        ],
        batch_size=500,
    )


# Display

FORGES = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])  # text direction
FORGES |= {ord("“"): "‘", ord("”"): "’"}


def quoted(value: Any) -> str:
    """Return a value in quotation marks, with quotation marks inside replaced."""
    return _("“%(value)s”") % {"value": str(value).translate(FORGES)}


def in_words(field: "models.Field[Any, Any]", value: Any) -> str:
    """Return a logged value for display."""
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    related = field.related_model
    if isinstance(related, type) and isinstance(value, int):
        row = related._base_manager.filter(pk=value).first()
        return f"{row} (#{value})" if row else f"#{value}"
    if isinstance(field, models.DateTimeField):
        at = parse_datetime(value)
        return instant_text(at, _("j M Y, H:i:s")) if at else str(value)
    if isinstance(field, models.DateField):
        day = parse_date(value)
        return formats.date_format(day, "DATE_FORMAT") if day else str(value)
    return str(value)


def change_in_words(model: type[models.Model], name: str, was: Any, now_is: Any) -> str:
    """Return `Amount: “100” → “200”`, with a dash for an empty value."""
    field: Any = model._meta.get_field(name)
    label = capfirst(str(field.verbose_name))
    told = ["–" if one in (None, "") else quoted(in_words(field, one)) for one in (was, now_is)]
    return f"{label}: {' → '.join(told)}"


class ChangeFormatter(LogFormatter):
    """Formats a log entry with the value of each field before and after."""

    key = CHANGED

    def format_message(self, log_entry: Any) -> str:
        return self.sentences(log_entry, with_reason=True)

    def format_without_reason(self, log_entry: Any) -> str:
        """The same without the reason, which is shown separately."""
        return self.sentences(log_entry, with_reason=False)

    def sentences(self, log_entry: Any, *, with_reason: bool) -> str:
        """The action and each changed field."""
        data = log_entry.data or {}
        changed = data.get(self.key) or {}
        model = log_entry.content_type and log_entry.content_type.model_class()
        said = [
            change_in_words(model, name, *changed[name])
            for name in FIELDS.get(model, ())  # JSON in databases has no order
            if name in changed
        ]
        if said and data.get("by_import"):
            said.insert(0, _("By an import from the CRM"))
        if with_reason and (reason := data.get(REASON)):
            said.append(_("Reason: %(reason)s") % {"reason": quoted(reason)})
        return f"{self.message}. {'. '.join(said)}." if said else str(self.message)


def register(actions: LogActionRegistry) -> None:
    """Register formatters that show changes. Call after Wagtail registered its actions."""
    for action in ("wagtail.create", "wagtail.edit", "wagtail.delete"):
        told = actions.formatters[action]
        words = {"label": told.label, "message": told.message}
        actions.formatters[action] = type("Formatter", (ChangeFormatter,), words)()
