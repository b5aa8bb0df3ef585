"""Every command of ours says what is wrong in one line, with its status."""

import datetime as dt
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.management import CommandError, load_command_class
from django.utils.timezone import now

from studio.commands import StudioCommand, as_line
from tests.factories import ShareLinkFactory, VideoFactory, ViewFactory
from tests.videos.deals.factories import DealContactFactory, DealFactory

OURS = {
    "influence": "videos.deals",
    "import_crm": "videos.deals",
    "import_views": "videos.deals",
    "budget_report": "budgets",
    "transcode": "videos.media",
    "s3_cors": "videos.media",
    "demo": "studio.operations",
    "first_run": "studio.people",
}
NO_DATABASE = (
    "CommandError: The studio has no database yet: run make run or manage.py migrate first.\n"
)


def typed(*command, **env):
    """The command in a process of its own, as a person types it."""
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=settings.BASE_DIR,
        env=kept | env,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", OURS)
def test_an_unknown_option_is_one_line_and_status_2(name, capsys, tmp_path):
    needed = {"import_crm": ["x"], "import_views": ["x"], "transcode": [__file__, str(tmp_path)]}
    wrong = [*needed.get(name, []), "--no\u2028such\n\x1b[1m"]
    with pytest.raises(SystemExit) as ended:
        load_command_class(OURS[name], name).run_from_argv(["manage.py", name, *wrong])
    assert ended.value.code == 2
    said = capsys.readouterr()
    assert (said.out, said.err) == (
        "",
        f"manage.py {name}: unrecognized arguments: --no such  [1m\n",
    )


@pytest.mark.parametrize(
    ("name", "missing"), [("import_crm", "DIR"), ("import_views", "DIR"), ("transcode", "OUTDIR")]
)
def test_a_missing_argument_is_one_line_and_status_2(name, missing, capsys):
    given = [__file__] if name == "transcode" else []
    with pytest.raises(SystemExit) as ended:
        load_command_class(OURS[name], name).run_from_argv(["manage.py", name, *given])
    assert ended.value.code == 2
    said = capsys.readouterr()
    assert (said.out, said.err) == (
        "",
        f"manage.py {name}: the following arguments are required: {missing}\n",
    )


@pytest.mark.parametrize("name", ["influence", "import_crm", "import_views", "budget_report"])
def test_without_a_database_it_says_what_to_run_first(name, tmp_path):
    (tmp_path / "companies.csv").write_text("company_id,name,domain\nK1,,\n")
    (tmp_path / "videos.csv").write_text(
        "video_id,title,duration_seconds,published_at\nV1,,,2026-01-01T00:00:00Z\n"
    )
    folder = [str(tmp_path)] if name.startswith("import") else []
    done = typed(name, *folder, "--json", DATA_DIR=str(tmp_path / "new"))
    assert (done.returncode, done.stdout, done.stderr) == (1, "", NO_DATABASE)


def test_a_database_that_does_not_answer_is_told_in_one_line(tmp_path):
    nobody = "postgres://nobody@127.0.0.1:1/nothing"
    done = typed("influence", DATA_DIR=str(tmp_path), DATABASE_URL=nobody)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("CommandError: The database does not answer: ")
    assert len(done.stderr.splitlines()) == 1


def test_a_refusal_keeps_its_name_and_status_and_fits_on_a_line():
    class Refused(CommandError):
        pass

    class Command(StudioCommand):
        requires_system_checks = []

        def handle(self, *args, **options):
            raise Refused("a\nb\u2028c\x1b[2Jd\u202ee\udcff", returncode=3)

    with pytest.raises(Refused) as refusal:
        Command().execute(no_color=False, force_color=False)
    assert (str(refusal.value), refusal.value.returncode) == ("a b c [2Jd e�", 3)


def test_what_can_be_read_stays_as_it_is():
    assert as_line("“Ä” – 東京 🎬") == "“Ä” – 東京 🎬"


@pytest.mark.django_db
def test_a_table_survives_a_terminal_that_knows_ascii_alone(monkeypatch, tmp_path):
    link = ShareLinkFactory(video=VideoFactory(title="How – long?"))
    ViewFactory(video=link.video, share_link=link, started_at=now() - dt.timedelta(days=1))
    deal = DealFactory(status="won", closed_at=now())
    DealContactFactory(deal=deal, contact=link.contact)
    monkeypatch.setattr("django.core.management.base.connections.close_all", lambda: None)
    with open(tmp_path / "out", "w", encoding="ascii") as ascii_alone:
        monkeypatch.setattr(sys, "stdout", ascii_alone)
        load_command_class("videos.deals", "influence").run_from_argv(["manage.py", "influence"])
    assert "How \\u2013 long?" in (tmp_path / "out").read_text(encoding="ascii")
