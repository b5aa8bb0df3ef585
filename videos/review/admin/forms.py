"""The forms of reviewers."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from videos.media.admin.forms import TimeCodeField
from videos.media.timecodes import time_code
from videos.review.models import Comment, Verdict


class CommentForm(forms.ModelForm):
    """A comment on a cut of `length` seconds."""

    seconds = TimeCodeField(
        label=gettext_lazy("At"),
        required=False,
        help_text=gettext_lazy(
            "Minutes and seconds, for example 1:23. Leave empty for the whole cut."
        ),
        widget=forms.TextInput(
            attrs={
                "inputmode": "decimal",
                "autocomplete": "off",
                "size": 8,
                "data-review-target": "moment",
            }
        ),
    )

    class Meta:
        model = Comment
        fields = ["seconds", "text"]
        widgets = {"text": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, length: Decimal | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.length = length

    def clean_seconds(self) -> Decimal | None:
        seconds: Decimal | None = self.cleaned_data["seconds"]
        if seconds is not None and self.length is not None and seconds > self.length:
            raise ValidationError(
                _("This cut ends at %(end)s."), params={"end": time_code(self.length)}
            )
        return seconds


class ChangesForm(forms.ModelForm):
    """A request for changes to a cut."""

    class Meta:
        model = Verdict
        fields = ["note"]
        widgets = {"note": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].required = True
        self.fields["note"].help_text = _(
            "The producer gets this note by e-mail, with the comments."
        )
