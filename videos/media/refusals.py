"""The sentences for files that are not taken, as a producer would say them."""

from django.utils.translation import gettext as _

from videos.media.sniff import Kind


def refusal(kind: Kind) -> str:
    """The sentence for a file that its bytes give away; empty for what may be a video."""
    return {
        Kind.EMPTY: _("The file is empty."),
        Kind.TEXT: _("This is a text, not a video."),
        Kind.PLAYLIST: _("This is a playlist, not a video: upload the video itself."),
        Kind.PICTURE: _("This is a still picture, not a video."),
        Kind.DOCUMENT: _("This is a document, not a video."),
        Kind.ARCHIVE: _("This is an archive, not a video: unpack it and upload the video itself."),
        Kind.BROKEN_OFF: _("The file ends in the middle: export or copy it once more."),
        Kind.PROTECTED: protected(),
    }.get(kind, "")


def protected() -> str:
    """The sentence for encrypted pictures or sound."""
    return _("It is protected (encrypted) and cannot be played: export it without protection.")


def times_jump() -> str:
    """The sentence for time stamps that nobody could wait for."""
    return _("The file is damaged: its times jump by hours.")


def unknown() -> str:
    """The sentence for what no tool can read."""
    return _("This is no video that we can read: it is damaged, or of an unknown kind.")
