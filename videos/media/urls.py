"""URLs of the files of rendition sets, with and without a token."""

from django.urls import path, register_converter

from videos.media.delivery.views import media_file


class Token:
    """A signed token, see delivery/tokens.py."""

    regex = r"[0-9a-z]{1,9}-[0-9a-z]{1,9}\.[A-Za-z0-9_-]{20,64}"

    def to_python(self, value: str) -> str:
        return value

    to_url = to_python


register_converter(Token, "token")

urlpatterns = [
    path("media/<uuid:key>/~<token:token>/<path:path>", media_file, name="media_signed"),
    path("media/<uuid:key>/<path:path>", media_file, name="media_file"),
]
