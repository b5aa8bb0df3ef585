"""Optimistic locking of edit forms: nobody overwrites a colleague's change unknowingly.

A hidden field has the values that the form was filled with. If the stored values differ from them
on saving, nothing is saved: the form is shown again with the user's input, the other fields as they
are stored now, and a message with who changed what. Saving again overwrites these changes.

The values are signed, so that nobody can submit values that no form was filled with, or have rows
named that they may not see.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.forms.models import model_to_dict
from django.http import HttpRequest, HttpResponse
from django.utils import formats
from django.utils.text import capfirst, get_text_list
from django.utils.translation import gettext as _
from wagtail.admin import messages
from wagtail.log_actions import registry

from studio.changes import change_in_words, plain, quoted

FIELD = "loaded_values"
SALT = "studio.optimistic_lock"  # never change it: open forms would lose their lock

Values = dict[str, Any]  # JSON values by field name


class LoadedValues(forms.Field):
    """The hidden field with the values that the form was filled with."""

    widget = forms.HiddenInput

    def __init__(self, form: Any) -> None:
        super().__init__(required=False)
        self.salt = f"{SALT}.{type(form).__qualname__}"

    def sealed(self, values: Values) -> str:
        """Sign the values for the hidden field."""
        return signing.dumps(values, salt=self.salt, compress=True)

    def to_python(self, value: Any) -> Values:
        try:
            values: Values = signing.loads(value or "", salt=self.salt)
        except signing.BadSignature:
            return {}
        return values


class OptimisticLockMixin:
    """Locks a view with a ModelForm. Mix it in before `EditView`."""

    request: HttpRequest
    object: Any

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)  # type: ignore[misc]
        return with_loaded_values(form)

    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            row = locked(form.instance)
            theirs = changed_since(form.cleaned_data[FIELD], stored_values(form, row))
            if not theirs:
                response: HttpResponse = super().form_valid(form)  # type: ignore[misc]
                return response
        messages.warning(self.request, what_changed(row, theirs))
        return self.show_again(form, row)

    def show_again(self, form: Any, row: models.Model) -> HttpResponse:
        """The form with what was typed, on top of what is stored now."""
        loaded = form.cleaned_data[FIELD]
        typed = typed_values(form)
        kept = {
            name: form[name].value()
            for name in form.fields
            if name != FIELD and (name not in typed or typed[name] != loaded.get(name))
        }
        kwargs: dict[str, Any] = self.get_form_kwargs()  # type: ignore[attr-defined]
        for name in ("data", "files"):
            kwargs.pop(name, None)
        kwargs |= {"instance": row, "initial": kwargs.get("initial", {}) | kept}
        self.object = row
        again = with_loaded_values(type(form)(**kwargs), row)
        self.form = again
        context = self.get_context_data(form=again)  # type: ignore[attr-defined]
        return self.render_to_response(context)  # type: ignore[attr-defined, no-any-return]


class ChangedMeanwhile(ValidationError):
    """Somebody changed the stored values since the form was opened.

    `theirs` has the value before and after for each changed field.
    """

    def __init__(self, theirs: Mapping[str, list[Any]]) -> None:
        self.theirs = theirs
        super().__init__(_("Somebody has changed this since you opened it."), "changed")


class FormLockMixin:
    """The same for a view whose form is no ModelForm. Mix it in before `FormView`.

    The code that saves calls `refuse_over_changes` when it holds its locks. On `ChangedMeanwhile`
    the view responds with `show_again`.
    """

    request: HttpRequest

    def unbound_form(self) -> Any:
        """Return the form, filled with the stored values."""
        raise NotImplementedError

    def changed_by(self) -> object:
        """Return who made the latest change; None if unknown."""
        raise NotImplementedError

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)  # type: ignore[misc]
        return with_loaded_initial(form)

    def refuse_over_changes(self, form: Any) -> None:
        """Raise ChangedMeanwhile if the stored values differ from the loaded ones."""
        stored = initial_values(self.unbound_form())
        if theirs := changed_since(form.cleaned_data[FIELD], stored):
            raise ChangedMeanwhile(theirs)

    def show_again(self, form: Any, refusal: ChangedMeanwhile) -> HttpResponse:
        """The form with what was typed, on top of what is stored now."""
        again = self.unbound_form()
        said = [in_words_of(again.fields[name], *both) for name, both in refusal.theirs.items()]
        messages.warning(self.request, not_saved(self.changed_by(), said))
        loaded = form.cleaned_data[FIELD]
        for name in form.fields.keys() & again.fields.keys():
            if comparable(form.cleaned_data.get(name)) != loaded.get(name):
                again.initial[name] = form[name].value()
        stored = initial_values(self.unbound_form())
        context = self.get_context_data(form=with_loaded_initial(again, stored))  # type: ignore[attr-defined]
        return self.render_to_response(context)  # type: ignore[attr-defined, no-any-return]


def with_loaded_initial(form: Any, values: Values | None = None) -> Any:
    """Add the hidden field to a form that is no ModelForm."""
    loaded = None if form.is_bound else values or initial_values(form)
    form.fields[FIELD] = field = LoadedValues(form)
    if loaded is not None:
        form.initial[FIELD] = field.sealed(loaded)
    return form


def initial_values(form: Any) -> Values:
    """Return the initial values of an unbound form."""
    return {
        name: comparable(form.get_initial_for_field(field, name))
        for name, field in form.fields.items()
        if name != FIELD
    }


def comparable(value: Any) -> Any:
    """Return a value for the hidden field; "" for every kind of empty value."""
    return "" if value is None else in_json(value)


def in_words_of(field: forms.Field, was: Any, now_is: Any) -> str:
    """Describe the change of a form field that belongs to no model."""
    if isinstance(field, forms.ModelMultipleChoiceField):
        told = [names_of(field.queryset.model, keys) for keys in (was, now_is)]  # type: ignore[union-attr]
    else:
        told = [
            "–" if one in (None, "") else quoted(as_printed(field.to_python(one)))
            for one in (was, now_is)
        ]
    return f"{capfirst(str(field.label))}: {' → '.join(told)}"


def as_printed(value: Any) -> str:
    """Format a field's value for display."""
    if isinstance(value, int | Decimal):
        return str(formats.number_format(value, force_grouping=True))
    return str(formats.localize(value))


def with_loaded_values(form: Any, row: models.Model | None = None) -> Any:
    """Add the hidden field to a ModelForm."""
    form.fields[FIELD] = field = LoadedValues(form)
    if not form.is_bound:
        form.initial[FIELD] = field.sealed(stored_values(form, row or form.instance))
    return form


def model_fields(form: Any) -> list[str]:
    """Return the names of a form's fields that are fields of its model."""
    options = form._meta.model._meta
    known = {field.name for field in [*options.concrete_fields, *options.many_to_many]}
    return [name for name in form.fields if name in known]


def stored_values(form: Any, row: models.Model) -> Values:
    """Return the stored values of a form's fields."""
    return {name: in_json(value) for name, value in model_to_dict(row, model_fields(form)).items()}


def typed_values(form: Any) -> Values:
    """Return the submitted values of a valid form, comparable to the stored ones."""
    return {name: in_json(form.cleaned_data.get(name)) for name in model_fields(form)}


def in_json(value: Any) -> Any:
    """Return a value for JSON: rows as primary keys, numbers and instants as text."""
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, list | tuple | models.QuerySet):
        return sorted(str(in_json(one)) for one in value)
    if value is None or isinstance(value, bool | int | str):
        return value
    found = plain(value)
    return found if isinstance(found, str) else str(found)


def changed_since(loaded: Mapping[str, Any], stored: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return the fields whose stored value differs from the loaded one, each with both values.

    Fields without a loaded value are skipped: such a form is saved without this check.
    """
    return {
        name: [loaded[name], stored[name]]
        for name in stored
        if name in loaded and loaded[name] != stored[name]
    }


def locked(instance: models.Model) -> models.Model:
    """Return the stored row, locked until the transaction ends."""
    rows = type(instance)._base_manager.select_for_update(of=("self",))
    found: models.Model = rows.get(pk=instance.pk)
    return found


def what_changed(row: models.Model, theirs: Mapping[str, list[Any]]) -> str:
    """Return the message with who changed which values of a row."""
    said = [in_words(type(row), name, *both) for name, both in theirs.items()]
    return not_saved(last_in_log(row), said)


def last_in_log(row: models.Model) -> object:
    """Return the user of the row's latest log entry; None if there is none."""
    entry = registry.get_logs_for_instance(row).select_related("user").first()
    return entry.user if entry else None


def not_saved(who: object, said: list[str]) -> str:
    """Return the message that nothing is saved yet, and why."""
    words = {"who": str(who or _("Somebody")), "changes": "; ".join(said)}
    return (
        _(
            "Not saved yet: %(who)s has changed this since you opened it. %(changes)s. What you "
            "typed is kept below. Save again to replace theirs by it."
        )
        % words
    )


def in_words(model: type[models.Model], name: str, was: Any, now_is: Any) -> str:
    """Describe the change of a model field; many-to-many fields by the names of the rows."""
    field: Any = model._meta.get_field(name)
    if not field.many_to_many:
        return change_in_words(model, name, was, now_is)
    told = [names_of(field.related_model, keys) for keys in (was, now_is)]
    return f"{capfirst(str(field.verbose_name))}: {' → '.join(told)}"


def names_of(model: type[models.Model], keys: Any) -> str:
    """Return the names of the rows with these primary keys."""
    known = [key for key in keys if str(key).isdigit()] if isinstance(keys, list) else []
    rows = model._base_manager.filter(pk__in=known[:50])
    return get_text_list([quoted(row) for row in rows], _("and")) or "–"
