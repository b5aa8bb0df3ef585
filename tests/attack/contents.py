"""Acts by what is kept: B5, captions; B9, the ledger's rows."""

import sqlite3
import time

import psycopg

from tests.attack.forms import fields_with
from tests.attack.result import Result
from tests.attack.target import Target

POSTED = """
from budgets.models import Entry
print(Entry.objects.filter(kind=Entry.Kind.EXPENSE).count(), Entry.objects.count())
"""
SLOWER = 5  # times, that a page with hostile captions may take at most of one without


def captions(target: Target) -> Result:
    """Captions of a producer who means ill, by the editor; the public page after each."""
    result = Result("B5 captions")
    producer, visitor = target.as_user("producer"), target.visitor("127.0.7.1")
    page = target.scene["page_url"]
    calm = min(visitor.get(page).seconds for _ in range(5))
    cue = "WEBVTT\n\n00:00:00.000 --> 00:00:05.000\n"
    for text in (
        cue + "<b" * 1000,
        cue + "<b>" * 1000,
        cue + "<c." * 40_000,
        cue + "&" * 100_000,
        "WEBVTT\n\n" + "00:00.000 --> 00:01.000\n<i\n\n" * 4000,
    ):
        answer = producer.fill(target.scene["urls"]["captions"], {"webvtt": text})
        result.tried += 1
        result.refused += answer.status != 302
        result.expect(answer.status < 500 and answer.status, f"the editor answers {answer.status}")
        shown = visitor.get(page + f"?again={result.tried}")
        result.expect(shown.status == 200, f"the public page answers {shown.status}")
        again = min(visitor.get(page + f"?more={n}").seconds for n in range(3))
        result.expect(
            again < max(calm * SLOWER, 0.5), f"the page takes {again:.2f} s, {calm:.2f} before"
        )
    return result


def ledger(target: Target) -> Result:
    """Ten clicks on one form, then SQL by whoever reached the database."""
    result = Result("B9 the ledger")
    finance = target.as_user("finance")
    scene = target.scene
    before = [int(n) for n in target.run(POSTED).splitlines()[-1].split()]
    path = scene["urls"]["expense"]
    data: dict[str, object] = {
        **fields_with(finance.get(path).text, {"line", "video", "amount"}),
        "line": scene["line"],
        "video": scene["spending"],
        "amount": "10.00",
        "posted_on": time.strftime("%Y-%m-%d"),
        "supplier": "Grip & Co",
        "invoice": "R-1",
        "note": "",
    }
    answers = [finance.post(path, data) for _ in range(10)]
    result.tried += 10
    after = [int(n) for n in target.run(POSTED).splitlines()[-1].split()]
    posted = after[0] - before[0]
    result.refused += 10 - posted
    result.expect(posted == 1, f"ten clicks posted {posted} expenses ({answers[0].status})")
    tried, refused = statements(target)
    result.tried += tried
    result.refused += refused
    now = [int(n) for n in target.run(POSTED).splitlines()[-1].split()]
    result.expect(now == after, f"SQL changed the ledger from {after} to {now}")
    result.expect(refused == tried, f"{tried - refused} of {tried} statements were carried out")
    return result


def statements(target: Target) -> tuple[int, int]:
    """How many statements were tried on the ledger's table, and how many were refused."""
    table = "budgets_entry"
    if target.database:
        tries = [
            f"TRUNCATE {table} CASCADE",
            f"DELETE FROM {table}",
            f"UPDATE {table} SET minor = minor + 1",
        ]
        refused = 0
        with psycopg.connect(target.database, autocommit=True) as line:
            for one in tries:
                try:
                    line.execute(one)
                except psycopg.Error:
                    refused += 1
        return len(tries), refused
    tries = [
        f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
        f"DELETE FROM {table}",
        f"UPDATE {table} SET minor = minor + 1",
        f"REPLACE INTO {table} SELECT * FROM {table} ORDER BY id DESC",
    ]
    refused = 0
    line = sqlite3.connect(target.data / "studio.sqlite3", timeout=30)
    try:
        for one in tries:
            try:
                with line:
                    line.execute(one)
            except sqlite3.Error:
                refused += 1
    finally:
        line.close()
    return len(tries), refused
