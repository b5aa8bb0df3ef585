"""`manage.py influence` prints what it promises, and nothing else."""

import datetime as dt
import json
import subprocess
import sys
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone, translation

from tests.videos.deals.conftest import GOOD
from tests.videos.deals.factories import store_amount
from videos.deals.models import Deal
from videos.planning.models import Video

pytestmark = pytest.mark.django_db
AS_OF = "2026-03-01T12:00:00+01:00"


@pytest.fixture
def imported(folder, run):
    path = folder()
    run("import_crm", path)
    run("import_views", path)


def test_the_document_is_as_promised_to_the_last_key(imported):
    printed = StringIO()
    call_command("influence", "--json", "--as-of", AS_OF, stdout=printed)
    side = {
        "closed": 0,
        "won": 0,
        "close_rate": None,
        "close_rate_interval": None,
        "median_days": None,
        "median_days_interval": None,
    }
    one = side | {
        "closed": 1,
        "won": 1,
        "close_rate": 1.0,
        "close_rate_interval": [pytest.approx(0.2065493), 1.0],
        "median_days": 31.0,
    }
    expected = {
        "as_of": AS_OF,
        "model": "linear",
        "currency": "EUR",
        "lookback_days": None,
        "landmark_days": 14,
        "from": None,
        "to": None,
        "totals": {
            "won_deals": 1,
            "won_revenue": "100.00",
            "influenced_deals": 1,
            "influenced_revenue": "100.00",
            "without_amount": [],
        },
        "videos": [
            {
                "video_id": "V1",
                "title": "What does it cost?",
                "touches": 1,
                "influenced_deals": 1,
                "influenced_revenue": "100.00",
                "credit": "100.00",
            }
        ],
        "deals": [
            {
                "deal_id": "D1",
                "amount": "100.00",
                "touches": 1,
                "videos": 1,
                "credit": {"V1": "100.00"},
            }
        ],
        "compared": {
            "all": {"with": one, "without": side},
            "landmark": {"with": one, "without": side},
        },
    }
    found = json.loads(printed.getvalue())
    assert found == expected
    assert keys(found) == keys(expected)  # in the promised order


def keys(value):
    """The keys of a document, in their order, at every depth."""
    if isinstance(value, dict):
        return [(key, keys(inside)) for key, inside in value.items()]
    return [keys(inside) for inside in value] if isinstance(value, list) else None


def test_the_same_inputs_give_the_same_report_for_ever(imported, folder, run):
    def printed():
        out = StringIO()
        call_command("influence", "--json", "--as-of", AS_OF, stdout=out)
        return out.getvalue()

    first = printed()
    assert printed() == first
    # What happens after the instant is not of it: views, an identification, deals, a close.
    later = folder(
        views=GOOD["views.csv"]
        + "W3,V2,B1,C1,2026-03-01T11:00:01Z,60,,\nW4,V1,B2,C2,2026-04-01T10:00:00Z,60,,\n",
        deals=GOOD["deals.csv"].replace(
            "D2,,,,open,,,,2026-01-10T00:00:00+01:00,2020-01-01",
            "D2,,,,won,,900.00,EUR,2026-01-10T00:00:00+01:00,2026-03-01T11:00:01Z",
        )
        + "D3,,,,won,,900.00,EUR,2026-03-01T11:00:01Z,2026-04-02T00:00:00Z\n",
    )
    run("import_crm", later)
    run("import_views", later)
    assert Deal.objects.filter(status="won").count() == 3
    assert printed() == first


def test_it_prints_the_same_in_every_studio(imported):
    def printed(language):
        out = StringIO()
        with translation.override(language):
            call_command("influence", "--as-of", AS_OF, stdout=out)
        return out.getvalue()

    assert "100.00" in printed("en")
    assert printed("de") == printed("en")


def test_without_json_it_prints_a_table_with_the_definition(imported):
    printed = StringIO()
    call_command("influence", "--as-of", AS_OF, "--model", "u_shaped", stdout=printed)
    text = printed.getvalue()
    for part in ("40% to the first touch", "What does it cost?", "too few to tell", "100.00"):
        assert part in text


@pytest.mark.parametrize(
    "wrong",
    [
        ["--model", "best"],
        ["--currency", "XYZ"],
        ["--currency", "eur"],
        ["--from", "2026-02-30"],
        ["--to", "tomorrow"],
        ["--from", "2026-02-02", "--to", "2026-02-01"],
        ["--as-of", "2026-02-01T00:00:00"],
        ["--as-of", "2026-02-01"],
        ["--as-of", "9999-12-31T23:59:59-12:00"],
        ["--lookback-days", "-1"],
        ["--landmark-days=-1"],
        ["--landmark-days", "1.5"],
        ["--from", "2026-1-1"],
        ["--to", "20260101"],
        ["--from=2026-01-01T00:00:00Z"],
        ["--model="],
        ["--currency="],
        ["--from="],
        ["--to="],
        ["--as-of="],
        ["--lookback-days="],
        ["--landmark-days="],
        ["--as-of= "],
        ["--model", "b\n\x1b[1m\u2028est"],
    ],
)
def test_a_usage_error_is_one_line_and_status_2(refused, wrong):
    refused("influence", "--json", *wrong, status=2)


def test_a_missing_rate_is_one_line_and_status_1(imported, refused):
    Deal.objects.filter(public_id="D1").update(currency="GBP")
    said = refused("influence", "--json", "--as-of", AS_OF)
    assert said.startswith("Deal D1: there is no rate from GBP to EUR for 2026-02-10")


def test_missing_rates_are_skipped_when_asked_and_then_listed(imported):
    Deal.objects.filter(public_id="D1").update(currency="GBP")
    printed = StringIO()
    call_command("influence", "--json", "--skip-missing-rates", "--as-of", AS_OF, stdout=printed)
    found = json.loads(printed.getvalue())
    assert found["totals"] == {
        "won_deals": 1,
        "won_revenue": "0.00",
        "influenced_deals": 1,
        "influenced_revenue": "0.00",
        "without_amount": [],
        "without_rate": ["D1"],
    }
    assert found["deals"] == [
        {"deal_id": "D1", "amount": None, "touches": 1, "videos": 1, "credit": {}}
    ]
    printed = StringIO()
    call_command("influence", "--skip-missing-rates", "--as-of", AS_OF, stdout=printed)
    assert "Won without a rate: D1 (GBP to EUR, 2026-02-10)" in printed.getvalue().splitlines()


def test_without_a_gap_the_option_adds_its_empty_list_and_nothing_else(imported, run):
    plain = run("influence", "--as-of", AS_OF)
    skipping = run("influence", "--as-of", AS_OF, "--skip-missing-rates")
    assert skipping["totals"].pop("without_rate") == []
    assert skipping == plain


@pytest.mark.parametrize("stored", ["1e999999", "1" + "0" * 30, "9" * 1_000_000, "NaN", ""])
def test_an_amount_out_of_bounds_from_before_is_an_error_and_skipped_when_asked(
    imported, refused, run, stored
):
    store_amount("D1", stored)
    said = refused("influence", "--json", "--as-of", AS_OF)
    assert said.startswith("Deal D1: its amount is out of bounds")
    found = run("influence", "--as-of", AS_OF, "--skip-missing-rates")
    assert found["totals"]["without_amount"] == ["D1"]
    assert found["deals"][0]["amount"] is None
    printed = StringIO()
    call_command("influence", "--skip-missing-rates", "--as-of", AS_OF, stdout=printed)
    assert "Won with an amount out of bounds: D1" in printed.getvalue().splitlines()


def test_the_table_says_what_it_is_of_and_tells_nothing_of_too_few(imported):
    printed = StringIO()
    call_command(
        "influence",
        "--from=2026-01-01",
        "--to=2026-02-28",
        "--lookback-days=30",
        "--as-of",
        AS_OF,
        stdout=printed,
    )
    text = printed.getvalue()
    for part in (
        "Deals that closed from 1 Jan 2026 to 28 Feb 2026, both days included (UTC).",
        "As of 1 Mar 2026, 11:00:00 (UTC). Amounts in EUR.",
        "at most 30 days (of 24 h) before",
        "The landmark is 14 days (of 24 h) after a deal was created.",
    ):
        assert part in text
    (row,) = [line for line in text.splitlines() if line.startswith("With video")][:1]
    assert row.split()[:4] == ["With", "video", "1", "1"]
    assert row.endswith("too few to tell  too few to tell")
    assert "%" not in text.partition("All touches")[2]


def test_an_id_that_spans_lines_makes_no_more_than_one_of_an_error(imported, refused):
    Deal.objects.filter(public_id="D1").update(currency="GBP", public_id="D\n1\u2028\x1b[2J\u202e")
    said = refused("influence", "--json", "--as-of", AS_OF)
    assert said.startswith("Deal D 1  [2J : there is no rate from GBP to EUR")


def test_the_table_keeps_to_its_lines_whatever_a_title_holds(imported):
    Video.objects.filter(public_id="V1").update(title="What\n\x1b[2J\u2028now?")
    Deal.objects.create(
        public_id="D\n3",
        status="won",
        created_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        closed_at=dt.datetime(2026, 1, 2, tzinfo=dt.UTC),
    )
    printed = StringIO()
    call_command("influence", "--as-of", AS_OF, stdout=printed)
    lines = printed.getvalue().splitlines()
    assert "Won without an amount: D 3" in lines
    assert [line for line in lines if line.startswith("What  [2J now?  ")]
    assert "\x1b" not in printed.getvalue()


def test_days_may_be_as_many_as_one_likes(imported):
    printed = StringIO()
    call_command(
        "influence",
        "--json",
        "--lookback-days=999999999",
        "--landmark-days=999999999",
        "--as-of=9999-12-30T00:00:00Z",
        stdout=printed,
    )
    found = json.loads(printed.getvalue())
    assert found["totals"]["influenced_deals"] == 1
    assert found["compared"]["landmark"]["without"]["closed"] == 0
    assert dt.datetime.fromisoformat(found["as_of"]).tzinfo is not None


def test_from_a_shell_errors_go_to_stderr_in_one_line_with_their_status():
    for arguments, status in ((["--model", "best"], 2), (["--no-such-option"], 2)):
        done = subprocess.run(
            [sys.executable, "manage.py", "influence", "--json", *arguments],
            cwd=settings.BASE_DIR,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stdout) == (status, "")
        if "--model" in arguments:
            assert done.stderr.startswith("CommandError: There is no model “best”")
            assert len(done.stderr.splitlines()) == 1


def test_a_close_still_to_come_is_imported_and_counts_once_it_has(folder, run):
    future = (timezone.now() + dt.timedelta(days=400)).isoformat()
    path = folder(deals=GOOD["deals.csv"].replace("2026-02-10T00:00:00Z", future))
    run("import_crm", path)
    run("import_views", path)
    assert run("influence")["totals"]["won_deals"] == 0
    after = (timezone.now() + dt.timedelta(days=401)).isoformat()
    assert run("influence", "--as-of", after)["totals"]["won_deals"] == 1
