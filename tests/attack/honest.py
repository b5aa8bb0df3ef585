"""Honest people at work while the studio is attacked: what they lose is the attack's success."""

import os
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from uuid import uuid4

from tests.attack.browser import Browser
from tests.attack.target import Target

PAUSE = 0.5  # seconds between two acts of one person
PATIENCE = float(os.environ.get("ATTACK_PATIENCE", 2))  # seconds to wait for an answer
VIEWERS = 3


@dataclass
class Lost:
    """What honest people asked for, and what of it they did not get within their patience."""

    asked: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0

    def note(self, what: str, kept: bool, seconds: float) -> None:
        self.asked[what] += 1
        self.slowest = max(self.slowest, seconds)
        if not kept:
            self.lost[what] += 1


class Honest:
    """A producer who reads the admin and visitors who watch, each from an address of their own."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.result = Lost()
        self.over = threading.Event()
        producer = target.as_user("producer")
        people = [partial(self.read, producer)]
        people += [partial(self.watch, f"127.0.2.{number + 1}") for number in range(VIEWERS)]
        self.threads = [threading.Thread(target=one, daemon=True) for one in people]

    def __enter__(self) -> Lost:
        for thread in self.threads:
            thread.start()
        return self.result

    def __exit__(self, *raised: object) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join(60)

    def read(self, producer: Browser) -> None:
        while not self.over.wait(PAUSE):
            answer = producer.get("/admin/", PATIENCE)
            self.result.note("admin page", answer.status == 200, answer.seconds)

    def watch(self, local: str) -> None:
        """Opens the page, then reports what is played, in one view."""
        browser = self.target.visitor(local)
        page = browser.get(self.target.scene["page_url"], PATIENCE)
        self.result.note("public page", page.status == 200, page.seconds)
        view, begun, seq = str(uuid4()), time.monotonic(), 0
        while not self.over.wait(PAUSE):
            seq += 1
            played = round(time.monotonic() - begun, 3)
            answer = browser.report(
                self.target.scene["video"], min(played, 59), view=view, elapsed=played, seq=seq
            )
            self.result.note("report of a view", answer.status == 204, answer.seconds)
