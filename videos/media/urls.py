"""Where the files of sets are: openly, and with a user's leave in the path."""

from django.urls import path, register_converter

from videos.media.serving import media_file


class Token:
    """A user's leave, see signing.py."""

    regex = r"[0-9a-z]{1,9}-[0-9a-z]{1,9}\.[A-Za-z0-9_-]{20,64}"

    def to_python(self, value: str) -> str:
        return value

    to_url = to_python


register_converter(Token, "token")

urlpatterns = [
    path("media/<uuid:key>/~<token:token>/<path:path>", media_file, name="media_signed"),
    path("media/<uuid:key>/<path:path>", media_file, name="media_file"),
]
