"""Every act of `make attack`, against a studio of its own on the database of this run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.django_db
def test_no_act_has_an_effect_and_honest_people_lose_nothing(
    tmp_path: Path, untouched: str
) -> None:
    # The machine is busy with other tests: patience is what is not measured here.
    told = {"ATTACK_PATIENCE": "20", "ATTACK_TEMPLATE": untouched, "ATTACK_LOGS": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "tests.attack"],
        cwd=ROOT,
        env=os.environ | told,
        capture_output=True,
        text=True,
        timeout=800,
        check=False,
    )
    logs = "\n".join(f"== {log.name}\n{log.read_text()[-3000:]}" for log in tmp_path.iterdir())
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr[-3000:]}\n{logs}"
