"""A published video, and a browser that plays it."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.videos.audience.factories import public_video
from videos.planning.models import Video

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"


@pytest.fixture
def video(db: None) -> Video:
    return public_video(duration_seconds="60")


@pytest.fixture
def visitor() -> Client:
    """A person's browser that nobody knows."""
    return Client(headers={"User-Agent": FIREFOX})


@pytest.fixture
def view_id() -> str:
    return str(uuid.uuid4())


@pytest.fixture
def play(video: Video, view_id: str, visitor: Client) -> Callable[..., HttpResponse]:
    """Sends one beacon of a view; what is not given is a good first one of five seconds."""

    def send(
        *, client: Client = visitor, view: str = view_id, body: Any = None, **changes: Any
    ) -> HttpResponse:
        fields = {
            "video": video.public_id,
            "share": None,
            "seq": 0,
            "elapsed": 5,
            "ranges": [[0, 5]],
            "event": "pause",
        }
        sent = json.dumps(fields | changes) if body is None else body
        return client.post(f"/api/v1/views/{view}", sent, content_type="text/plain;charset=UTF-8")

    return send
