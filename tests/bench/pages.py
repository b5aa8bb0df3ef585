"""How much longer pages about one thing take where there is a thousand times as much of the rest.

A deal, a contact, a company, a video and the home pages, in a studio of twenty contacts and fifty
views, and in the same one when it has grown to `BENCH_CONTACTS` (20,000) and `BENCH_VIEWS`
(50,000). A page of a list, and the sums over the deals of a period, hold more in the larger one:
they have no promise. With `DATABASE_URL`, in a database of its own on that PostgreSQL.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path

from studio.people.roles import Role
from tests.bench.beacons import database
from tests.bench.figures import Figure, measurement
from tests.bench.uploading import environment, manage
from tests.ports import free_port

CONTACTS = int(os.environ.get("BENCH_CONTACTS", 20_000))
VIEWS = int(os.environ.get("BENCH_VIEWS", 50_000))
ROUNDS = int(os.environ.get("BENCH_PAGE_ROUNDS", 7))
MOST_GROWTH = 2
HOLD_MORE = {
    "the list of deals",
    *(f"home, {role.value}" for role in (Role.SALES_MANAGER, Role.FINANCE, Role.LEADER)),
}
SCRIPT = "from tests.bench.big_studio import measure; measure({contacts}, {views}, {rounds})"


@measurement("pages")
def pages(_clips: Path, folder: Path) -> Iterator[Figure]:
    """Seconds of each page of the large studio, and how many times the small one's that is."""
    with database() as where:
        env = environment(folder, free_port()) | where
        manage(env, "collectstatic", "--noinput", "-v0")
        manage(env, "createcachetable")
        manage(env, "migrate", "-v0")
        script = SCRIPT.format(contacts=CONTACTS, views=VIEWS, rounds=ROUNDS)
        seconds = json.loads(manage(env, "shell", "--no-imports", stdin=script))
    group = f"pages, {CONTACTS} contacts, {VIEWS} views, {'PostgreSQL' if where else 'SQLite'}"
    for name, large in seconds["large"].items():
        yield Figure(group, name, large, "s")
        growth = large / seconds["small"][name]
        most = None if name in HOLD_MORE else MOST_GROWTH
        yield Figure(group, f"{name}, by a small studio's", growth, most=most)
