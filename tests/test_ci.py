"""The forge's workflow runs what `.ci/run` runs."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COMMAND = re.compile(r"^(?:\s+run: )?((?:make|\.venv/bin/python -m) [\w.\- ]+)$", re.MULTILINE)


def commands(path: str) -> list[str]:
    return COMMAND.findall((ROOT / path).read_text())


def test_the_workflow_runs_every_command_of_the_script_in_its_order():
    assert commands(".ci/run") == [
        "make setup",
        "make lint",
        "make test",
        ".venv/bin/python -m tests.s3 make test-database",
    ]
    assert commands(".github/workflows/ci.yml") == commands(".ci/run")
