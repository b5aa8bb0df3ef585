"""The form field for a date and time in the studio's time zone."""

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from studio.clock import (
    FIRST,
    LAST,
    OutOfTime,
    instant_of,
    instants_of,
    which_text,
    zone_name,
    zone_text,
)

Choices = list[tuple[str, str]]


def turns(wall: dt.datetime) -> Choices:
    """Return the two instants of a local time that occurs twice, as choices; else an empty list."""
    zone = timezone.get_default_timezone()
    both = instants_of(wall, zone) if FIRST.year <= wall.year <= LAST.year else []
    if len(both) < 2:
        return []
    texts = _("First, %(zone)s"), _("Second, %(zone)s")
    return [
        (str(number), text % {"zone": zone_name(instant, zone) or zone_text(instant, zone)})
        for number, (text, instant) in enumerate(zip(texts, both, strict=True))
    ]


class MomentInput(forms.DateTimeInput):
    """The browser's own date and time input."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


class MomentWidget(forms.MultiWidget):
    """Date and time; if that time occurs twice, also a select, `NAME_which`, to choose which."""

    use_fieldset = False

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"": MomentInput(), "which": forms.Select()}, attrs)

    def decompress(self, value: Any) -> list[Any]:
        """Split the value for the two inputs; a naive datetime has `fold`."""
        return [value, str(getattr(value, "fold", ""))]

    def id_for_label(self, id_: str) -> str:
        return id_

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        both = value if isinstance(value, list) else self.decompress(value)
        wall = both[0] if isinstance(both[0], dt.datetime) else wall_in(both[0])
        choices = turns(wall) if wall and timezone.is_naive(wall) else []
        select = self.widgets[1]
        assert isinstance(select, forms.Select)
        select.choices = choices
        select.attrs["aria-label"] = _("Which of the two")
        context = super().get_context(name, both, attrs)
        inputs = context["widget"]["subwidgets"]
        if own := context["widget"]["attrs"].get("id"):
            inputs[0]["attrs"]["id"] = own
        zone = timezone.get_default_timezone_name()
        inputs[0]["attrs"].setdefault("title", _("Time zone: %(zone)s") % {"zone": zone})
        context["widget"]["subwidgets"] = inputs if choices else inputs[:1]
        return context


def wall_in(text: Any) -> dt.datetime | None:
    """Parse submitted text as a local time; None if it is not valid."""
    try:
        return MomentField().parsed(str(text)) if text else None
    except ValidationError:
        return None


class MomentField(forms.DateTimeField):
    """An instant, entered as date and time in the studio's time zone; the cleaned value is in UTC.

    For a time that occurs twice the first is taken, unless the form says which. A time that is
    skipped is refused, naming the nearest times. An unchanged initial value keeps its seconds. Text
    with an offset is read with that offset.
    """

    widget = MomentWidget
    before: dt.datetime | None = None

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> BoundField:
        """Remember the initial value; each form has its own copy of the field."""
        before = form.initial.get(field_name, self.initial)  # with the microseconds
        before = before() if callable(before) else before
        is_instant = isinstance(before, dt.datetime) and timezone.is_aware(before)
        self.before = before if is_instant else None
        return super().get_bound_field(form, field_name)

    def prepare_value(self, value: Any) -> Any:
        """Convert instants to the studio's time zone."""
        if isinstance(value, dt.datetime) and timezone.is_aware(value):
            return timezone.make_naive(value, timezone.get_default_timezone())
        return value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether the instant differs. Compared in UTC, since in other zones a time that occurs
        twice is never equal (PEP 495)."""
        before = self.before or initial
        if isinstance(before, dt.datetime) and timezone.is_aware(before):
            before = before.astimezone(dt.UTC)
        return super().has_changed(before, data)

    def to_python(self, value: Any) -> dt.datetime | None:
        """Return the instant in UTC, or None. Raises ValidationError."""
        text, which = value if isinstance(value, list) else (value, "")
        if text in self.empty_values:
            return None
        given = text if isinstance(text, dt.datetime) else self.parsed(str(text))
        if timezone.is_naive(given):
            zone = timezone.get_default_timezone()
            return instant_of(given, zone, which=which or "", before=self.before)
        if not FIRST.year <= given.year <= LAST.year:
            raise OutOfTime(_("This year cannot be right. Check it."), code="out_of_time")
        return given.astimezone(dt.UTC)

    def parsed(self, text: str) -> dt.datetime:
        """Parse a date and time. Raises ValidationError."""
        try:
            found = parse_datetime(text.strip())
        except ValueError:
            found = None
        if found is None:
            found = super(forms.DateTimeField, self).to_python(text)  # in the formats of the locale
        assert isinstance(found, dt.datetime)
        return found


def say_which(form: forms.BaseForm) -> None:
    """Add to the help texts of an unbound form which occurrence a time is that occurs twice."""
    for name, field in form.fields.items():
        if not isinstance(field, MomentField):
            continue
        before = form.get_initial_for_field(field, name)
        if isinstance(before, dt.datetime) and (said := which_text(before)):
            field.help_text = f"{field.help_text} {said}".strip()
