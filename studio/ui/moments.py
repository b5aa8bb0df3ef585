"""The form field for a day and a time on the studio's clock, for every room."""

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
    """The two instants of a naive `wall` that comes twice, as choices; nothing for any other."""
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
    """The browser's own field for day and time."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


class MomentWidget(forms.MultiWidget):
    """Day and time; where clocks show that time twice, also which of the two, as `NAME_which`."""

    use_fieldset = False

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"": MomentInput(), "which": forms.Select()}, attrs)

    def decompress(self, value: Any) -> list[Any]:
        """The value as the two inputs show it; a naive datetime carries `fold`."""
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
    """The day and time in what a form brought; None where there are none."""
    try:
        return MomentField().parsed(str(text)) if text else None
    except ValidationError:
        return None


class MomentField(forms.DateTimeField):
    """An instant, entered as a day and a time on the studio's clock; cleaned, it is in UTC.

    A time that comes twice is taken (the first, unless the form says which), one that clocks skip
    is refused with the nearest. What stood in the form and was left as it was stays what it was,
    with its seconds. A text with an offset means that offset.
    """

    widget = MomentWidget
    before: dt.datetime | None = None

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> BoundField:
        """Looks what stood in the form: the fields of a form are its own."""
        before = form.initial.get(field_name, self.initial)  # with the microseconds
        before = before() if callable(before) else before
        is_instant = isinstance(before, dt.datetime) and timezone.is_aware(before)
        self.before = before if is_instant else None
        return super().get_bound_field(form, field_name)

    def prepare_value(self, value: Any) -> Any:
        """Instants as the studio's clock shows them."""
        if isinstance(value, dt.datetime) and timezone.is_aware(value):
            return timezone.make_naive(value, timezone.get_default_timezone())
        return value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether the instant is another. In UTC: in another zone, one that comes twice equals
        nothing (PEP 495)."""
        before = self.before or initial
        if isinstance(before, dt.datetime) and timezone.is_aware(before):
            before = before.astimezone(dt.UTC)
        return super().has_changed(before, data)

    def to_python(self, value: Any) -> dt.datetime | None:
        """The instant in UTC, or None. Raises ValidationError."""
        text, which = value if isinstance(value, list) else (value, "")
        if text in self.empty_values:
            return None
        given = text if isinstance(text, dt.datetime) else self.parsed(str(text))
        if timezone.is_naive(given):
            zone = timezone.get_default_timezone()
            return instant_of(given, zone, which=which or "", before=self.before)
        if not FIRST.year <= given.year <= LAST.year:
            raise OutOfTime(_("That year is out of all time. Check it."), code="out_of_time")
        return given.astimezone(dt.UTC)

    def parsed(self, text: str) -> dt.datetime:
        """Day and time as they were written. Raises ValidationError."""
        try:
            found = parse_datetime(text.strip())
        except ValueError:
            found = None
        if found is None:
            found = super(forms.DateTimeField, self).to_python(text)  # by the formats of the locale
        assert isinstance(found, dt.datetime)
        return found


def say_which(form: forms.BaseForm) -> None:
    """Has each moment of an unbound form whose time comes twice say which it is, in its help."""
    for name, field in form.fields.items():
        if not isinstance(field, MomentField):
            continue
        before = form.get_initial_for_field(field, name)
        if isinstance(before, dt.datetime) and (said := which_text(before)):
            field.help_text = f"{field.help_text} {said}".strip()
