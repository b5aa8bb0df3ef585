"""What is said to who puts a studio on a server, and the files that they copy."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.checks import CheckMessage

from studio.operations.checks import check_deployment

ROOT = Path(__file__).resolve().parents[3]
FILES = ROOT / "docs" / "deploy"
PAGE = (ROOT / "docs" / "deploy.md").read_text()
SECRET = "0123456789" * 6
PUBLIC = "https://studio.example"
UNITS = sorted(path.name for path in FILES.glob("closing-shot*"))


def environment() -> dict[str, str]:
    """The variables of the file that people copy, as it is."""
    lines = (FILES / "environment").read_text().splitlines()
    said = [line.partition("=") for line in lines if line and not line.startswith("#")]
    return {name: value for name, _sign, value in said}


@pytest.fixture
def server(settings, monkeypatch, tmp_path):
    """Settings of a studio to which nothing has to be said."""
    settings.BASE_URL = PUBLIC
    settings.SECURE_HSTS_SECONDS = 3600
    settings.ALLOWED_HOSTS = ["studio.example"]
    settings.DEBUG = False
    settings.SECRET_KEY = SECRET
    settings.MAIL_TRANSPORT = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "mail.studio.example"
    settings.RATE_LIMITS = "on"
    settings.STATIC_ROOT = tmp_path
    (tmp_path / "staticfiles.json").write_text("{}")
    monkeypatch.setenv("TIME_ZONE", "UTC")
    monkeypatch.setenv("CURRENCY", "EUR")
    return settings


def ids(messages: list[CheckMessage]) -> list[str | None]:
    return [one.id for one in messages]


def test_nothing_is_said_of_a_studio_that_is_ready_for_others(server):
    assert check_deployment() == []


@pytest.mark.parametrize(
    ("name", "value", "warning"),
    [
        ("BASE_URL", "http://127.0.0.1:8000", "operations.W001"),
        ("BASE_URL", "http://studio.example", "operations.W002"),
        ("SECURE_HSTS_SECONDS", 0, "operations.W003"),
        ("ALLOWED_HOSTS", ["*"], "operations.W004"),
        ("DEBUG", True, "operations.W005"),
        ("SECRET_KEY", "short", "operations.W006"),
        ("SECRET_KEY", "a" * 60, "operations.W006"),
        ("MAIL_TRANSPORT", "django.core.mail.backends.console.EmailBackend", "operations.W007"),
        ("RATE_LIMITS", "off", "operations.W008"),
        ("STATIC_ROOT", "/nowhere", "operations.W010"),
        ("BASE_URL", "https://studio.example.com", "operations.W011"),
        ("EMAIL_HOST", "mail.example.com", "operations.W012"),
    ],
)
def test_each_setting_that_is_wrong_on_a_server_is_named(server, name, value, warning):
    setattr(server, name, value)
    assert ids(check_deployment()) == [warning]


@pytest.mark.parametrize("name", ["CURRENCY", "TIME_ZONE"])
def test_what_is_hard_to_change_later_has_to_be_said(server, monkeypatch, name):
    monkeypatch.delenv(name)
    [message] = check_deployment()
    assert (message.id, name in message.msg) == ("operations.W009", True)


def checked(tmp_path: Path, **filled: str) -> subprocess.CompletedProcess[str]:
    """`check --deploy` with the settings that people copy, and what they fill in.

    Django's own checks run, too: none of them may speak of settings that nobody here sets.
    """
    (tmp_path / "static").mkdir()
    manifest = {"version": "1.1", "paths": {}, "hash": ""}
    (tmp_path / "static" / "staticfiles.json").write_text(json.dumps(manifest))
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment(), "DATA_DIR": str(tmp_path), **filled},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_settings_that_people_copy_pass_the_check_when_they_are_filled_in(tmp_path):
    done = checked(
        tmp_path,
        SECRET_KEY=SECRET,
        BASE_URL=PUBLIC,
        EMAIL_URL="smtp+tls://user:p%40ssword@mail.studio.example:587",
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("System check identified no issues")


def test_of_the_settings_that_people_copy_the_check_names_the_examples(tmp_path):
    done = checked(tmp_path)
    assert done.returncode == 1
    assert set(re.findall(r"operations\.W\d+", done.stderr)) == {
        "operations.W011",
        "operations.W012",
    }


@pytest.mark.parametrize(
    ("where", "pattern"),
    [
        ("docs/configuration.md", r"`([A-Z][A-Z0-9_]+)`"),
        ("studio/settings.py", r'"([A-Z][A-Z0-9_]+)"'),
    ],
)
def test_each_copied_setting_is_one_of_the_studio_s(where, pattern):
    known = re.findall(pattern, (ROOT / where).read_text())
    assert set(environment()) - set(known) == set()


@pytest.mark.parametrize("name", ["Caddyfile", "nginx.conf"])
def test_the_page_shows_the_files_word_for_word(name):
    assert (FILES / name).read_text() in PAGE


def test_the_units_start_what_the_procfile_names():
    """So that a server runs the same processes as `make run`."""
    named = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    started = {}
    for name, command in named.items():
        unit = (FILES / f"closing-shot-{name}.service").read_text()
        [started[name]] = re.findall(r"^ExecStart=/opt/closing-shot/\.venv/bin/(.+)$", unit, re.M)
        assert ("Q_CLUSTER_NAME=transcode" in unit) == ("Q_CLUSTER_NAME" in command)
    plain = {
        name: command.replace("env Q_CLUSTER_NAME=$TRANSCODE_CLUSTER ", "")
        for name, command in named.items()
    }
    assert started == plain


def test_the_transcode_unit_takes_from_the_queue_that_the_settings_name():
    unit = (FILES / "closing-shot-transcode.service").read_text()
    [cluster] = re.findall(r"^Environment=Q_CLUSTER_NAME=(.+)$", unit, re.M)
    assert cluster == environment()["TRANSCODE_CLUSTER"]


def test_the_page_tells_what_each_file_is_for():
    names = {path.name.removesuffix(".service") for path in FILES.iterdir()}
    assert {name for name in names if name not in PAGE} == set()


def test_the_page_starts_and_stops_what_is_there():
    """A name that no file has would fail on the server, in the middle of a list of commands."""
    named = {
        word
        for line in re.findall(r"systemctl [a-z]+ (.+)", PAGE)
        for word in re.findall(r"(?<!/)closing-shot[\w.-]*\*?", line)
        if not word.endswith("*")  # a pattern of names
    }
    there = {unit.removesuffix(".service") for unit in UNITS}
    assert named - there == set()


# What the tools themselves say of the files; each test runs where its tool is installed


def needs(tool: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(tool) is None, reason=f"{tool} is not installed")


def ran(*command: str | Path, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command],
        env={"PATH": os.environ["PATH"], **environ},
        capture_output=True,
        text=True,
        check=False,
    )


@needs("systemd-analyze")
def test_systemd_takes_the_units(tmp_path):
    """It looks for the programs that they start, which are another file's here."""
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for unit in UNITS:
        text = (FILES / unit).read_text()
        (tmp_path / unit).write_text(
            re.sub(r"^ExecStart=\S+", f"ExecStart={program}", text, flags=re.M)
        )
    done = ran(
        "systemd-analyze",
        "verify",
        "--man=no",
        "--recursive-errors=no",
        *(tmp_path / unit for unit in UNITS),
    )
    assert (done.returncode, done.stderr) == (0, "")


@needs("nginx")
@needs("openssl")
def test_nginx_takes_its_file(tmp_path):
    key, certificate = tmp_path / "privkey.pem", tmp_path / "fullchain.pem"
    made = ran(
        *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
        *("-nodes", "-subj", "/CN=studio.example.com", "-keyout", key, "-out", certificate),
    )
    assert made.returncode == 0, made.stderr
    site = (FILES / "nginx.conf").read_text()
    site = site.replace("/etc/letsencrypt/live/studio.example.com", str(tmp_path))
    site = re.sub(r"(listen (?:\[::\]:)?)(80|443)\b", r"\g<1>2\g<2>0", site)  # nobody need be root
    (tmp_path / "site.conf").write_text(site)
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid; error_log stderr; events {{}} "
        "http { access_log off; include site.conf; }"
    )
    done = ran("nginx", "-t", "-p", tmp_path, "-c", tmp_path / "nginx.conf")
    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr


@needs("caddy")
def test_caddy_takes_its_file(tmp_path):
    done = ran(
        *("caddy", "validate", "--adapter", "caddyfile", "--config", FILES / "Caddyfile"),
        HOME=str(tmp_path),
    )
    assert done.returncode == 0, done.stderr


class Server:
    """A folder in the place of a server's, and the script that backs it up.

    Who it runs as and the database's own tool are others here.
    """

    def __init__(self, at: Path) -> None:
        self.at, self.kept, self.data = at, at / "kept", at / "data"
        (at / "bin").mkdir()
        (self.data / "footage").mkdir(parents=True)
        (self.data / "footage" / "film").write_text("a film")
        (at / "environment").write_text(f"DATA_DIR={self.data}\nDATABASE_URL=postgres:///films\n")
        self.program("runuser", 'shift 3; exec "$@"')
        self.program("git", "echo 1a2b3c")
        self.program("pg_dump", 'echo "dump of $2"')
        script = (FILES / "backup").read_text()
        script = script.replace("/etc/closing-shot/environment", str(at / "environment"))
        self.script = at / "backup"
        self.script.write_text(script)

    def program(self, name: str, says: str) -> None:
        path = self.at / "bin" / name
        path.write_text(f"#!/bin/sh\n{says}\n")
        path.chmod(0o755)

    def backup(self) -> int:
        path = f"{self.at / 'bin'}:{os.environ['PATH']}"
        return ran("sh", self.script, self.kept, PATH=path).returncode

    def files(self) -> dict[str, str]:
        """What is kept, by name; times are left out."""
        return {
            re.sub(
                r"\d{4}-\d\d-\d\dT\d{6}Z", "TIME", str(path.relative_to(self.kept))
            ): path.read_text()
            for path in self.kept.rglob("*")
            if path.is_file()
        }


@pytest.fixture
def server_folder(tmp_path) -> Server:
    return Server(tmp_path)


@needs("rsync")
def test_the_backup_holds_all_that_cannot_be_made_again(server_folder):
    (server_folder.data / "secret_key").write_text("a secret")
    (server_folder.data / "static").mkdir()
    (server_folder.data / "static" / "site.css").write_text("made again")
    assert server_folder.backup() == 0
    assert server_folder.files() == {
        "database-TIME-1a2b3c.dump": "dump of postgres:///films\n",
        "environment": (server_folder.at / "environment").read_text(),
        "secret_key": "a secret",
        "files/footage/film": "a film",
    }
    assert server_folder.kept.stat().st_mode & 0o077 == 0


@needs("rsync")
def test_the_backup_puts_aside_what_the_studio_removed(server_folder):
    assert server_folder.backup() == 0
    (server_folder.data / "footage" / "film").unlink()
    assert server_folder.backup() == 0
    kept = server_folder.files()
    assert kept["removed/TIME/footage/film"] == "a film"
    assert "files/footage/film" not in kept


@needs("rsync")
def test_a_backup_without_a_database_fails_and_leaves_no_half_of_one(server_folder):
    server_folder.program("pg_dump", "echo half of it; exit 1")
    assert server_folder.backup() != 0
    assert server_folder.files() == {}
