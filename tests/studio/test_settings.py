import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from studio.operations.checks import check_former_names
from studio.settings import one_of

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
        ("LANGUAGE_CODE", "xx"),
        ("SIGNED_URL_HOURS", "0"),
        ("MEDIA_URL_HOURS", "many"),
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


def test_a_bad_value_of_a_few_names_the_good_ones():
    with pytest.raises(ImproperlyConfigured, match=r"'en-us' is not known\. Use one of: de, en\."):
        one_of("LANGUAGE_CODE", "en-us", {"en", "de"})


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


@pytest.mark.parametrize(
    ("environ", "hours"),
    [
        ({}, 12),
        ({"MEDIA_URL_HOURS": "5"}, 5),
        ({"SIGNED_URL_HOURS": "6"}, 6),
        ({"MEDIA_URL_HOURS": "5", "SIGNED_URL_HOURS": "6"}, 6),
    ],
)
def test_a_variable_is_read_under_its_former_name_unless_the_new_one_is_set(
    environ: dict[str, str], hours: int, tmp_path: Path
):
    done = subprocess.run(
        [sys.executable, "-c", "from studio import settings; print(settings.SIGNED_URL_HOURS)"],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(tmp_path), **environ},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{hours}\n"


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (set(), []),
        ({"SIGNED_URL_HOURS"}, []),
        ({"MEDIA_URL_HOURS"}, ["MEDIA_URL_HOURS is now called SIGNED_URL_HOURS."]),
        (
            {"MEDIA_URL_HOURS", "SIGNED_URL_HOURS"},
            ["MEDIA_URL_HOURS and SIGNED_URL_HOURS are both set: SIGNED_URL_HOURS counts."],
        ),
    ],
)
def test_a_former_name_is_warned_of_with_the_new_one(names: set[str], said: list[str], settings):
    settings.SET_VARIABLES = frozenset(names)
    assert [warning.msg for warning in check_former_names()] == said


def test_every_command_that_checks_warns_of_a_former_name(tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(tmp_path), "MEDIA_URL_HOURS": "5"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "SIGNED_URL_HOURS" in done.stderr
