"""What the media room refuses, and what it fails at, in words that a producer understands."""

from django.core.exceptions import ValidationError


class SourceRefused(ValidationError):
    """A file that cannot become a cut; the message says why, without a tool's jargon.

    `code` names the kind of refusal, for metrics.
    """

    def __init__(self, message: str, code: str = "refused") -> None:
        super().__init__(message, code)

    def __str__(self) -> str:
        return str(self.messages[0])


class UploadRefused(ValidationError):
    """An upload that is not taken in: nothing of it is kept."""


class CaptionRefused(ValidationError):
    """Captions that cannot be shown; the message names the line."""


class EncodeFailed(Exception):
    """A transcode that ended without a set; the message is for the producer.

    `code` names the kind of failure (`failures.py` says what follows from each).
    """

    def __init__(self, message: str, code: str = "damaged") -> None:
        super().__init__(message)
        self.code = code


class LeaseLost(Exception):
    """Another worker has this job now: what we made is thrown away."""


class CutStays(ValidationError):
    """A cut that cannot be removed (any more); the message says what is in the way."""


class PictureRefused(ValidationError):
    """A picture that cannot be a poster."""


class SoundRefused(ValidationError):
    """A choice of sound that cannot be made (any more)."""
