"""Floods: B2 and B3, beacons; B4, sockets that say nothing."""

import threading
import time
from uuid import uuid4

from tests.attack.result import Result
from tests.attack.sockets import KINDS
from tests.attack.sockets import run as stall
from tests.attack.target import Target

WHOLE = 120  # seconds, in which a whole window of the limit lies, on however slow a machine
HOLD = 4.0  # seconds: longer than a word is waited for, far shorter than any deadline
ROUNDS = 40  # of each of four senders: a megabyte altogether
SILENT = ("idle", "slow headers", "slow bodies", "slow uploads")
SIZE_ON_DISK = """
from videos.audience.models import View
import json
print(max((len(json.dumps(view.ranges)) for view in View.objects.all()), default=0))
print(View.objects.count())
"""


def new_views(target: Target) -> Result:
    """New views as fast as one connection can, by a stranger from one network."""
    result = Result("B2 new views from one network")
    browser = target.visitor("127.0.6.1")
    begun = time.monotonic()
    while result.tried < 2000 and not result.refused and time.monotonic() - begun < WHOLE:
        answer = browser.report(target.scene["video"], 6, view=str(uuid4()), elapsed=6)
        result.tried += 1
        result.refused += answer.status == 429
    spent = time.monotonic() - begun
    taken = result.tried - result.refused
    result.note(f"{result.tried / spent:.0f} a second sent, refused after {taken} new views")
    result.expect(result.refused > 0, "31 new views a second from one connection are all taken")
    hidden = browser.report(target.scene["hidden"], 6)
    result.expect(hidden.status in {400, 404, 429}, "a video without a public page takes views")
    return result


def large_reports(target: Target) -> Result:
    """A megabyte of reports, each with as many tiny ranges as fit, over and over into one view."""
    result = Result("B3 reports with many ranges")
    scene = target.scene
    view = str(uuid4())

    def send(number: int) -> None:
        browser = target.visitor(f"127.0.6.{number + 10}")
        for round_ in range(ROUNDS):
            shift = (number * ROUNDS + round_) * 0.0001
            ranges = [
                [i * 0.11 + shift, i * 0.11 + shift + 0.00005]
                for i in range(250 + round_ % 2 * 250)
            ]
            answer = browser.report(
                scene["video"], 6, view=view, elapsed=59, ranges=ranges, seq=number * 1000 + round_
            )
            with lock:
                result.tried += 1
                result.refused += answer.status in {400, 413, 429}

    lock = threading.Lock()
    threads = [threading.Thread(target=send, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    size = int(target.run(SIZE_ON_DISK).splitlines()[-2])
    result.note(f"the largest view keeps {size} bytes of ranges")
    result.expect(size < 20_000, f"a view keeps {size} bytes of ranges")
    large = target.visitor("127.0.6.30").report(scene["video"], 6, padding=1_000_000)
    result.expect(large.status in {400, 413}, f"a body of a megabyte is answered {large.status}")
    return result


def idle_sockets(target: Target) -> Result:
    """Sockets that are opened and then say nothing, or too little, or do not read."""
    result = Result("B4 idle sockets")
    for sockets, kinds in ((60, tuple(KINDS)), (600, SILENT)):
        found = stall(
            target.url, sockets=sockets, seconds=HOLD * len(kinds), path="/healthz", kinds=kinds
        )
        for kind, told in found.items():
            result.tried += sockets
            result.refused += sockets - int(told["still_open"])
            result.expect(
                not told["lost"],
                f"beside {sockets} sockets ({kind}) {told['lost']} of {told['asked']} were lost",
            )
        slowest = max(told["slowest"] for told in found.values())
        result.note(f"{sockets} sockets of each of {len(kinds)} kinds: slowest answer {slowest} s")
    return result
