"""What the studio hears of a request through gunicorn with our settings, and what it answers."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from gunicorn.config import Config
from gunicorn.http import RequestParser
from gunicorn.http.wsgi import create

from studio.operations import webserver
from studio.wsgi import application
from tests.videos.publishing.factories import live_page

FIELDS = [
    "SCRIPT_NAME: /vi",
    "Script-Name: /vi",
    "X-Script-Name: /vi",
    "PATH_INFO: /admin/",
    "Path-Info: /admin/",
    "REMOTE_USER: admin",
    "Remote-User: admin",
    "X-Original-URL: /admin/",
    "X-Rewrite-URL: /admin/",
    "X-HTTP-Method-Override: DELETE",
    "X-HTTP-Method: DELETE",
    "X-Forwarded-Host: evil.example",
    "X_Forwarded_Host: evil.example",
    "X-Host: evil.example",
    "Forwarded: host=evil.example;proto=https",
    "X-Forwarded-Port: 1",
    "X-Forwarded-Prefix: /evil",
    "X-Forwarded-Proto: https",
    "X-Forwarded-Protocol: ssl",
    "X-Forwarded-Ssl: on",
    "X-Forwarded-Scheme: https",
    "X-Url-Scheme: https",
    "X-Forwarded-For: 10.0.0.1",
    "X-Real-Ip: 10.0.0.1",
    "Front-End-Https: on",
    "Upgrade: h2c",
    "Accept-Language: de",
    "Accept: application/json",
    "Accept-Encoding: gzip, br",
    "Authorization: Basic YTpi",
    "Cookie: csrftoken=x; messages=x",
    "Referer: https://evil.example/",
    "Origin: https://evil.example",
    "X-Requested-With: XMLHttpRequest",
    "User-Agent: evil",
]


def environ_of(method: str, path: str, *fields: str) -> dict[str, Any]:
    """What gunicorn tells the studio of a request that comes from a proxy on this machine."""
    config = Config()
    for name, value in vars(webserver).items():
        if name in config.settings:
            config.set(name, value)
    lines = [f"{method} {path} HTTP/1.1", "Host: testserver", *fields, "", ""]
    ours, theirs = socket.socketpair()
    with ours, theirs:
        client, server = ("127.0.0.1", 50000), ("127.0.0.1", 8000)
        request = next(RequestParser(config, iter(["\r\n".join(lines).encode()]), client))
        environ: dict[str, Any] = create(request, ours, client, server, config)[1]
    return environ


def ask(method: str, path: str, *fields: str) -> tuple[str, dict[str, str], bytes]:
    """Status, headers and body of an answer of the studio."""
    told: list[Any] = []
    body = application(environ_of(method, path, *fields), lambda *args: told.extend(args))
    status, headers = told
    try:
        return status, dict(headers), b"".join(body)
    finally:
        getattr(body, "close", lambda: None)()


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """Requests leave the connection to the database open, as with Django's test client."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def path(db: None) -> str:
    """Where a public page is."""
    return str(live_page(title="When does it pay?").url)


@pytest.mark.parametrize("field", FIELDS)
def test_no_header_of_a_request_changes_a_public_page(path: str, field: str):
    plain = ask("GET", path)
    assert plain[0] == "200 OK"
    assert ask("GET", path, field) == plain
    assert ask("GET", path) == plain


def test_a_client_cannot_say_that_it_is_secure_but_a_proxy_can_where_the_studio_is(settings):
    proto = "X-Forwarded-Proto: https"
    assert not WSGIRequest(environ_of("GET", "/", proto)).is_secure()
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")  # BASE_URL=https://…
    assert WSGIRequest(environ_of("GET", "/", proto)).is_secure()
    assert not WSGIRequest(environ_of("GET", "/")).is_secure()
    assert not WSGIRequest(environ_of("GET", "/", "X_FORWARDED_PROTO: https")).is_secure()


@pytest.mark.parametrize("where", ["page", "/none/", "/healthz", "/admin/"])
def test_head_is_answered_as_get_is_without_the_body(path: str, where: str):
    where = path if where == "page" else where
    got, head = ask("GET", where), ask("HEAD", where)
    assert head == (*got[:2], b"")


def test_a_public_page_tells_its_length_and_tag_to_head(path: str):
    _status, headers, body = ask("GET", path)
    _status, told, _nothing = ask("HEAD", path)
    assert (told["Content-Length"], told["ETag"]) == (str(len(body)), headers["ETag"])
    assert ask("HEAD", path, f"If-None-Match: {told['ETag']}")[0] == "304 Not Modified"
