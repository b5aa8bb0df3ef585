import os
import subprocess
import sys
import time

import pytest

from videos.media.storage import workdir

HOLDS = """
import sys, time
import django
from django.conf import settings
settings.configure(JOB_LEASE_SECONDS=60)
from videos.media.storage.workdir import work_folder
with work_folder("source") as folder:
    (folder / "source").write_bytes(b"half")
    print(folder, flush=True)
    time.sleep(120)
"""


@pytest.fixture(autouse=True)
def a_place_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setattr(workdir.tempfile, "tempdir", str(tmp_path))


def old(folder) -> None:
    then = time.time() - 3600
    os.utime(folder, (then, then))


def test_a_work_folder_is_gone_after_the_work(tmp_path):
    with workdir.work_folder("set") as folder:
        (folder / "half.m4s").write_bytes(b"half")
        assert folder.name == "set"
        assert [path.name for path in folder.iterdir()] == ["half.m4s"]
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_found_and_what_a_living_one_holds_is_not(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS],
        env=os.environ | {"TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        try:
            assert other.stdout.readline().strip().startswith(str(tmp_path))
            [folder] = tmp_path.iterdir()
            old(folder)
            assert workdir.sweep() == []
            assert folder.exists()
        finally:
            other.kill()
    assert workdir.sweep() == [folder]
    assert list(tmp_path.iterdir()) == []


def test_what_is_young_or_anothers_is_left_alone(tmp_path):
    young = tmp_path / f"{workdir.PREFIX}set-young"
    other = tmp_path / "something-else"
    for folder in (young, other):
        folder.mkdir()
    old(other)
    assert workdir.sweep() == []
    assert young.exists()
    assert other.exists()
