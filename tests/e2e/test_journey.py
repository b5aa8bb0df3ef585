"""From a buyer's question to the money that its video helped to sign, through the screens alone.

Every role signs in through the form and does its part in a browser context of its own; the buyer
is a stranger in one more.
"""

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from studio.people.roles import Role
from tests.e2e.conftest import Studio
from tests.e2e.watching import play, playing

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]

QUESTION = "How long until the pump pays for itself?"
LINE = "Crew and studio"
COMPANY = "Acme Waterworks"
CONTACT = "Ada Byron"
DEAL = "Pumps for the new plant"
TODAY = dt.datetime.now(dt.UTC).date()  # the studio's time zone, unless told another
TOMORROW = TODAY + dt.timedelta(days=1)
SECONDS = 3.2  # more than a view needs to count

# Nobody books a shoot in the past, and nobody calls a video shot before its shoot has begun. The
# test has no day to wait, so that the shoot of tomorrow is moved to an hour ago.
TURN_BACK_THE_SHOOT = """
from datetime import timedelta
from django.utils import timezone
from videos.planning.models import Shoot
shoot = Shoot.objects.get()
shoot.starts_at = timezone.now() - timedelta(hours=1)
shoot.ends_at = shoot.starts_at + timedelta(minutes=30)
shoot.save()
"""


@pytest.fixture
def page_of(sign_in: Callable[..., Page], people: dict[Role, str]) -> Callable[[Role], Page]:
    """`page_of(role)` is the one page of the colleague with that role, on their home page."""
    pages: dict[Role, Page] = {}

    def page_of(role: Role) -> Page:
        if role not in pages:
            pages[role] = sign_in(people[role])
        pages[role].goto("/admin/")
        return pages[role]

    return page_of


def press(page: Page, name: str) -> None:
    page.locator("#main").get_by_role("button", name=name, exact=True).click()


def follow(page: Page, name: str) -> None:
    page.locator("#main").get_by_role("link", name=name).first.click()


def fill(page: Page, **fields: str) -> None:
    """Types into fields by their names."""
    for name, text in fields.items():
        page.locator(f"#main [name='{name}']").fill(text)


def choose(page: Page, **fields: str) -> None:
    """Chooses an option by its words."""
    for name, label in fields.items():
        page.locator(f"#main select[name='{name}']").select_option(label=label)


def find(page: Page, **named: str) -> None:
    """Chooses rows by search, as a chooser offers them."""
    for name, label in named.items():
        page.locator(f"#id_{name}-chooser").get_by_role("button").first.click()
        chooser = page.locator(".modal-content")
        chooser.get_by_label("Search", exact=True).fill(label)
        chooser.get_by_role("link", name=label).click()
        expect(page.locator(f"#id_{name}-chooser")).to_contain_text(label)


def save(page: Page) -> None:
    """Presses the button at the foot of one of Wagtail's forms, and expects success."""
    page.locator("#main footer").get_by_role("button").first.click()
    expect(page.locator(".messages .success")).to_be_visible()


def at_stage(page: Page, stage: str) -> None:
    expect(page.locator(".planning-head__stage")).to_have_text(stage)


def finance_sets_up_the_budget(page: Page) -> None:
    page.goto("/admin/budget/periods/new/")
    fill(page, code="FY", starts_on=f"{TODAY.year}-01-01", ends_on=f"{TOMORROW.year}-12-31")
    save(page)
    page.goto("/admin/budget/budgets/new/")
    fill(page, name="Sales")
    save(page)
    page.goto("/admin/budget/lines/new/")
    choose(page, budget="Sales", period="FY", kind="Crew")
    fill(page, name=LINE, amount="5000")
    save(page)


def sales_manager_names_an_expert(page: Page) -> None:
    page.goto("/admin/experts/new/")
    choose(page, user="Chris Expert")
    save(page)


def expert_hands_in_a_question(page: Page) -> None:
    page.goto("/admin/questions/new/")
    fill(page, text=QUESTION, heard_at="First call with Acme Waterworks")
    save(page)


def producer_plans_a_video_from_it(page: Page) -> str:
    """Returns the address of the video's page."""
    page.goto("/admin/questions/")
    follow(page, QUESTION)
    press(page, "Plan a video from this question")
    at_stage(page, "Idea")
    address = page.url
    follow(page, "Edit")
    page.get_by_label("Chris Expert").check()
    fill(page, planned_for=TOMORROW.isoformat())
    save(page)
    page.goto(address)
    press(page, "Plan this video")
    at_stage(page, "Planned")
    return address


def producer_asks_for_an_estimate(page: Page, video: str) -> None:
    page.goto(video)
    follow(page, "Estimate the cost")
    page.get_by_label(f"Amount, EUR {LINE}").fill("1200")
    press(page, "Request the greenlight")
    expect(page.locator("#budget")).to_contain_text("1,200.00")


def finance_greenlights(page: Page) -> None:
    follow(page, "Greenlight or decline")
    press(page, "Greenlight")
    at_stage(page, "Greenlit")


def expert_books_a_shoot(page: Page) -> None:
    follow(page, "Book a shoot")
    page.get_by_label(QUESTION).check()
    page.get_by_label(re.compile("Chris Expert")).check()
    fill(page, day=TOMORROW.isoformat(), time="10:00", minutes="30")
    save(page)


def producer_uploads_a_cut(page: Page, video: str, footage: Path) -> None:
    page.goto(video)
    at_stage(page, "Scheduled")
    press(page, "Mark as shot")
    at_stage(page, "Shot")
    page.get_by_label("Choose video files").set_input_files(footage)
    cut = page.locator(".media-cut")
    expect(cut).to_contain_text("bigbuckbunny.mp4", timeout=30_000)  # a worker compares it first
    expect(cut).to_contain_text("Ready to watch", timeout=120_000)
    page.reload()
    at_stage(page, "In review")


def expert_watches_and_approves(page: Page) -> None:
    follow(page, "Watch and review")
    play(page, until=1)
    press(page, "Approve this cut")
    press(page, "Approve anyway")  # the second question: the rest was not played
    expect(page.locator("#verdicts")).to_contain_text("Approved")


def producer_publishes(page: Page, video: str) -> None:
    page.goto(video)
    at_stage(page, "Approved")
    press(page, "Create the public page")
    page.goto(video)
    press(page, "Publish now")
    page.goto(video)
    at_stage(page, "Published")


def finance_posts_an_expense(page: Page, video: str) -> None:
    page.goto(f"{video}#budget")
    follow(page, "Post an expense")
    fill(page, amount="1150.50", supplier="Camera & Co")
    press(page, "Post the expense")
    expect(page.locator(".messages .success")).to_be_visible()


def expert_shares_it(page: Page) -> str:
    """Returns the link."""
    page.goto("/admin/contacts/new/")
    fill(page, name=CONTACT, email="ada@acme.example", new_company=COMPANY)
    save(page)
    page.goto("/admin/contacts/")
    follow(page, CONTACT)
    follow(page, "Send a video")
    choose(page, video=QUESTION)
    save(page)
    return page.get_by_label("Only the link").input_value()


def expert_opens_a_deal(page: Page) -> str:
    """Returns the address of the deal's page."""
    page.goto("/admin/deals/new/")
    fill(page, name=DEAL, amount="48000")
    find(page, company=COMPANY)
    save(page)
    find(page, contact=CONTACT)
    fill(page, role="buyer")
    press(page, "Add to this deal")
    expect(page.locator("#main")).to_contain_text("buyer")
    return page.url


def buyer_watches(page: Page, link: str) -> None:
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text(QUESTION)
    play(page, until=SECONDS)
    with page.expect_response(re.compile("/api/v1/views/")) as said:
        playing(page).evaluate("video => video.pause()")
    assert said.value.ok
    page.goto("/")


def expert_reads_that_it_was_watched(page: Page) -> None:
    expect(page.locator(".desk-item", has_text=CONTACT)).to_contain_text(QUESTION)


def expert_wins_the_deal(page: Page, deal: str) -> None:
    page.goto(deal)
    press(page, "Mark won")
    expect(page.locator(".ui-head")).to_contain_text("Won")


def sales_manager_finds_the_influence(page: Page) -> None:
    page.goto("/admin/influence/")
    won = page.locator("#main tr", has_text=DEAL)
    expect(won).to_have_count(1)
    expect(won).to_contain_text("48,000.00")
    expect(page.locator(".deals-totals__main")).to_contain_text("48,000.00")
    page.locator(".deals-totals__main a").click()
    signed = page.locator("#main tbody tr")
    expect(signed).to_have_count(1)
    for text in (DEAL, "48,000.00"):
        expect(signed).to_contain_text(text)
    signed.locator("[data-label=Touches] a").click()
    view = page.locator("#main tbody tr")
    expect(view).to_have_count(1)
    for text in (DEAL, QUESTION, CONTACT, "from Chris Expert", "48,000.00"):
        expect(view).to_contain_text(text)
    seconds = re.search(r"([\d.]+)\s*s\b", view.locator("[data-label=Watched]").inner_text())
    assert seconds
    assert 3 <= float(seconds[1]) <= 6


def finance_finds_the_expense(page: Page) -> None:
    page.goto("/admin/budget/")
    line = page.locator("#main tr", has_text=LINE)
    expect(line).to_contain_text("1,150.50")
    expect(page.locator("#main tr", has_text=QUESTION)).to_contain_text("1,150.50")


def test_from_a_question_to_a_signed_deal(
    studio: Studio,
    page_of: Callable[[Role], Page],
    open_page: Callable[..., Page],
    footage: Path,
) -> None:
    finance_sets_up_the_budget(page_of(Role.FINANCE))
    sales_manager_names_an_expert(page_of(Role.SALES_MANAGER))

    expert_hands_in_a_question(page_of(Role.EXPERT))
    video = producer_plans_a_video_from_it(page_of(Role.PRODUCER))
    producer_asks_for_an_estimate(page_of(Role.PRODUCER), video)
    finance_greenlights(page_of(Role.FINANCE))
    expert_books_a_shoot(page_of(Role.EXPERT))
    studio.run(TURN_BACK_THE_SHOOT)

    producer_uploads_a_cut(page_of(Role.PRODUCER), video, footage)
    expert_watches_and_approves(page_of(Role.EXPERT))
    producer_publishes(page_of(Role.PRODUCER), video)
    finance_posts_an_expense(page_of(Role.FINANCE), video)

    link = expert_shares_it(page_of(Role.EXPERT))
    deal = expert_opens_a_deal(page_of(Role.EXPERT))
    buyer_watches(open_page(), link)
    expert_reads_that_it_was_watched(page_of(Role.EXPERT))
    expert_wins_the_deal(page_of(Role.EXPERT), deal)

    sales_manager_finds_the_influence(page_of(Role.SALES_MANAGER))
    finance_finds_the_expense(page_of(Role.FINANCE))
