"""Folders of CSV files, and the commands that read them."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

GOOD = {
    "companies.csv": "company_id,name,domain\nK1,Acme,acme.example\n",
    "contacts.csv": (
        "contact_id,email,name,company_id,created_at\n"
        "C1,ann@acme.example,Ann,K1,2026-01-01T00:00:00Z\n"
        "C2,,,,\n"
    ),
    "deals.csv": (
        "deal_id,name,company_id,owner_email,status,stage,amount,currency,created_at,closed_at\n"
        "D1,Big,K1,Rep@Studio.example,won,signed,100.00,EUR,"
        "2026-01-10T00:00:00Z,2026-02-10T00:00:00Z\n"
        "D2,,,,open,,,,2026-01-10T00:00:00+01:00,2020-01-01\n"
    ),
    "deal_contacts.csv": "deal_id,contact_id,role\nD1,C1,decides\nD1,C1,signs\nD2,C2,\n",
    "rates.csv": "date,from_currency,to_currency,rate\n2026-02-09,USD,EUR,0.9123456789\n",
    "videos.csv": (
        "video_id,title,duration_seconds,published_at\n"
        "V1,What does it cost?,90.5,2025-12-01T00:00:00Z\nV2,,,\n"
    ),
    "views.csv": (
        "view_id,video_id,viewer_id,contact_id,started_at,seconds_watched,is_bot,is_internal\n"
        "W1,V1,B1,C1,2026-01-20T10:00:00+02:00,12.5,FALSE,0\n"
        "W2,V2,B1,,2026-01-21T10:00:00Z,,1,\n"
    ),
}


@pytest.fixture
def folder(tmp_path):
    """`folder(deals="…")` is a folder of good files, but for those given; None leaves one out."""

    def make(**changed):
        for name, content in GOOD.items():
            given = changed.get(name.removesuffix(".csv"), content)
            path = tmp_path / name
            path.unlink(missing_ok=True)
            if given is not None:
                path.write_bytes(given if isinstance(given, bytes) else given.encode())
        return str(tmp_path)

    return make


@pytest.fixture
def run():
    """`run(command, …)` is what the command prints, read as JSON."""

    def call(*command):
        printed = StringIO()
        call_command(*command, "--json", stdout=printed)
        return json.loads(printed.getvalue())

    return call


@pytest.fixture
def refused():
    """`refused(command, …)` is the one line that a refusal says; nothing is printed."""

    def call(*command, status=1):
        printed = StringIO()
        with pytest.raises(CommandError) as refusal:
            call_command(*command, stdout=printed)
        assert refusal.value.returncode == status
        assert printed.getvalue() == ""
        line = str(refusal.value)
        assert len(line.splitlines()) == 1
        return line

    return call
