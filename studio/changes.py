"""What changes in rows that decide numbers, kept in their history with the value before and after.

A room names its models and their fields with `keep_on_record`; forms, deletions and Wagtail's own
acts then log these values by themselves. What writes rows otherwise logs with `log_changes`.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
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
CHANGED = "changed"  # the key of a log entry's data
FIELDS: dict[type[models.Model], Sequence[str]] = {}


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Changes:
    """The fields whose values differ, each with the value before and after.

    A field that is on one side alone was or is None. Equal numbers do not differ, however written.
    """
    return {
        name: [plain(before.get(name)), plain(after.get(name))]
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    }


def plain(value: Any) -> Any:
    """A value as JSON holds it: numbers with all their digits, instants with their offset."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dt.date):  # an instant is one
        return value.isoformat()
    return value


def values_of(row: models.Model) -> dict[str, Any]:
    """The values of a row's fields that are kept on record; of another row, its key."""
    fields: list[Any] = [row._meta.get_field(name) for name in FIELDS[type(row)]]
    return {field.name: getattr(row, field.attname) for field in fields}


def stored(row: models.Model) -> "models.QuerySet[Any]":
    """A row as the database has it; read, it is locked as by an update of it."""
    return type(row)._base_manager.select_for_update(no_key=True).filter(pk=row.pk)


def keep_on_record(model: type[models.Model], *fields: str) -> None:
    """Keeps what happens to these fields of a model in the history of its rows."""
    FIELDS[model] = fields
    for action in (CreateOnRecord, EditOnRecord, DeleteOnRecord):
        action_registry.register(model, action)


class EditOnRecord(EditAction):
    """Saves a row that was there, and logs what changed of what is stored then."""

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
                data={CHANGED: changes(before, values_of(self.instance))},
            )
            self.log_action = None


class CreateOnRecord(CreateAction):
    """Saves a new row, and logs what it holds."""

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
    """Deletes a row; what it held stays in the log."""

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
) -> None:
    """Logs an edit of each row with what changed of it, in few queries however many there are."""
    rows = [(row, found) for row, found in changed if found]
    at = now()
    ModelLogEntry.objects.bulk_create(
        [
            ModelLogEntry(
                content_type=ContentType.objects.get_for_model(row),
                object_id=str(row.pk),
                label=str(row)[:255],
                action="wagtail.edit",
                timestamp=at,
                user=by,
                content_changed=True,
                data={CHANGED: found, "by_import": by_import},
            )
            for row, found in rows
        ],
        batch_size=500,
    )


# In words

FORGES = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])  # turn text around
FORGES |= {ord("“"): "‘", ord("”"): "’"}


def quoted(value: Any) -> str:
    """A value between quotation marks, which nothing in it can end."""
    return _("“%(value)s”") % {"value": str(value).translate(FORGES)}


def in_words(field: "models.Field[Any, Any]", value: Any) -> str:
    """A logged value as people read it."""
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    related = field.related_model
    if isinstance(related, type) and isinstance(value, int):
        row = related._base_manager.filter(pk=value).first()
        return f"{row} (#{value})" if row else f"#{value}"
    if isinstance(field, models.DateTimeField):
        at = parse_datetime(value)
        return instant_text(at, "j M Y, H:i:s") if at else str(value)
    if isinstance(field, models.DateField):
        day = parse_date(value)
        return formats.date_format(day, "j M Y") if day else str(value)
    return str(value)


def change_in_words(model: type[models.Model], name: str, was: Any, now_is: Any) -> str:
    """`Amount: “100” → “200”`, with a dash on the side on which there was nothing."""
    field: Any = model._meta.get_field(name)
    label = capfirst(str(field.verbose_name))
    told = ["–" if one in (None, "") else quoted(in_words(field, one)) for one in (was, now_is)]
    return f"{label}: {' → '.join(told)}"


class ChangeFormatter(LogFormatter):
    """Says what was done, and of each field what it was before and after."""

    key = CHANGED

    def format_message(self, log_entry: Any) -> str:
        changed = (log_entry.data or {}).get(self.key)
        model = log_entry.content_type and log_entry.content_type.model_class()
        if not changed or model is None:
            return str(self.message)
        said = [
            change_in_words(model, name, *changed[name])
            for name in FIELDS.get(model, ())  # databases keep no order in JSON
            if name in changed
        ]
        if log_entry.data.get("by_import"):
            said.insert(0, _("By an import from the CRM"))
        return f"{self.message}. {'. '.join(said)}."


def register(actions: LogActionRegistry) -> None:
    """Makes the histories say what changed. To be called after Wagtail registered its acts."""
    for action in ("wagtail.create", "wagtail.edit", "wagtail.delete"):
        told = actions.formatters[action]
        words = {"label": told.label, "message": told.message}
        actions.formatters[action] = type("Formatter", (ChangeFormatter,), words)()
