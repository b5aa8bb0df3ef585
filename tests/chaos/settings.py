"""Where the studio of a fault run lives, and the switches between it and its servers."""

import os
import shutil
import subprocess
import uuid
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from tests.chaos.proxy import Switch
from tests.ports import free_ports
from tests.s3 import endpoint

LONG = 14  # seconds of a video that is made in pieces
SECONDS = 6  # of a lease: what takes a minute in production takes six seconds here


@dataclass
class Surroundings:
    """What the processes of the studio are told, and what can be switched off around them."""

    environ: dict[str, str]
    port: int
    database: Switch | None = None
    storage: Switch | None = None
    disk: Path | None = None
    notes: list[str] = field(default_factory=list)


def environment(mode: str, folder: Path, stack: ExitStack) -> Surroundings:
    """Sets our own environment, and returns that of the studio's processes."""
    [port] = free_ports(1)
    data, temporary, mails = folder / "data", folder / "tmp", folder / "mails"
    for place in (data, temporary, mails):
        place.mkdir()
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "tests.chaos.studio",
        "DATA_DIR": str(data),
        "TMPDIR": str(temporary),
        "PORT": str(port),
        "BASE_URL": f"http://127.0.0.1:{port}",
        "SECRET_KEY": uuid.uuid4().hex,
        "EMAIL_URL": f"filemail:///{mails}",
        "JOB_LEASE_SECONDS": str(SECONDS),
        "CHUNK_FROM_SECONDS": str(LONG),
        "CHUNK_SECONDS": "6",
        "LOG_LEVEL": "INFO",
        "WEB_WORKERS": "2",
        "WEB_THREADS": "4",
    }
    around = Surroundings({}, port)
    around.disk = small_disk(temporary if mode == "servers" else data / "footage" / "sets", stack)
    if not around.disk:
        around.notes.append("no small disk could be mounted: a full disk is not tried")
    if mode == "servers":
        theirs = servers(folder, around, stack)
    else:
        os.environ.pop("DATABASE_URL", None)
        os.environ.pop("REDIS_URL", None)
        if template := os.environ.get("CHAOS_TEMPLATE"):
            shutil.copyfile(template, data / "studio.sqlite3")
        theirs = {}
    around.environ = {**os.environ, **theirs}
    return around


def servers(folder: Path, around: Surroundings, stack: ExitStack) -> dict[str, str]:
    """A database of our own, and S3, each behind a switch; what the studio is told of them."""
    given = os.environ.get("DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")
    url = urlsplit(given)
    name = f"chaos_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(given, autocommit=True) as server:
        template = os.environ.get("CHAOS_TEMPLATE", "template1")
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    stack.callback(drop, given, name)
    around.database = Switch(url.hostname or "127.0.0.1", url.port or 5432)
    stack.callback(around.database.close)
    (folder / "s3").mkdir()
    served = stack.enter_context(endpoint(folder / "s3"))
    at = urlsplit(served.url)
    around.storage = Switch(str(at.hostname), int(at.port or 0))
    stack.callback(around.storage.close)
    os.environ |= {
        **served.environ,
        "DATABASE_URL": url._replace(path=f"/{name}").geturl(),
        "REDIS_URL": os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/15"),
        "TRANSCODE_CLUSTER": "transcode",
    }
    who = f"{url.username}{':' + url.password if url.password else ''}"
    return {
        "DATABASE_URL": f"postgres://{who}@127.0.0.1:{around.database.port}/{name}",
        "S3_ENDPOINT_URL": f"http://127.0.0.1:{around.storage.port}",
    }


def drop(server_url: str, name: str) -> None:
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def small_disk(place: Path, stack: ExitStack) -> Path | None:
    """A disk of its own at a folder, whose size can be changed; None where we may not mount one."""
    place.mkdir(parents=True, exist_ok=True)
    if not resized(place, "1g", first=True):
        return None
    stack.callback(subprocess.run, ["umount", "-l", str(place)], check=False)
    return place


def resized(place: Path, size: str, *, first: bool = False) -> bool:
    """Gives the small disk another size."""
    options = f"size={size}" if first else f"remount,size={size}"
    ended = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "closing-shot-chaos", str(place)],
        capture_output=True,
        check=False,
    )
    return ended.returncode == 0


def used(place: Path) -> int:
    """Bytes in use on the disk at a folder."""
    disk = os.statvfs(place)
    return (disk.f_blocks - disk.f_bfree) * disk.f_frsize
