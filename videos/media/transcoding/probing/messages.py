"""The messages for files that are refused, as a producer reads them."""

from django.utils.translation import gettext as _

from videos.media.transcoding.sandbox.sniff import Kind


def refusal(kind: Kind) -> str:
    """The message for a file of a kind that is refused; empty for what may be a video."""
    return {
        Kind.EMPTY: _("The file is empty."),
        Kind.TEXT: _("This is a text file, not a video."),
        Kind.PLAYLIST: _("This is a playlist, not a video. Upload the video itself."),
        Kind.PICTURE: _("This is a still picture, not a video."),
        Kind.DOCUMENT: _("This is a document, not a video."),
        Kind.ARCHIVE: _("This is an archive, not a video. Unpack it and upload the video itself."),
        Kind.BROKEN_OFF: _("The file is incomplete. Export or copy it again."),
        Kind.PROTECTED: protected(),
    }.get(kind, "")


def protected() -> str:
    """The message for encrypted picture or sound."""
    return _("The file is protected and cannot be played. Export it without copy protection.")


def broken_times() -> str:
    """The message for time stamps that are hours apart."""
    return _("The file is damaged: its time stamps are hours apart.")


def unreadable() -> str:
    """The message for a file that no tool can read."""
    return _("This file cannot be read as a video: it is damaged, or its format is not supported.")


def too_much_metadata() -> str:
    """The message for a file with more metadata than any camera or editor writes."""
    return _(
        "The file contains too much metadata. "
        "Export it again without chapters, notes and other extras."
    )
