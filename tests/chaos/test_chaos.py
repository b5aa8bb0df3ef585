"""A short fault run, over the servers that the tests run on; `make chaos` is the long one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.django_db
def test_whatever_breaks_every_cut_ends_and_nothing_is_lost_or_done_twice(
    tmp_path: Path, untouched: str
):
    mode = "servers" if connection.vendor == "postgresql" and settings.REDIS_URL else "laptop"
    environ = os.environ | {
        "CHAOS_ROUNDS": "2",
        "CHAOS_TEMPLATE": untouched,
        "CHAOS_LOGS": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos", mode],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    logs = "\n".join(f"== {log.name}\n{log.read_text()[-3000:]}" for log in tmp_path.iterdir())
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr[-3000:]}\n{logs}"
