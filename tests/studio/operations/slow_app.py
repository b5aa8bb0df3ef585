"""A small WSGI application to be slow with."""

import tempfile
from hashlib import sha256

LARGE = 32 * 1024**2
_file = tempfile.NamedTemporaryFile()  # noqa: SIM115 as long as the process
_file.truncate(LARGE)
kept = {"bytes": 0}


def application(environ, start_response):
    def answer(status, body):
        start_response(status, [("Content-Length", str(len(body)))])
        return [body]

    path, body = environ["PATH_INFO"].removeprefix("/admin"), environ["wsgi.input"]
    if path == "/file":
        start_response("200 OK", [("Content-Length", str(LARGE))])
        return environ["wsgi.file_wrapper"](open(_file.name, "rb"), 65536)
    if path == "/pieces":
        start_response("200 OK", [("Content-Length", str(LARGE))])
        return (bytes(65536) for _number in range(LARGE // 65536))
    if path == "/refused":
        return answer("403 Forbidden", b"no")
    if path == "/kept":
        return answer("200 OK", str(kept["bytes"]).encode())
    if environ["REQUEST_METHOD"] == "PATCH":
        kept["bytes"] = 0
        try:
            while data := body.read(1000):
                kept["bytes"] += len(data)
        except OSError:
            return answer("400 Bad Request", b"it broke off")
        return answer("200 OK", str(kept["bytes"]).encode())
    return answer("200 OK", sha256(body.read()).hexdigest().encode())
