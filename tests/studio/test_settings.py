import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def variables_read() -> set[str]:
    """Names given to `env.…("NAME")` and `os.environ` in the settings."""
    tree = ast.parse((ROOT / "studio/settings.py").read_text())
    return {
        call.args[0].value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "env"
        and isinstance(call.args[0], ast.Constant)
    }


def test_every_variable_is_documented_and_no_other():
    rows = re.findall(r"^\|(.+?)\|", (ROOT / "docs/configuration.md").read_text(), re.MULTILINE)
    documented = {name for cell in rows for name in re.findall(r"`([A-Z][A-Z0-9_]+)`", cell)}
    assert documented == variables_read()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TIME_ZONE", "Europe/Nowhere"),
        ("CURRENCY", "euro"),
        ("BASE_URL", "studio.example"),
        ("VIEW_MIN_SECONDS", "three"),
        ("RATE_LIMITS", "maybe"),
    ],
)
def test_a_bad_value_stops_the_start_with_its_name(name: str, value: str, tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-c", "import studio.settings"],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(tmp_path), name: value},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert name in done.stderr.splitlines()[-1]


def test_the_secret_key_is_made_once_and_kept_from_others(tmp_path: Path):
    command = [sys.executable, "-c", "from studio import settings; print(settings.SECRET_KEY)"]
    env = {**os.environ, "DATA_DIR": str(tmp_path)}
    env.pop("SECRET_KEY", None)
    first, second = (
        subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
        for _ in range(2)
    )
    assert first.stdout == second.stdout != "\n"
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0
