"""One fault run: start the studio, break things one after the other, wait, and look."""

import json
import os
import random
import shutil
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from contextlib import ExitStack, suppress
from io import StringIO
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils.crypto import get_random_string
from django_q.brokers import get_broker

from studio.people.roles import Role
from tests.chaos import checks, processes
from tests.chaos.processes import Kept, kill, stubborn, wait_for
from tests.chaos.producer import Producer, clip
from tests.chaos.settings import LONG, SECONDS, Surroundings, resized, used
from tests.factories import UserFactory, VideoFactory
from videos.media.jobs.maintenance import every_minute
from videos.media.models import Job
from videos.planning.models import Stage

PATIENCE = 240
MOST_WAITING = 6  # cuts under way at once: the machine is small


def say(text: str) -> None:
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {text}\n")
    sys.stdout.flush()


class Upkeep(threading.Thread):
    """What the schedule does each minute, each few seconds; and what an init system does."""

    def __init__(self, kept: list[Kept], producer: Producer) -> None:
        super().__init__(daemon=True)
        self.kept, self.producer, self.is_over = kept, producer, threading.Event()

    def run(self) -> None:
        while not self.is_over.wait(SECONDS / 3):
            for one in self.kept:
                one.keep()
            every_minute()
            waiting = Job.objects.filter(state__in=["queued", "running"]).count()
            (self.producer.pause.set if waiting > MOST_WAITING else self.producer.pause.clear)()
        connection.close()

    def stop(self) -> None:
        self.is_over.set()
        self.join(60)


def prepare() -> tuple[list[int], dict[str, str]]:
    """An empty studio with a producer who is signed in, and videos to upload to."""
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    (settings.DATA_DIR / "static").mkdir(exist_ok=True)
    for name in filter(None, [None, settings.TRANSCODE_CLUSTER]):
        get_broker(name).purge_queue()
    get_broker().purge_queue()
    user = UserFactory(role=Role.PRODUCER)
    videos = [VideoFactory(stage=Stage.EDITING, producer=user).pk for _ in range(4)]
    client = Client()
    client.force_login(user)
    cookies = {
        settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value,
        "csrftoken": get_random_string(32),
    }
    connection.close()
    return videos, cookies


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def start(folder: Path, around: Surroundings) -> dict[str, Kept]:
    """The studio's processes, by name."""
    logs = folder / "logs"
    logs.mkdir()
    kept = {"web": Kept("web", processes.web(around.port), around.environ, logs / "web.log")}
    names = {"worker": ""}
    if settings.TRANSCODE_CLUSTER:
        names |= {"transcode": settings.TRANSCODE_CLUSTER, "transcode2": settings.TRANSCODE_CLUSTER}
    for name, cluster in names.items():
        environ = around.environ | (
            {"Q_CLUSTER_NAME": cluster, "Q_WORKERS": "1"} if cluster else {}
        )
        kept[name] = Kept(name, processes.cluster(), environ, logs / f"{name}.log")
    wait_for("the web server", 60, lambda: answers(around.port))
    return kept


class Faults:
    """Each fault, and how often it came about."""

    def __init__(self, kept: dict[str, Kept], around: Surroundings, seed: int) -> None:
        self.kept, self.around = kept, around
        self.random = random.Random(seed)
        self.counts: Counter[str] = Counter()

    @property
    def workers(self) -> list[Kept]:
        return [one for name, one in self.kept.items() if name != "web"]

    def kill_worker(self) -> bool:
        return kill(self.random.choice([p for one in self.workers for p in one.members()]))

    def kill_web(self) -> bool:
        return kill(self.random.choice(self.kept["web"].members()))

    def kill_ffmpeg(self) -> bool:
        tools = [pid for one in self.workers for pid in one.tools()]
        return bool(tools) and kill(self.random.choice(tools))

    def kills(self, rounds: int) -> None:
        """Kills each kind so many times, at random moments, in a random order."""
        wanted = ["kill_worker", "kill_web", "kill_ffmpeg"] * rounds
        self.random.shuffle(wanted)
        for name in wanted:
            time.sleep(self.random.uniform(0.2, 2.0))
            end = time.monotonic() + 60
            while not getattr(self, name)():
                assert time.monotonic() < end, f"there was nothing to {name}"
                time.sleep(0.05)
            self.counts[name] += 1

    def outage(self, name: str, seconds: float) -> None:
        switch = getattr(self.around, name)
        if switch is None:
            return
        say(f"{name} away for {seconds:.0f} s")
        switch.off()
        time.sleep(seconds)
        switch.on()
        self.counts[f"{name}_away"] += 1

    def full_disk(self, seconds: float) -> None:
        """The disk of the work is full, whatever is being written there."""
        disk = self.around.disk
        if disk is None:
            return
        say(f"disk full for {seconds:.0f} s")
        while not resized(disk, str(used(disk) + 64 * 1024)):
            time.sleep(0.1)  # more was written meanwhile
        time.sleep(seconds)
        resized(disk, "1g")
        self.counts["disk_full"] += 1

    def deploy(self) -> None:
        """Every cluster is told to stop in the middle of its work, and comes back."""
        self.counts["deploys_too_slow"] += len(stubborn(self.workers))
        self.counts["deploys"] += 1


def run(mode: str, folder: Path, around: Surroundings, stack: ExitStack) -> int:
    rounds = int(os.environ.get("CHAOS_ROUNDS", "30"))
    seed = int(os.environ.get("CHAOS_SEED", "1"))
    for note in around.notes:
        say(note)
    videos, cookies = prepare()
    contents = clip(folder / "clip.mp4"), clip(folder / "long.mp4", LONG)
    kept = start(folder, around)
    stack.callback(lambda: [one.stop() for one in kept.values() if one.process.poll() is None])
    producer = Producer(around.port, videos, cookies, contents, seed)
    upkeep = Upkeep(list(kept.values()), producer)
    producer.start()
    upkeep.start()
    faults = Faults(kept, around, seed)
    began = time.monotonic()
    stack.callback(keep_logs, folder)
    say(f"{mode}: {rounds} rounds, seed {seed}, {connection.vendor}")
    wait_for("the first cut", 60, lambda: Job.objects.filter(state="running").exists())
    faults.kills(rounds)
    faults.deploy()
    short, long = SECONDS / 3, SECONDS * 1.5  # than a lease
    for seconds in (short, long):
        faults.outage("storage", seconds)
        faults.outage("database", seconds)
    faults.full_disk(long)
    say("no more faults: what is under way may end")
    return verdict(mode, folder, kept, producer, upkeep, faults, began)


def verdict(mode, folder, kept, producer, upkeep, faults, began) -> int:  # type: ignore[no-untyped-def]
    producer.stop()
    wrong: list[str] = []
    with suppress(AssertionError):
        wait_for("everything to end", PATIENCE, checks.settled)
    time.sleep(SECONDS + 1)  # for the youngest work folder to be old enough
    upkeep.stop()
    every_minute()
    starts = {name: one.starts for name, one in kept.items()}
    wrong += [f"{one.name} did not stop" for one in stubborn(list(kept.values()))]
    every_minute()
    unowned = checks.unowned()
    wrong += [f"nobody owns {orphan.name}" for orphan in unowned if not is_half_upload(orphan.name)]
    call_command("media_orphans", "--remove", "--grace-hours", "0", "--json", stdout=StringIO())
    wrong += [f"nobody owns {orphan.name}" for orphan in checks.unowned()]
    wrong += list(checks.violations(producer.taken))
    wrong += [f"a process is left: {line}" for line in processes.left_over(folder)]
    mails = len(list((folder / "mails").iterdir()))
    told = {
        "mode": mode,
        "faults": dict(faults.counts),
        "restarts": starts,
        "uploads": {"taken": len(producer.taken), "broken off": producer.broken},
        **checks.summary(),
        "half uploads removed": len([o for o in unowned if is_half_upload(o.name)]),
        "mails": mails,
        "seconds": round(time.monotonic() - began),
        "violations": wrong,
    }
    say(json.dumps(told, indent=2, default=str))
    return 1 if wrong else 0


def keep_logs(folder: Path) -> None:
    """Copies the processes' logs to where `CHAOS_LOGS` says, if it does."""
    if kept := os.environ.get("CHAOS_LOGS"):
        shutil.copytree(folder / "logs", kept, dirs_exist_ok=True)


def is_half_upload(name: str) -> bool:
    """Whether it is a source whose upload broke off before the studio said yes."""
    return name.startswith(("sources/", "uploads/"))
