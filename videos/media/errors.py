"""Exceptions of media. Their messages are for producers."""

from django.core.exceptions import ValidationError


class SourceRefused(ValidationError):
    """A file that cannot become a cut.

    `code` is the kind of refusal, for metrics.
    """

    def __init__(self, message: str, code: str = "refused") -> None:
        super().__init__(message, code)

    def __str__(self) -> str:
        return str(self.messages[0])


class UploadRefused(ValidationError):
    """An upload that is not accepted. Nothing of it is kept."""


class CaptionRefused(ValidationError):
    """Captions that are not valid. The message names the line."""


class EncodeFailed(Exception):
    """A job that failed.

    `code` is the kind of failure; `transcoding/failures.py` decides what follows.
    """

    def __init__(self, message: str, code: str = "damaged") -> None:
        super().__init__(message)
        self.code = code


class LeaseLost(Exception):
    """Another worker holds the job now, or it was cancelled. Our work is discarded."""


class CutStays(ValidationError):
    """A cut that cannot be removed."""


class PictureRefused(ValidationError):
    """A picture that cannot be used as a poster."""


class SoundRefused(ValidationError):
    """An audio track that cannot be chosen."""
