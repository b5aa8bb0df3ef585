import datetime as dt
from collections import Counter
from zoneinfo import ZoneInfo

import pytest

from studio.operations.demo.catalogue import LINES
from studio.operations.demo.clips import CLIPS
from studio.operations.demo.records import World
from studio.operations.demo.world import build
from studio.people.roles import Role

BERLIN = ZoneInfo("Europe/Berlin")
# Every day of a fortnight, ends of months and of years, a leap day, both changes of the clock.
DAYS = [dt.date(2026, 11, 16) + dt.timedelta(days=n) for n in range(14)] + [
    dt.date(2027, 1, 1),
    dt.date(2027, 1, 31),
    dt.date(2027, 3, 1),
    dt.date(2027, 3, 28),
    dt.date(2028, 2, 29),
    dt.date(2027, 10, 31),
    dt.date(2027, 12, 31),
]


@pytest.fixture(params=DAYS, ids=str, scope="module")
def world(request: pytest.FixtureRequest) -> World:
    return build(request.param, BERLIN)


def test_a_day_has_one_world():
    assert build(DAYS[0], BERLIN) == build(DAYS[0], BERLIN)
    assert build(DAYS[0], BERLIN) != build(DAYS[1], BERLIN)


def test_the_world_is_as_large_as_promised(world: World):
    roles = Counter(person.role for person in world.people)
    assert roles == {
        Role.EXPERT: 8,
        Role.PRODUCER: 1,
        Role.SALES_MANAGER: 1,
        Role.FINANCE: 1,
        Role.LEADER: 1,
    }
    assert len(world.questions) in range(38, 43)
    assert len(world.productions) + len(world.older) == 14
    assert (len(world.companies), len(world.contacts)) == (60, 150)
    assert (len(world.deals), len(world.views), len(world.quarters)) == (80, 4000, 4)


def test_ids_are_given_once(world: World):
    for rows in (world.companies, world.contacts, world.deals, world.views):
        assert len({row.id for row in rows}) == len(rows)
    assert len({link.token for link in world.links}) == len(world.links)
    assert len({person.email for person in world.people}) == len(world.people)
    assert len({question.text for question in world.questions}) == len(world.questions)


def test_every_address_is_an_example(world: World):
    addresses = [row.email for row in (*world.people, *world.contacts)]
    domains = [company.domain for company in world.companies]
    assert [name for name in addresses + domains if not name.endswith(".example")] == []


def test_a_video_goes_through_its_stages_in_order(world: World):
    for production in world.productions:
        assert production.times == sorted(production.times), production.key
        assert production.times[-1] < end_of(world)


def test_nothing_is_spent_without_a_greenlight_nor_outside_the_period(world: World):
    periods = {quarter.code: quarter for quarter in world.quarters}
    for production in world.productions:
        if (money := production.money) is None:
            continue
        period = periods[money.period]
        assert set(money.asks) <= set(LINES)
        for spent in money.spent:
            assert money.greenlit_at is not None
            assert money.greenlit_at < spent.at < end_of(world), production.key
            assert period.starts_on <= spent.at.date() <= period.ends_on
            assert period.closed_at is None or spent.at < period.closed_at
            assert production.published_at is None or spent.at < production.published_at
        assert period.closed_at is None or money.greenlit_at < period.closed_at


def test_a_shoot_follows_its_greenlight_and_one_lies_ahead(world: World):
    ahead = []
    for production in world.productions:
        if (shoot := production.shoot) is None:
            continue
        assert production.money is not None
        assert production.money.greenlit_at is not None
        assert production.money.greenlit_at < shoot.booked_at < shoot.starts_at
        assert production.shot_at is None or shoot.starts_at < production.shot_at
        if shoot.starts_at > end_of(world) + dt.timedelta(days=1):
            ahead.append(production.key)
    assert ahead == ["hygiene"]


def test_what_has_a_cut_has_footage(world: World):
    assert {p.key for p in world.productions if p.cut_at} == set(CLIPS)
    for clip in CLIPS.values():
        assert 8 <= clip.seconds <= 20


def test_no_view_before_publication_nor_after_retirement_nor_to_come(world: World):
    shown = {p.key: (p.published_at, None) for p in world.productions if p.published_at}
    shown |= {older.key: (older.published_at, older.retired_at) for older in world.older}
    for view in world.views:
        since, until = shown[view.video]
        assert since <= view.started_at < (until or end_of(world))
        assert view.started_at < end_of(world)
        assert view.seconds >= 0


def test_a_view_through_a_link_comes_after_the_link_and_the_link_after_the_contact(world: World):
    contacts = {contact.id: contact for contact in world.contacts}
    published = {p.key: p.published_at for p in world.productions if p.published_at}
    links = {link.token: link for link in world.links}
    for link in world.links:
        assert link.created_at >= published[link.video]
        assert link.created_at >= contacts[link.contact].created_at
    for view in world.views:
        if view.link:
            assert links[view.link].video == view.video
            assert links[view.link].created_at < view.started_at


def test_a_deal_closes_after_it_began_and_before_today(world: World):
    known = {contact.id: contact for contact in world.contacts}
    for deal in world.deals:
        assert (deal.status == "open") == (deal.closed_at is None)
        assert deal.closed_at is None or deal.created_at < deal.closed_at < end_of(world)
        assert {known[contact].company for contact, _role in deal.contacts} == {deal.company}
        assert all(known[contact].created_at <= deal.created_at for contact, _ in deal.contacts)
    assert sum(deal.amount is None for deal in world.deals if deal.status == "won") == 1
    assert Counter(deal.status for deal in world.deals).keys() == {"open", "won", "lost"}


def test_every_close_has_a_rate_of_its_week(world: World):
    rates = {(rate.currency, rate.day) for rate in world.rates}
    foreign = [deal for deal in world.deals if deal.currency != "EUR"]
    assert len(foreign) > 3
    for deal in foreign:
        if deal.closed_at:
            week = [deal.closed_at.date() - dt.timedelta(days=n) for n in range(8)]
            assert [day for day in week if (deal.currency, day) in rates]


def test_the_deal_to_walk_through_is_open_and_untouched(world: World):
    deal = world.deals[-1]
    assert (deal.status, deal.owner, deal.amount) == ("open", "tomasz", 86_000)
    taking_part = {contact for contact, _role in deal.contacts}
    assert [view for view in world.views if view.contact in taking_part] == []
    assert [link for link in world.links if link.contact in taking_part] == []


def test_the_first_to_wait_for_a_greenlight_can_have_it(world: World):
    contract = next(p for p in world.productions if p.key == "contract")
    assert contract.money is not None
    assert contract.money.greenlit_at is None
    for kind, minor in contract.money.asks.items():
        others = sum(
            p.money.asks.get(kind, 0)
            for p in world.productions
            if p.money and p.money.greenlit_at and p.money.period == contract.money.period
        )
        assert others * 1.05 + minor <= LINES[kind][1]


def end_of(world: World) -> dt.datetime:
    return dt.datetime.combine(world.today, dt.time(), BERLIN)
