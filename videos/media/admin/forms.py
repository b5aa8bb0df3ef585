"""Forms for cuts: source, captions, poster, audio track."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from studio.single_line import SingleLineField
from videos.media.captions.editing import label_of, languages
from videos.media.timecodes import seconds_of, time_code
from videos.media.transcoding.webvtt import MAX_BYTES, to_webvtt, too_large

MOST_PICTURE_BYTES = 20 * 1024**2


class TimeCodeField(forms.CharField):
    """A moment as `1:23`; becomes seconds, or None when left empty."""

    def clean(self, value: Any) -> Decimal | None:
        text = super().clean(value)
        return seconds_of(text) if text else None


class SourceForm(forms.Form):
    """A new cut."""

    source = forms.FileField(
        label=gettext_lazy("Video file"),
        help_text=gettext_lazy(
            "Your exported video: MP4, MOV, MKV, WebM, MXF, MPEG-TS and others."
        ),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": "video/*,.mkv,.mxf,.ts,.mts"}),
    )


class LanguageForm(forms.Form):
    """The language of new captions."""

    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=languages, initial="en")


class CaptionForm(LanguageForm):
    """Captions of a cut in one language."""

    captions = forms.FileField(
        label=gettext_lazy("Captions"),
        help_text=gettext_lazy("An SRT or WebVTT file. It replaces the captions in this language."),
        widget=forms.FileInput(attrs={"accept": ".srt,.vtt,text/vtt"}),
    )

    def clean_captions(self) -> str:
        file: UploadedFile[Any] = self.cleaned_data["captions"]
        if (file.size or 0) > MAX_BYTES:
            raise ValidationError(too_large())
        return to_webvtt(file.read())


class CaptionTextForm(LanguageForm):
    """Captions as the editor hands them in; `seen` is when they were last changed, for it.

    `own` is the language that they have: second captions in a language have a tag of their own.
    """

    label = SingleLineField(
        label=gettext_lazy("Name in the player’s menu"), max_length=60, required=False
    )
    webvtt = forms.CharField(
        label="WebVTT", required=False, strip=False, widget=forms.Textarea(attrs={"rows": 24})
    )
    seen = forms.DateTimeField(
        widget=forms.HiddenInput, input_formats=["%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%dT%H:%M:%S%z"]
    )

    def __init__(self, *args: Any, own: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if own not in (known := dict(languages())):
            field = self.fields["language"]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [(own, label_of(own)), *known.items()]


class FrameForm(forms.Form):
    """The time of the frame to use as the poster, in a cut of `length` seconds."""

    seconds = TimeCodeField(
        label=gettext_lazy("Or the picture at this time"),
        help_text=gettext_lazy("Minutes and seconds, for example 1:23.4."),
        widget=forms.TextInput(
            attrs={
                "inputmode": "decimal",
                "autocomplete": "off",
                "size": 8,
                "data-media-poster-target": "moment",
            }
        ),
    )

    def __init__(self, *args: Any, length: Decimal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.length = length

    def clean_seconds(self) -> Decimal:
        seconds: Decimal = self.cleaned_data["seconds"]
        if seconds > self.length:
            raise ValidationError(
                _("This cut ends at %(end)s."), params={"end": time_code(self.length)}
            )
        return seconds


class PictureForm(forms.Form):
    """An uploaded picture as the poster."""

    picture = forms.FileField(
        label=gettext_lazy("Picture"),
        help_text=gettext_lazy("JPEG, PNG, WebP or AVIF. It is cropped to the shape of the video."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/avif"}),
    )

    def clean_picture(self) -> bytes:
        file: UploadedFile[Any] = self.cleaned_data["picture"]
        if (file.size or 0) > MOST_PICTURE_BYTES:
            raise ValidationError(_("The picture is larger than 20 MB."))
        return bytes(file.read())


class SoundForm(forms.Form):
    """The audio track of a cut. `choices` are (number, description)."""

    track = forms.TypedChoiceField(
        label=gettext_lazy("Audio track"), coerce=int, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, choices: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["track"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices
