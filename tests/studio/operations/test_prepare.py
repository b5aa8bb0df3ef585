"""The set-up of a studio whose database comes up later than it, or never."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from studio.operations.management.commands import prepare


class Database:
    """A connection that is refused some times."""

    def __init__(self, refusals: int) -> None:
        self.refusals, self.asked = refusals, 0

    def ensure_connection(self) -> None:
        self.asked += 1
        if self.asked <= self.refusals:
            raise OperationalError("connection refused\n\tIs the server running?")


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setattr(prepare, "PAUSE_SECONDS", 0)
    database = Database(refusals=3)
    monkeypatch.setattr(prepare, "connection", database)
    return database


def test_a_database_that_comes_up_late_is_waited_for(db, settings, refused):
    settings.DEMO = False
    out = io.StringIO()
    call_command("prepare", "--wait", "60", stdout=out)
    lines = out.getvalue().splitlines()
    assert refused.asked == 4
    assert lines[:3] == [
        "The database does not answer: connection refused  Is the server running?",
        "Waiting for it …",
        "Bringing the database up to date …",
    ]


@pytest.mark.parametrize("arguments", [[], ["--wait", "0"]])
def test_a_database_that_stays_away_is_told_in_a_line(refused, arguments):
    with pytest.raises(CommandError) as refusal:
        call_command("prepare", *arguments)
    assert str(refusal.value) == (
        "The database does not answer: connection refused  Is the server running?"
    )
    assert refused.asked == 1
