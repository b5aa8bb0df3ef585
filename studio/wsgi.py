"""The door for a WSGI server such as gunicorn."""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.core.wsgi import get_wsgi_application

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")


def without_bodies_for_head(answer: "WSGIApplication") -> "WSGIApplication":
    """The same application, whose answers to HEAD are those to GET without their body.

    Django makes the body all the same, for its length and its ETag, and has the server drop it.
    """

    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        body: Any = answer(environ, start_response)
        if environ["REQUEST_METHOD"] != "HEAD":
            return body  # type: ignore[no-any-return]
        if hasattr(body, "close"):
            body.close()
        return ()

    return application


application = without_bodies_for_head(get_wsgi_application())
