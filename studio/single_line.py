"""Single-line text: names and titles, which are used in mails, headers, playlists and exports.

A browser's single-line input sends no line break, but other clients may: “Reyes”, a line break and
“Bcc: …” would be a name. Forms refuse it. Imports accept names as the CRM has them, since a deal
must not be lost for a line break in its name.
"""

import unicodedata
from collections.abc import Collection
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

REFUSED = {"Cc", "Zl", "Zp"}  # Unicode control characters, and line and paragraph separators


def is_single_line(text: str) -> bool:
    """Whether a text has no line break or other control character."""
    return not any(unicodedata.category(sign) in REFUSED for sign in text)


def check_single_line(text: str) -> None:
    """Raise ValidationError for line breaks and other control characters."""
    if not is_single_line(text):
        raise ValidationError(
            _("Write it in one line, without line breaks, tabs or other control characters."),
            "not_a_single_line",
        )


class SingleLineField(forms.CharField):
    """A form field for single-line text."""

    default_validators = [check_single_line]


class SingleLines(models.Model):
    """A model that validates every editable `CharField` as single-line text."""

    class Meta:
        abstract = True

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """Raise ValidationError by field."""
        faults: dict[str, Any] = {}
        try:
            super().clean_fields(exclude=exclude)
        except ValidationError as found:
            faults = found.update_error_dict(faults)
        for field in self._meta.concrete_fields:
            if not (isinstance(field, models.CharField) and field.editable):
                continue
            if field.name in (exclude or ()):
                continue
            try:
                check_single_line(str(getattr(self, field.attname) or ""))
            except ValidationError as fault:
                faults.setdefault(field.name, []).append(fault)
        if faults:
            raise ValidationError(faults)
