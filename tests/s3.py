"""A real S3 endpoint for tests: SeaweedFS from its wheel, in a folder of its own.

In a test: `from tests.s3 import s3, s3_footage` (both fixtures). On the command line
`python -m tests.s3 COMMAND …` runs a command with `S3_*` set to an endpoint that lives as long.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.apps import apps
from django.core.files.storage import storages

from tests.ports import free_ports

KEY_ID, SECRET = "studio", "only-for-tests"
PATIENCE = 60  # seconds for the endpoint to answer
IDENTITIES = {
    "identities": [
        {
            "name": "studio",
            "credentials": [{"accessKey": KEY_ID, "secretKey": SECRET}],
            "actions": ["Admin", "Read", "List", "Tagging", "Write"],
        }
    ]
}


@dataclass
class Endpoint:
    """A running endpoint with one bucket; `stop` and `start` make an outage."""

    url: str
    bucket: str
    command: list[str]
    log: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def environ(self) -> dict[str, str]:
        """What a studio is told to keep its footage here."""
        return {
            "S3_BUCKET": self.bucket,
            "S3_ENDPOINT_URL": self.url,
            "S3_ACCESS_KEY_ID": KEY_ID,
            "S3_SECRET_ACCESS_KEY": SECRET,
        }

    def client(self) -> Any:
        """boto3's client of the endpoint; gives up soon."""
        return boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=KEY_ID,
            aws_secret_access_key=SECRET,
            config=Config(
                s3={"addressing_style": "path"},
                signature_version="s3v4",
                connect_timeout=2,
                read_timeout=10,
                retries={"total_max_attempts": 1},
            ),
        )

    def start(self) -> None:
        """Starts it and waits until the bucket answers; what it kept is there again."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        end = time.monotonic() + PATIENCE
        while not self.answers():
            if time.monotonic() > end or self.process.poll() is not None:
                self.stop()
                raise RuntimeError(f"SeaweedFS does not answer.\n{self.log.read_text()[-3000:]}")
            time.sleep(0.2)

    def answers(self) -> bool:
        """Whether a small object can be written and read; the first write makes the bucket."""
        client = self.client()
        mine = (client.exceptions.BucketAlreadyOwnedByYou, client.exceptions.BucketAlreadyExists)
        try:
            with suppress(*mine):
                client.create_bucket(Bucket=self.bucket)
            client.put_object(Bucket=self.bucket, Key="ready", Body=b"ready")
            client.delete_object(Bucket=self.bucket, Key="ready")
        except (BotoCoreError, ClientError):
            return False
        return True

    def stop(self) -> None:
        """Ends it, at once: nothing answers any more."""
        if self.process:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


def command(folder: Path) -> tuple[str, list[str]]:
    """The endpoint's address, and the command that serves it out of a folder."""
    names = ["master", "master.g", "volume", "volume.g", "filer", "filer.g", "s3", "s3.g"]
    port = dict(zip(names, free_ports(len(names)), strict=True))
    config = folder / "s3.json"
    config.write_text(json.dumps(IDENTITIES))
    data = folder / "data"
    data.mkdir(exist_ok=True)
    return f"http://127.0.0.1:{port['s3']}", [
        *(str(Path(sys.executable).with_name("weed")), "-logtostderr", "server"),
        *(f"-dir={data}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3"),
        *(f"-master.port={port['master']}", f"-master.port.grpc={port['master.g']}"),
        *(f"-volume.port={port['volume']}", f"-volume.port.grpc={port['volume.g']}"),
        *(f"-filer.port={port['filer']}", f"-filer.port.grpc={port['filer.g']}"),
        *(f"-s3.port={port['s3']}", f"-s3.port.grpc={port['s3.g']}", f"-s3.config={config}"),
        *("-s3.port.iceberg=0", "-s3.port.lance=0", "-s3.iam=false", "-master.telemetry=false"),
        *(
            "-volume.max=200",
            "-master.electionTimeout=1s",
            "-master.peers=none",
            "-volume.minFreeSpace=1",
        ),
    ]


@contextmanager
def endpoint(folder: Path) -> Iterator[Endpoint]:
    """A running endpoint that keeps its objects in a folder."""
    url, run = command(folder)
    served = Endpoint(url, "footage", run, folder / "weed.log")
    served.start()
    try:
        yield served
    finally:
        served.stop()


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """One endpoint for the session."""
    with endpoint(tmp_path_factory.mktemp("s3")) as served:
        yield served


def keep_footage(
    settings: Any, monkeypatch: pytest.MonkeyPatch, backend: str, options: dict[str, Any]
) -> None:
    """The studio keeps its footage in another storage for one test."""
    kept = {"BACKEND": backend, "OPTIONS": options}
    settings.STORAGES = settings.STORAGES | {"footage": kept}
    have_fields_follow(monkeypatch)


def have_fields_follow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fields take their storage when their model is made; for one test, the one of now."""
    for name in ("source", "poster"):
        field = apps.get_model("media", "Cut")._meta.get_field(name)
        monkeypatch.setattr(field, "storage", storages["footage"])


@pytest.fixture
def s3_footage(s3: Endpoint, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Endpoint:
    """The studio keeps its footage on S3 for one test, in a folder of the bucket of its own."""
    prefix = uuid.uuid4().hex
    settings.S3_BUCKET = s3.bucket
    settings.S3_ENDPOINT_URL = settings.S3_PUBLIC_ENDPOINT_URL = s3.url
    settings.S3_ACCESS_KEY_ID, settings.S3_SECRET_ACCESS_KEY = KEY_ID, SECRET
    settings.S3_ADDRESSING_STYLE, settings.S3_PREFIX = "path", prefix
    options = {
        "bucket_name": s3.bucket,
        "endpoint_url": s3.url,
        "region_name": "us-east-1",
        "access_key": KEY_ID,
        "secret_key": SECRET,
        "addressing_style": "path",
        "signature_version": "s3v4",
        "location": f"{prefix}/footage",
        "default_acl": None,
        "file_overwrite": False,
    }
    keep_footage(settings, monkeypatch, "storages.backends.s3.S3Storage", options)
    return s3


def main(arguments: list[str]) -> int:
    """Runs a command with the variables of an endpoint; returns its exit status."""
    with tempfile.TemporaryDirectory(prefix="s3-") as folder, endpoint(Path(folder)) as served:
        environ = {**os.environ, **served.environ}
        return subprocess.run(arguments, env=environ, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
