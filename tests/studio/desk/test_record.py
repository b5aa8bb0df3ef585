"""An administrator reads who did what, to what and why: one report, narrowed and exported."""

import csv
import datetime as dt
import io
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils.html import escape
from django.utils.timezone import localdate, now
from wagtail.log_actions import LogContext, log
from wagtail.models import ModelLogEntry

from budgets.ledger import greenlight
from budgets.periods import close
from studio.people.leaving import HOLDINGS, hand_over
from studio.people.models import User
from studio.people.roles import Role
from studio.record import KINDS, acts, reason_of, what_of
from studio.spreadsheets import EXPORTED
from tests.budgets.factories import LineFactory, estimate
from tests.factories import ContactFactory, UserFactory, VideoFactory, ready_cut
from tests.videos.deals.factories import DealFactory
from videos.deals.deal_contacts import add_contact
from videos.deals.deal_status import close as close_deal
from videos.deals.deal_status import reopen
from videos.deals.models import Deal
from videos.deals.urls_for import deal_url
from videos.planning.models import Stage
from videos.planning.stages import change_stage
from videos.planning.urls_for import video_url
from videos.review.approvals import approve, ask_for_changes

pytestmark = pytest.mark.django_db
URL = "/admin/record/"


@pytest.fixture
def admin() -> User:
    return UserFactory(is_superuser=True, first_name="Ada", last_name="Boss")


@pytest.fixture
def nothing_yet(admin: User, sales_manager: User, finance: User) -> None:
    """The people are there, and nothing is on record."""
    ModelLogEntry.objects.all().delete()


def logged() -> list[tuple[str, User | None, str, str, str]]:
    """The record: kind, who, what, to what and why; the first first."""
    return [
        (entry.kind, entry.user, what_of(entry), entry.label, reason_of(entry))
        for entry in reversed(acts())
    ]


def won(owner: User) -> Deal:
    """A deal that was closed by its owner, of which nothing is on record yet."""
    deal: Deal = DealFactory(name="Two ovens", owner=owner)
    close_deal(deal.pk, Deal.Status.WON, by=owner)
    ModelLogEntry.objects.all().delete()
    return deal


def test_roles_given_are_read_with_who_gave_them(nothing_yet, admin, sales_manager):
    with LogContext(user=admin):
        sales_manager.groups.add(Group.objects.get(name=Role.LEADER.value))
    assert logged() == [("roles", admin, "Given: Leader", str(sales_manager), "")]


def test_closed_deals_reopened_and_changed_are_read_with_the_reason(nothing_yet, sales_manager):
    deal, contact = won(UserFactory(role=Role.EXPERT)), ContactFactory(name="Priya Raman")
    ModelLogEntry.objects.all().delete()
    add_contact(deal.pk, contact, "signs", by=sales_manager, reason="Signed it")
    reopen(deal.pk, by=sales_manager, reason="Not paid")
    assert logged() == [
        (
            "closed_deals",
            sales_manager,
            "Added “Priya Raman”. Role: “signs”. The deal was closed.",
            "Two ovens",
            "Signed it",
        ),
        ("closed_deals", sales_manager, TOLD_OPENED, "Two ovens", "Not paid"),
    ]


class Opened:
    """That a deal opened again, whenever it had closed."""

    def __eq__(self, other: object) -> bool:
        return str(other).startswith("Reopened. It had closed on ")


TOLD_OPENED: Any = Opened()


def test_what_happens_to_open_deals_every_day_is_not_on_the_record(nothing_yet, expert_user):
    deal = DealFactory(owner=expert_user)
    ModelLogEntry.objects.all().delete()
    add_contact(deal.pk, ContactFactory(), "", by=expert_user)
    close_deal(deal.pk, Deal.Status.WON, by=expert_user)
    assert logged() == []


def test_deals_given_to_another_and_corrected_are_told_apart(nothing_yet, signed_in, sales_manager):
    deal = DealFactory(name="Two ovens", owner=sales_manager)
    heir = UserFactory(role=Role.EXPERT)
    ModelLogEntry.objects.all().delete()
    form = {"name": "Three ovens", "created_at": "2026-03-01 09:00", "owner": heir.pk}
    url = reverse("deals_deals:edit", args=[deal.pk])
    assert signed_in(sales_manager).post(url, form).status_code == 302
    form |= {"name": "Four ovens"}
    assert signed_in(sales_manager).post(url, form).status_code == 302
    kinds = [(kind, by) for kind, by, *_rest in logged()]
    assert kinds == [("hand_over", sales_manager), ("corrections", sales_manager)]
    assert "Name: “Three ovens” → “Four ovens”" in logged()[1][2]


def test_what_a_leaver_leaves_is_read_with_who_took_it_over(nothing_yet, admin, expert_user):
    DealFactory(name="Two ovens", owner=expert_user)
    heir = UserFactory(role=Role.EXPERT, first_name="Heir", last_name="One")
    ModelLogEntry.objects.all().delete()
    hand_over(HOLDINGS["deals"], expert_user, heir, by=admin)
    assert logged() == [
        ("hand_over", admin, f"Handed over from “{expert_user}” to “Heir One”.", "Two ovens", ""),
        (
            "hand_over",
            admin,
            "Handed over to Heir One: Open deals (1)",
            str(expert_user),
            "",
        ),
    ]


def test_overrides_and_closed_periods_are_read(nothing_yet, finance):
    line = LineFactory(name="Crew", approved=100_00)
    waiting = estimate((line, 150_00))
    ModelLogEntry.objects.all().delete()
    greenlight(waiting.pk, by=finance, override="The board said so")
    close(line.period_id, by=finance)
    [override, closed] = logged()
    assert (override[0], override[1], override[3:]) == (
        "overrides",
        finance,
        (str(line), "The board said so"),
    )
    assert override[2].startswith("Posted 150.00\xa0EUR for “")
    assert closed == ("periods", finance, "Closed", str(line.period), "")


def test_approvals_taken_back_and_videos_put_back_are_read(nothing_yet, sales_manager, producer):
    cut = ready_cut(video=VideoFactory(stage=Stage.REVIEW, title="How hot?"))
    ModelLogEntry.objects.all().delete()
    approve(cut, by=sales_manager)
    ask_for_changes(cut, by=sales_manager, note="The price is wrong.")
    change_stage(cut.video_id, Stage.CANCELLED, room="planning", by=producer, note="No budget")
    old = VideoFactory(stage=Stage.RETIRED, title="Old")
    change_stage(old.pk, Stage.PUBLISHED, room="publishing", by=producer)
    assert logged() == [
        (
            "approvals",
            sales_manager,
            f"Withdrew the approval of cut {cut.number} by {sales_manager}",
            "How hot?",
            "The price is wrong.",
        ),
        (
            "stages",
            producer,
            "Changed the stage from “Editing” to “Cancelled”",
            "How hot?",
            "No budget",
        ),
        ("stages", producer, "Changed the stage from “Retired” to “Published”", "Old", ""),
    ]


def rows_of(answer: Any) -> list[dict[str, str]]:
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_each_row_leads_to_what_was_done_something_to(signed_in, admin, sales_manager, finance):
    deal = won(UserFactory(role=Role.EXPERT))
    reopen(deal.pk, by=sales_manager, reason="Not <paid>")
    signed_in(finance).get(reverse("budgets_entries"), {"export": "csv", "kind": "expense"})
    video = VideoFactory(title="How hot?")
    change_stage(video.pk, Stage.CANCELLED, room="planning", by=sales_manager)
    page = signed_in(admin).get(URL).content.decode()
    exported = f"{reverse('budgets_entries')}?kind=expense"
    for url in (deal_url(deal), video_url(video), exported):
        assert f'href="{escape(url)}"' in page
    assert "Not &lt;paid&gt;" in page
    assert "Exported 0 rows as CSV. Kind: Expense" in page


def test_what_is_no_more_is_named_without_a_link(nothing_yet, signed_in, admin):
    leaver = UserFactory(first_name="Gone", role=Role.LEADER)
    leaver.delete()
    page = signed_in(admin).get(URL, {"kind": "roles"})
    assert page.status_code == 200
    assert "Gone Example" in page.content.decode()


def test_it_is_narrowed_by_act_person_day_and_name(nothing_yet, signed_in, admin, sales_manager):
    deal = won(UserFactory(role=Role.EXPERT))
    with LogContext(user=admin):
        sales_manager.groups.add(Group.objects.get(name=Role.LEADER.value))
    reopen(deal.pk, by=sales_manager, reason="Not paid")
    ModelLogEntry.objects.filter(user=admin).update(timestamp=now() - dt.timedelta(days=9))
    client = signed_in(admin)

    def shown(**asked: Any) -> list[str]:
        """Kinds of the rows."""
        answer = client.get(URL, asked)
        return [entry.kind for entry in answer.context["object_list"]]

    assert shown() == ["closed_deals", "roles"]
    assert shown(kind="roles") == ["roles"]
    assert shown(kind=["roles", "exports"]) == ["roles"]
    assert shown(user=sales_manager.pk) == ["closed_deals"]
    assert shown(timestamp_from=localdate().isoformat()) == ["closed_deals"]
    assert shown(timestamp_to=(localdate() - dt.timedelta(days=8)).isoformat()) == ["roles"]
    assert shown(q="ovens") == ["closed_deals"]
    assert shown(kind="nonsense") == []  # and says so, instead of showing everything
    assert shown(user="9" * 23) == []


def test_it_is_exported_as_it_is_narrowed_which_is_an_act_on_record(
    nothing_yet, signed_in, admin, sales_manager
):
    reopen(won(UserFactory(role=Role.EXPERT)).pk, by=sales_manager, reason="Not paid")
    [row] = rows_of(signed_in(admin).get(URL, {"kind": "closed_deals", "export": "csv"}))
    assert (row["Who"], row["E-mail address"]) == (str(sales_manager), sales_manager.email)
    assert (row["Kind of action"], row["Object"]) == (
        "Closed deals reopened or changed",
        "Two ovens",
    )
    assert row["What"].startswith("Reopened.")
    assert row["Reason"] == "Not paid"
    assert acts()[0].action == EXPORTED
    assert logged()[-1][1:4] == (
        admin,
        "Exported 1 row as CSV. Kind of action: Closed deals reopened or changed",
        "Who did what",
    )


def test_who_has_no_name_is_told_by_what_it_was(nothing_yet, signed_in, admin, expert_user):
    ModelLogEntry.objects.all().delete()
    expert_user.groups.clear()
    change_stage(VideoFactory(stage=Stage.PUBLISHED).pk, Stage.RETIRED, room="publishing", by=None)
    rows = rows_of(signed_in(admin).get(URL, {"export": "csv"}))
    assert [row["Who"] for row in rows] == ["the studio", "the command line"]


@pytest.mark.parametrize("role", list(Role))
def test_it_is_for_administrators(signed_in, role):
    client = signed_in(UserFactory(role=role))
    assert client.get(URL).status_code in {302, 403}
    assert "Who did what" not in client.get("/admin/").content.decode()


def test_a_page_of_it_asks_the_database_as_often_for_many_as_for_few(
    nothing_yet, signed_in, admin, django_assert_max_num_queries
):
    client = signed_in(admin)
    for _one in range(30):
        deal = DealFactory()
        log(deal, "deals.reopen", user=admin, data={"was": "won", "reason": "x"})
        log(VideoFactory(), "planning.move", user=admin, data={"was": "idea", "now": "cancelled"})
    with django_assert_max_num_queries(45):
        answer = client.get(URL)
    assert len(answer.context["object_list"]) == 50


def test_every_kind_has_a_name():
    assert all(str(kind.label) for kind in KINDS.values())
