"""A small HTTP client: cookies, forms with their CSRF token, and an address of its own.

Each client connects from an address in 127.0.0.0/8, which the studio takes for its network.
"""

import http.client
import json
import socket
import time
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from tests.attack.forms import fields_with

CHROME = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36"
)


@dataclass(frozen=True)
class Answer:
    """A response: its status (0: no answer), headers in lower case, text, and how long it took."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    text: str = ""
    seconds: float = 0.0


class Browser:
    """One browser. `local` is the address it connects from, `agent` the name it gives."""

    def __init__(self, url: str, *, local: str = "127.0.0.1", agent: str = CHROME) -> None:
        self.url = url
        self.host = urlsplit(url).netloc
        self.local = local
        self.agent = agent
        self.cookies: dict[str, str] = {}
        self.line: http.client.HTTPConnection | None = None

    def request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        seconds: float = 30,
    ) -> Answer:
        """One request over a connection that is kept. No answer in time is status 0."""
        begun = time.perf_counter()
        sent = {"User-Agent": self.agent, "Host": self.host, **(headers or {})}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        for attempt in range(2):
            fresh = self.line is None
            try:
                line = self.connection(seconds)
                line.request(method, path, body, sent)
                response = line.getresponse()
                text = response.read().decode("utf-8", "replace")
                break
            except (OSError, http.client.HTTPException):
                self.close()
                if fresh or attempt:
                    return Answer(0, seconds=time.perf_counter() - begun)
        kept = {name.lower(): value for name, value in response.getheaders()}
        self.keep(response.headers.get_all("Set-Cookie") or [])
        return Answer(response.status, kept, text, time.perf_counter() - begun)

    def connection(self, seconds: float) -> http.client.HTTPConnection:
        if self.line is None:
            host, _, port = self.host.partition(":")
            self.line = http.client.HTTPConnection(
                host, int(port), timeout=seconds, source_address=(self.local, 0)
            )
        return self.line

    def close(self) -> None:
        if self.line is not None:
            self.line.close()
            self.line = None

    def keep(self, told: list[str]) -> None:
        for line in told:
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0" or not morsel.value:
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.coded_value

    def get(self, path: str, seconds: float = 30) -> Answer:
        return self.request("GET", path, seconds=seconds)

    def post(
        self,
        path: str,
        data: dict[str, object],
        seconds: float = 30,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Posts a form, with the CSRF token that the browser has."""
        token = self.cookies.get("csrftoken", "")
        body = urlencode({"csrfmiddlewaretoken": token, **data}, doseq=True).encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.url}
        return self.request("POST", path, body, kind | (headers or {}), seconds)

    def fill(self, path: str, data: dict[str, object]) -> Answer:
        """Opens a form, changes these fields of it, and posts it."""
        page = self.get(path)
        return self.post(path, {**fields_with(page.text, set(data)), **data})

    def sign_in(self, email: str, password: str) -> bool:
        """Whether the studio let us in."""
        self.get("/admin/login/")
        answer = self.post("/admin/login/", {"username": email, "password": password})
        return answer.status == 302

    def report(
        self,
        video: str,
        seconds: float,
        *,
        view: str = "",
        share: str | None = None,
        elapsed: float | None = None,
        seq: int = 1,
        ranges: list[list[float]] | None = None,
        padding: int = 0,
        key: str = "",
    ) -> Answer:
        """Reports a view in which the first `seconds` were played; with the tab's `key`, if any."""
        body = {
            "video": video,
            "share": share,
            "seq": seq,
            "elapsed": seconds if elapsed is None else elapsed,
            "ranges": [[0, seconds]] if ranges is None else ranges,
            "event": "playing",
            **({"key": key} if key else {}),
        }
        text = json.dumps(body) + " " * padding
        kind = {"Content-Type": "application/json", "Origin": self.url}
        path = f"/api/v1/views/{view or uuid4()}"
        return self.request("POST", path, text.encode(), kind, 10)


def is_open(url: str) -> bool:
    """Whether anything listens there."""
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 80), 1).close()
    except OSError:
        return False
    return True
