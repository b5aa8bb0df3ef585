"""Text of one line: names, titles and the like, which end in mails, headers, playlists and exports.

A browser's field of one line sends no line break, but whatever else talks to a form may: “Reyes”,
a line break and “Bcc: …” would be a name. The forms refuse it. Imports take names as the CRM has
them, since a deal is not to be lost for a line break in its name.
"""

import unicodedata
from collections.abc import Collection
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

REFUSED = {"Cc", "Zl", "Zp"}  # Unicode's controls, and its separators of lines and paragraphs


def is_single_line(text: str) -> bool:
    """Whether there is no line break or other control character in a text."""
    return not any(unicodedata.category(sign) in REFUSED for sign in text)


def check_single_line(text: str) -> None:
    """Raises ValidationError for line breaks and other control characters."""
    if not is_single_line(text):
        raise ValidationError(
            _("Write it in one line, without line breaks, tabs or other control characters."),
            "not_a_single_line",
        )


class SingleLineField(forms.CharField):
    """A form's field for text of one line."""

    default_validators = [check_single_line]


class SingleLines(models.Model):
    """A model whose every `CharField` that people write is one line wherever it is validated."""

    class Meta:
        abstract = True

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """Raises ValidationError, by field."""
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
