"""Forms over cuts: a source, and captions."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from videos.media.captions import languages, to_webvtt


class SourceForm(forms.Form):
    """A new cut."""

    source = forms.FileField(
        label=_("Video file"),
        help_text=_("As you exported it: MP4, MOV, MKV, WebM, MXF, MPEG-TS and others."),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": "video/*,.mkv,.mxf,.ts,.mts"}),
    )


class CaptionForm(forms.Form):
    """Captions of a cut in one language."""

    language = forms.ChoiceField(label=_("Language"), choices=languages, initial="en")
    captions = forms.FileField(
        label=_("Captions"),
        help_text=_("A file of SRT or WebVTT. It replaces the captions in this language."),
        widget=forms.FileInput(attrs={"accept": ".srt,.vtt,text/vtt"}),
    )

    def clean_captions(self) -> str:
        file: UploadedFile[Any] = self.cleaned_data["captions"]
        return to_webvtt(file.read())
