import csv
import datetime as dt
import io
import re

import pytest
from django.urls import reverse
from django.utils.formats import date_format
from wagtail.models import ModelLogEntry

from budgets.balance import Balance, balance_of
from budgets.ledger import committed_to, greenlight, post_expense
from budgets.models import Entry, Estimate, Line, Period
from budgets.models.budget import today
from budgets.periods import close
from studio.people.roles import Role
from tests.budgets.factories import BudgetFactory, LineFactory, PeriodFactory, estimate, greenlit
from tests.factories import UserFactory, VideoFactory
from videos.planning.models import Stage, Video
from videos.planning.urls_for import video_url

pytestmark = pytest.mark.django_db

QUERIES = 40


def budget_panel(video: Video) -> str:
    """Where a video's page fetches its budget when that tab is opened."""
    return reverse("planning_video_panel", args=[video.pk, "budget"])


@pytest.fixture
def line(db):
    return LineFactory(name="Crew", approved=100_00)


def text_of(response):
    return " ".join(response.content.decode().replace("\xa0", " ").replace("&nbsp;", " ").split())


def pages(line):
    """Every page of the budget that is looked at, and the roles that may."""
    video = greenlit((line, 10_00))
    expense = post_expense(line.pk, video.pk, 1_00, by=UserFactory(role=Role.FINANCE))
    planned = VideoFactory(stage="planned")
    readers = {Role.FINANCE, Role.LEADER, Role.SALES_MANAGER}
    return {
        reverse("budgets_report"): readers,
        reverse("budgets_entries"): readers,
        reverse("budgets_entries_results"): readers,
        reverse("budgets_estimates"): {Role.FINANCE, Role.PRODUCER},
        reverse("budgets_expense"): {Role.FINANCE},
        reverse("budgets_reverse", args=[expense.pk]): {Role.FINANCE},
        reverse("budgets_close", args=[line.period_id]): {Role.FINANCE},
        reverse("budgets_estimate_form", args=[planned.pk]): {Role.PRODUCER},
        **{
            reverse(f"budgets_{name}:{page}"): {Role.FINANCE}
            for name in ("lines", "budgets", "periods")
            for page in ("index", "add")
        },
        reverse("budgets_lines:edit", args=[line.pk]): {Role.FINANCE},
    }


@pytest.mark.parametrize("role", Role)
def test_each_role_sees_its_pages_and_no_other(
    line, signed_in, role, django_assert_max_num_queries
):
    client = signed_in(UserFactory(role=role))
    for address, roles in pages(line).items():
        with django_assert_max_num_queries(QUERIES):
            response = client.get(address)
        # Wagtail sends those without a permission home with a message, PermissionMixin answers 403.
        assert (response.status_code == 200) == (role in roles), (address, response.status_code)


@pytest.mark.parametrize("role", [role for role in Role if role != Role.FINANCE])
def test_finance_s_acts_are_finance_s_alone(line, signed_in, role):
    waiting = estimate((line, 10_00))
    video = greenlit((line, 5_00))
    expense = post_expense(line.pk, video.pk, 1_00, by=UserFactory(role=Role.FINANCE))
    before = list(Entry.objects.values_list("pk", flat=True))
    client = signed_in(UserFactory(role=role))
    for address in (
        reverse("budgets_greenlight", args=[waiting.pk]),
        reverse("budgets_decline", args=[waiting.pk]),
        reverse("budgets_reverse", args=[expense.pk]),
        reverse("budgets_close", args=[line.period_id]),
        reverse("budgets_expense"),
    ):
        client.post(address, {"reason": "No"})
    waiting.refresh_from_db()
    line.period.refresh_from_db()
    assert waiting.state == Estimate.State.REQUESTED
    assert not line.period.is_closed
    assert list(Entry.objects.values_list("pk", flat=True)) == before


def test_the_report_shows_a_line_and_opens_its_numbers(line, signed_in, leader):
    video = greenlit((line, 60_00))
    post_expense(line.pk, video.pk, 25_00, by=UserFactory(role=Role.FINANCE))
    page = text_of(signed_in(leader).get(reverse("budgets_report")))
    entries = reverse("budgets_entries")
    for figure, amount in (("approved", "100.00"), ("committed", "35.00"), ("spent", "25.00")):
        assert f'<a href="{entries}?line={line.pk}&amp;figure={figure}">{amount}</a>' in page
    assert f'<a href="{entries}?line={line.pk}">40.00</a>' in page
    assert "25% spent, 35% committed" in page
    assert f'<a href="{video_url(video)}#budget">{video.title}</a>' in page


def test_an_empty_budget_teaches_the_first_step(signed_in, finance, leader):
    assert reverse("budgets_periods:add") in text_of(
        signed_in(finance).get(reverse("budgets_report"))
    )
    page = text_of(signed_in(leader).get(reverse("budgets_report")))
    assert reverse("budgets_periods:add") not in page
    assert "Finance sets this up." in page


def test_a_figure_opens_into_the_entries_that_make_it(line, signed_in, finance):
    video = greenlit((line, 60_00))
    post_expense(line.pk, video.pk, 25_00, by=finance)
    client = signed_in(finance)
    for figure, amounts in (
        ("approved", [100_00]),
        ("committed", [60_00, 25_00]),
        ("spent", [25_00]),
    ):
        response = client.get(reverse("budgets_entries"), {"line": line.pk, "figure": figure})
        shown = {entry.minor for entry in response.context["object_list"]}
        assert shown == set(amounts)


def test_entries_are_exported_with_plain_amounts(line, signed_in, finance):
    video = greenlit((line, 60_00))
    post_expense(line.pk, video.pk, 25_05, by=finance, supplier="Crew Ltd", invoice="7")
    response = signed_in(finance).get(reverse("budgets_entries"), {"export": "csv"})
    rows = list(csv.DictReader(io.StringIO(response.getvalue().decode())))
    [expense] = [row for row in rows if row["Kind"] == "Expense"]
    assert len(rows) == 3
    assert (expense["Amount"], expense["Currency"], expense["Supplier"]) == (
        "25.05",
        "EUR",
        "Crew Ltd",
    )
    assert expense["Video id"] == video.public_id


def test_a_producer_asks_and_finance_greenlights_on_the_video_s_page(
    line, signed_in, producer, finance
):
    video = VideoFactory(stage="planned")
    ask = reverse("budgets_estimate_form", args=[video.pk])
    client = signed_in(producer)
    assert "100.00 EUR available" in text_of(client.get(ask))

    response = client.post(ask, {f"amount-{line.pk}": "60.50", f"note-{line.pk}": "Two days"})

    assert response["Location"] == f"{video_url(video)}#budget"
    waiting = video.estimates.get()
    assert (waiting.state, waiting.requested_by) == (Estimate.State.REQUESTED, producer)
    assert [(item.line, item.minor, item.note) for item in waiting.items.all()] == [
        (line, 60_50, "Two days")
    ]
    page = text_of(signed_in(finance).get(video_url(video)))
    assert reverse("budgets_greenlight", args=[waiting.pk]) in page
    signed_in(finance).post(reverse("budgets_greenlight", args=[waiting.pk]))
    video.refresh_from_db()
    assert video.stage == Stage.GREENLIT
    assert committed_to(video.pk) == {line.pk: 60_50}


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("", "Enter an amount for at least one line."),
        ("1.0051", "Amounts in EUR have at most 2 decimals. Enter 1.01 EUR, for example."),
        ("1.005", "Did you mean 1,005?"),
        ("1.000", "can be read as 1.00 or as 1,000"),
        ("5 USD", "This amount is in EUR"),
        ("-5", "Enter zero or a positive amount."),
        ("many", "Enter a number."),
    ],
)
def test_an_amount_that_makes_no_sense_is_refused_beside_its_field(
    line, signed_in, producer, amount, words
):
    video = VideoFactory(stage="planned")
    response = signed_in(producer).post(
        reverse("budgets_estimate_form", args=[video.pk]), {f"amount-{line.pk}": amount}
    )
    assert words in text_of(response)
    assert list(Estimate.objects.all()) == []


def test_a_draft_is_kept_finished_and_taken_back(line, signed_in, producer):
    video = VideoFactory(stage="planned")
    ask = reverse("budgets_estimate_form", args=[video.pk])
    client = signed_in(producer)
    client.post(ask, {f"amount-{line.pk}": "10", "draft": "1"})
    assert video.estimates.get().state == Estimate.State.DRAFT
    assert 'value="10.00"' in text_of(client.get(ask))
    client.post(ask, {f"amount-{line.pk}": "12"})
    waiting = video.estimates.get()
    assert (waiting.state, waiting.items.get().minor) == (Estimate.State.REQUESTED, 12_00)
    assert client.get(ask).status_code == 302  # it waits: nothing to write now
    client.post(reverse("budgets_withdraw", args=[waiting.pk]))
    assert video.estimates.get().state == Estimate.State.DRAFT


def test_a_declined_estimate_tells_the_producer_why(line, signed_in, producer, finance):
    waiting = estimate((line, 10_00), by=producer)
    decline = reverse("budgets_decline", args=[waiting.pk])
    signed_in(finance).post(decline, {"reason": " "})
    waiting.refresh_from_db()
    assert waiting.state == Estimate.State.REQUESTED
    signed_in(finance).post(decline, {"reason": "Too dear this quarter"})
    page = text_of(signed_in(producer).get(budget_panel(waiting.video)))
    assert "Too dear this quarter" in page
    assert reverse("budgets_estimate_form", args=[waiting.video_id]) in page


def test_an_expense_is_posted_from_the_video_s_page(line, signed_in, finance):
    video = greenlit((line, 60_00))
    client = signed_in(finance)
    link = f"{reverse('budgets_expense')}?video={video.pk}&amp;line={line.pk}"
    assert link in text_of(client.get(budget_panel(video)))
    form = client.get(link.replace("&amp;", "&")).context["form"]
    assert (form.initial["video"], form.initial["line"]) == (video, line)

    fields = {"video": video.pk, "line": line.pk, "posted_on": today().isoformat()}
    response = client.post(link, fields | {"amount": "25.05", "supplier": "Crew Ltd"})

    assert response["Location"] == f"{video_url(video)}#budget"
    assert balance_of(line.entries.all()) == Balance(100_00, 34_95, 25_05)
    page = text_of(client.get(budget_panel(video)))
    assert "Crew Ltd" in page
    assert "25.05 EUR" in page


def test_an_expense_beyond_the_line_is_refused_on_the_form(line, signed_in, finance):
    video = greenlit((line, 60_00))
    fields = {"video": video.pk, "line": line.pk, "posted_on": today().isoformat()}
    response = signed_in(finance).post(reverse("budgets_expense"), fields | {"amount": "100.01"})
    refusal = "100.01 EUR: 60.00 EUR is committed to this video, and 40.00 EUR is available."
    assert refusal in text_of(response)
    assert balance_of(line.entries.all()) == Balance(100_00, 60_00, 0)


def test_an_expense_of_a_day_to_come_is_refused_at_its_day(line, signed_in, finance):
    video = greenlit((line, 60_00))
    tomorrow = today() + dt.timedelta(days=1)
    fields = {"video": video.pk, "line": line.pk, "posted_on": tomorrow.isoformat()}
    response = signed_in(finance).post(reverse("budgets_expense"), fields | {"amount": "1"})
    (said,) = response.context["form"].errors["posted_on"]
    assert said.startswith(f"{date_format(tomorrow)} is in the future")
    assert said.endswith(f"The latest possible day is {date_format(today())}.")
    assert balance_of(line.entries.all()) == Balance(100_00, 60_00, 0)


def test_an_invoice_that_is_posted_already_is_asked_about_first(line, signed_in, finance):
    video = greenlit((line, 60_00))
    sent = {"supplier": "Crew Ltd", "invoice": "R-7"}
    posted = post_expense(line.pk, video.pk, 5_00, by=finance, **sent)
    client, url = signed_in(finance), reverse("budgets_expense")
    fields = {"video": video.pk, "line": line.pk, "posted_on": today().isoformat(), "amount": "5"}

    page = text_of(client.post(url, fields | sent))
    day = date_format(today())
    assert (
        f"An expense with the same supplier and invoice, 5.00 EUR, was posted on {day} by"
        f" {finance}. Post this one anyway?"
    ) in page
    assert f'name="again" value="{posted.pk}"' in page
    (link,) = re.findall(r'<a href="([^"]+)">See the posted expense', page)
    assert list(client.get(link.replace("&amp;", "&")).context["object_list"]) == [posted]
    assert balance_of(line.entries.all()) == Balance(100_00, 55_00, 5_00)

    client.post(url, fields | sent | {"again": posted.pk})
    assert balance_of(line.entries.all()) == Balance(100_00, 50_00, 10_00)
    (logged,) = ModelLogEntry.objects.filter(action="budgets.post_again")
    assert (logged.user, logged.object_id) == (finance, str(Entry.objects.latest("pk").pk))
    assert f"#{posted.pk}, Expense 5.00" in logged.message
    client.post(url, fields | sent | {"again": posted.pk})  # the yes was about another expense
    assert balance_of(line.entries.all()) == Balance(100_00, 50_00, 10_00)


def test_a_period_that_is_not_over_says_so_before_it_is_closed(line, signed_in, finance):
    over = PeriodFactory(
        code="OVER",
        starts_on=today() - dt.timedelta(days=90),
        ends_on=today() - dt.timedelta(days=60),
    )
    client = signed_in(finance)
    warning = f"NOW is not over: its last day is {date_format(line.period.ends_on)}."
    assert warning in text_of(client.get(reverse("budgets_close", args=[line.period_id])))
    assert "is not over" not in text_of(client.get(reverse("budgets_close", args=[over.pk])))


def test_a_closed_period_has_something_left_and_nothing_available(line, signed_in, finance):
    client, report = signed_in(finance), reverse("budgets_report")
    assert "Available" in text_of(client.get(report))
    close(line.period_id, by=finance)
    page = text_of(client.get(report))
    assert "<dt>Left</dt>" in page
    assert "Available" not in page


def test_a_history_counts_entries_in_words(line, signed_in, finance):
    client = signed_in(finance)
    budget = {"name": "Sales", "department": "sales", "currency": "EUR"}
    for _again in range(2):
        client.post(reverse("budgets_budgets:edit", args=[line.budget_id]), budget)
    page = text_of(client.get(reverse("budgets_budgets:history", args=[line.budget_id])))
    assert "2 entries" in page
    assert "log entries" not in page
    site = text_of(signed_in(UserFactory(is_superuser=True)).get("/admin/reports/site-history/"))
    assert re.search(r"> \d entries <", site)
    assert "log entries" not in site


def test_finance_reverses_an_entry_and_closes_the_period(line, signed_in, finance):
    video = greenlit((line, 60_00))
    expense = post_expense(line.pk, video.pk, 25_00, by=finance)
    client = signed_in(finance)
    client.post(reverse("budgets_reverse", args=[expense.pk]), {"reason": "Billed twice"})
    assert balance_of(line.entries.all()) == Balance(100_00, 60_00, 0)
    closing = reverse("budgets_close", args=[line.period_id])
    assert "60.00 EUR" in text_of(client.get(closing))
    client.post(closing)
    assert Period.objects.get().is_closed
    assert balance_of(line.entries.all()) == Balance(100_00)


def test_a_line_gets_its_amount_through_the_ledger(signed_in, finance, line):
    budget, period = line.budget, line.period
    client = signed_in(finance)
    fields = {"budget": budget.pk, "period": period.pk, "name": "Travel", "kind": "travel"}
    client.post(reverse("budgets_lines:add"), fields | {"amount": "50"})
    travel = Line.objects.get(name="Travel")
    assert (travel.approved, travel.available) == (50_00, 50_00)
    edit = reverse("budgets_lines:edit", args=[travel.pk])
    response = client.post(edit, fields | {"amount": "45.50"})
    assert "Enter a reason for changing the approved amount." in text_of(response)
    client.post(edit, fields | {"amount": "45.50", "reason": "Fewer trips"})
    assert [(entry.minor, entry.note, entry.by) for entry in travel.entries.order_by("pk")] == [
        (50_00, "First approved amount.", finance),
        (-4_50, "Fewer trips", finance),
    ]


def test_a_line_is_not_cut_below_its_promises_on_the_form_either(signed_in, finance, line):
    greenlit((line, 60_00))
    fields = {"budget": line.budget_id, "period": line.period_id, "name": "Crew", "kind": "crew"}
    response = signed_in(finance).post(
        reverse("budgets_lines:edit", args=[line.pk]), fields | {"amount": "59", "reason": "Cut"}
    )
    refusal = "cannot be reduced to 59.00 EUR: 60.00 EUR is committed or spent. Enter 60.00 EUR"
    assert refusal in text_of(response)
    assert balance_of(line.entries.all()) == Balance(100_00, 60_00, 0)


def test_the_panel_offers_nobody_to_greenlight_their_own_request(line, signed_in):
    both = UserFactory(role=Role.FINANCE, is_superuser=True)
    waiting = estimate((line, 10_00), by=both)
    page = text_of(signed_in(both).get(budget_panel(waiting.video)))
    assert reverse("budgets_greenlight", args=[waiting.pk]) not in page
    assert "Somebody else has to greenlight this one." in page
    signed_in(both).post(reverse("budgets_greenlight", args=[waiting.pk]))
    waiting.refresh_from_db()
    assert waiting.state == Estimate.State.REQUESTED


def test_an_override_is_asked_for_where_a_line_is_short(line, signed_in, finance):
    waiting = estimate((line, 150_00))
    page = text_of(signed_in(finance).get(video_url(waiting.video)))
    assert "not enough" in page
    assert 'name="override"' in page
    signed_in(finance).post(
        reverse("budgets_greenlight", args=[waiting.pk]), {"override": "The board said so"}
    )
    assert line.entries.get(kind="commitment").override_reason == "The board said so"


def test_experts_do_not_see_the_money_of_a_video(line, signed_in, expert_user):
    video = greenlit((line, 60_00))
    response = signed_in(expert_user).get(video_url(video))
    assert response.status_code == 200
    assert "60.00" not in text_of(response)
    assert signed_in(expert_user).get(budget_panel(video)).status_code == 404


def test_marketing_s_lines_are_not_offered_to_videos(signed_in, producer, finance, line):
    brand = LineFactory(
        name="Trade fair", budget=BudgetFactory(name="Brand", department="marketing"), approved=5_00
    )
    page = text_of(
        signed_in(producer).get(
            reverse("budgets_estimate_form", args=[VideoFactory(stage="planned").pk])
        )
    )
    assert "Crew" in page
    assert "Trade fair" not in page
    form = signed_in(finance).get(reverse("budgets_expense")).context["form"]
    assert list(form.fields["line"].queryset) == [line]
    assert brand.available == 5_00


def test_a_long_report_and_a_full_panel_stay_within_their_queries(
    line, signed_in, finance, django_assert_max_num_queries
):
    video = greenlit((line, 1_00))
    for _ in range(12):
        post_expense(line.pk, video.pk, 10, by=finance)
        more = estimate((line, 1_00), video=video)
        greenlight(more.pk, by=finance)
        greenlit((LineFactory(approved=5_00), 1_00))
    client = signed_in(finance)
    for address in (
        reverse("budgets_report"),
        reverse("budgets_entries"),
        reverse("budgets_estimates"),
        video_url(video),
        budget_panel(video),
    ):
        with django_assert_max_num_queries(QUERIES):
            assert client.get(address).status_code == 200


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"period": "\0"}, "There is no such period."),
        ({"period": "FY1999"}, "There is no such period."),
        ({"currency": "XYZ"}, "No budget has the currency “XYZ”."),
    ],
)
def test_an_unclear_question_is_answered_without_numbers(line, signed_in, finance, asked, words):
    shown = signed_in(finance).get(reverse("budgets_report"), asked)
    assert (shown.status_code, shown.context["report"]) == (200, None)
    assert words in text_of(shown)
    assert "100.00" not in text_of(shown)
    assert signed_in(finance).get(reverse("budgets_report")).context["report"] is not None


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("1e3", "Write the number out, without an exponent"),
        ("1e999999", "Write the number out, without an exponent"),
        ("99999999999999999999", "at most 15 digits before the point"),
        ("0.12345678901", "at most 10 digits after the point"),
        ("999999999999999", "The amount is too large"),
        ("NaN", "Enter a number."),
        ("Infinity", "Enter a number."),
        ("1_000", "Enter a number."),
        ("٣", "Enter a number."),
        ("1.000,50", "Did you mean 1,000.5?"),
        ("$ 5", "This amount is in EUR"),
    ],
)
def test_an_absurd_amount_is_refused_at_every_form(
    line, signed_in, producer, finance, amount, words
):
    video = greenlit((line, 60_00))
    ask = reverse("budgets_estimate_form", args=[VideoFactory(stage="planned").pk])
    pages = [signed_in(producer).post(ask, {f"amount-{line.pk}": amount})]
    fields = {"video": video.pk, "line": line.pk, "posted_on": today().isoformat()}
    over = {"override": "The board said so"}
    client = signed_in(finance)
    pages.append(client.post(reverse("budgets_expense"), fields | over | {"amount": amount}))
    fields = {"budget": line.budget_id, "period": line.period_id, "name": "Gear", "kind": "gear"}
    pages.append(client.post(reverse("budgets_lines:add"), fields | {"amount": amount}))
    assert [(page.status_code, words in text_of(page)) for page in pages] == [(200, True)] * 3
    assert balance_of(line.entries.all()) == Balance(100_00, 60_00)
    assert Line.objects.get() == line


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("budgets_entries", {"posted_on_from": "2026-01-32"}),
        ("budgets_entries", {"figure": "everything"}),
        ("budgets_estimates", {"state": "maybe"}),
        ("budgets_lines:index", {"kind": "magic"}),
        ("budgets_budgets:index", {"department": "magic"}),
    ],
)
def test_a_list_under_an_unclear_filter_shows_no_row(line, signed_in, finance, name, asked):
    estimate((line, 10_00))
    client = signed_in(finance)
    assert list(client.get(reverse(name)).context["object_list"]) != []
    page = client.get(reverse(name), asked)
    assert (page.status_code, list(page.context["object_list"])) == (200, [])
    assert "These filters are not clear" in text_of(page)
