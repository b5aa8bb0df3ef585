"""The touches at the close are the touches ever after, whatever browsers send later."""

import json
from datetime import timedelta
from ipaddress import ip_network
from itertools import count
from random import Random

import pytest
from django.core import signing
from django.db import transaction
from django.test import Client, override_settings
from django.urls import reverse
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.factories import ContactFactory, ShareLinkFactory, UserFactory
from tests.videos.audience.conftest import FIREFOX
from tests.videos.audience.factories import public_video
from tests.videos.deals import browsing
from tests.videos.deals.factories import DealContactFactory, DealFactory
from videos.audience.models import ShareLink
from videos.audience.tracking import cookies
from videos.deals.attribution.influence import build_report
from videos.deals.attribution.touches import touches_by_deal
from videos.deals.deal_status import close
from videos.deals.models import Deal
from videos.deals.reports.evidence import touches_on

BOT = "Googlebot/2.1 (+http://www.google.com/bot.html)"


def touched(deal_touches):
    """By deal: of each touch, what decides on its credit."""
    return {
        one.deal.id: [
            (touch.view.id, touch.view.started_at, touch.contact, touch.view.share_link)
            for touch in one.touches
        ]
        for one in deal_touches
    }


def test_the_simulated_studio_knows_the_example_of_the_fine_print():
    """In seconds instead of minutes: B's view at 5 and 8, and the yes at 30."""
    sent = [
        browsing.Sent(0, "one-a", elapsed=0, watched=0),
        browsing.Sent(3, "one-a", elapsed=3, watched=3),
        browsing.Sent(5, "one-b", elapsed=0, watched=0, share="one"),
        browsing.Sent(8, "one-b", elapsed=3, watched=3, share="one"),
        browsing.Yes(30, "B1", ("one-a", "one-b")),
        browsing.Sent(40, "one-b", elapsed=604_000, watched=60, share="other", is_bot=True),
    ]

    def at_the_close(at):
        world = browsing.world_of(sent, browsing.deals_closing(at))
        touches = touched(touches_by_deal(world, browsing.params(browsing.END)))
        return [[view for view, *_more in touches[deal]] for deal in ("C1", "C2")]

    assert at_the_close(8) == [[], []]
    assert at_the_close(9) == [["one-b"], []]
    assert at_the_close(30) == [["one-b"], []]
    assert at_the_close(31) == [["one-a", "one-b"], []]


@settings(max_examples=250, deadline=None)
@given(browsing.histories, browsing.moments)
def test_the_touches_at_the_close_are_the_touches_ever_after(history, closed_at):
    deals = browsing.deals_closing(closed_at)
    by_then = [event for event in history if event.at <= closed_at]
    at_the_close = touched(
        touches_by_deal(browsing.world_of(by_then, deals), browsing.params(closed_at))
    )
    for as_of in (closed_at, browsing.END, 10 * browsing.END):
        after = touches_by_deal(browsing.world_of(history, deals), browsing.params(as_of))
        assert touched(after) == at_the_close


@settings(max_examples=250, deadline=None)
@given(browsing.histories, browsing.moments, browsing.moments)
def test_a_report_as_of_an_instant_is_the_same_whenever_it_is_asked(history, closed_at, as_of):
    """Seconds and the words of the report aside: who touched what, and what it is credited with."""
    deals = browsing.deals_closing(closed_at)
    by_then = [event for event in history if event.at <= as_of]
    asked = browsing.params(as_of)
    then = build_report(browsing.world_of(by_then, deals), asked)
    later = build_report(browsing.world_of(history, deals), asked)
    for one, other in ((then.closed, later.closed), (then.open, later.open)):
        assert touched(one) == touched(other)
    assert (then.totals, then.videos) == (later.totals, later.videos)


# The same through the studio's own address, with its own clock


def act_of(dice):
    return {
        "view": dice.randrange(4),
        "link": dice.choice([None, None, 0, 1]),
        "viewer": dice.choice([None, "B1", "B1", "B2"]),
        "elapsed": dice.choice([4, 20, 600, 604_000]),
        "watched": dice.choice([1, 4, 4, 60]),
        "who": dice.choice(["visitor"] * 8 + ["bot", "staff", "said no"]),
    }


def acts_of(seed):
    dice = Random(seed)
    return [act_of(dice) for _ in range(dice.randrange(3, 9))]


acts = st.integers(0, 2**64 - 1).map(acts_of)


class Studio:
    """One video, a link for either of two contacts, a deal of each, and browsers."""

    def __init__(self):
        self.video = public_video(duration_seconds="60")
        self.links = []
        self.deals = []
        self.seq = count()
        self.rep = UserFactory()
        for _ in range(2):
            self.deals.append(DealFactory())
            self.add_link(DealContactFactory(deal=self.deals[-1]).contact)

    def add_link(self, contact):
        self.links.append(ShareLinkFactory(video=self.video, contact=contact, rep=self.rep))

    def send(self, act):
        client = Client(headers={"User-Agent": BOT if act["who"] == "bot" else FIREFOX})
        if act["who"] == "staff":
            client.force_login(self.rep)
        if act["who"] == "said no":
            client.cookies[cookies.OPT_OUT_COOKIE] = "1"
        if act["viewer"]:
            salt = cookies.SALT + cookies.VIEWER_COOKIE
            client.cookies[cookies.VIEWER_COOKIE] = signing.dumps(act["viewer"], salt=salt)
        link = None if act["link"] is None else self.links[act["link"]].token
        sent = {
            "video": self.video.public_id,
            "share": link,
            "seq": next(self.seq),
            "elapsed": act["elapsed"],
            "ranges": [[0, act["watched"]]],
            "event": "playing",
        }
        response = client.post(
            f"/api/v1/views/00000000-0000-4000-8000-{act['view']:012}",
            json.dumps(sent),
            content_type="text/plain;charset=UTF-8",
        )
        assert response.status_code == 204

    def touches(self):
        return [
            sorted(
                (found.touch.view.id, found.touch.view.started_at, found.touch.contact)
                for found in touches_on(deal)
            )
            for deal in self.deals
        ]


@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.reuse, Phase.generate],  # making a failure smaller takes minutes here
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(before=acts, after=acts)
def test_no_report_that_arrives_after_the_close_moves_a_touch(db, before, after):
    with transaction.atomic(), override_settings(RATE_LIMITS="off", BASE_URL="https://v.example"):
        studio = Studio()
        for act in before:
            studio.send(act)
        for deal in studio.deals:
            close(deal.pk, Deal.Status.WON, by=studio.rep)
        at_the_close = studio.touches()
        for act in [*after, *before]:
            studio.send(act)
        assert studio.touches() == at_the_close
        transaction.set_rollback(True)


def test_a_link_made_after_the_close_makes_old_views_nobody_s_touch(db):
    studio = Studio()
    late = ContactFactory()
    deal = DealContactFactory(contact=late).deal
    anonymous = {"view": 0, "link": None, "viewer": "B1", "who": "visitor"}
    studio.send({**anonymous, "elapsed": 10, "watched": 10})
    close(deal.pk, Deal.Status.WON, by=studio.rep)
    studio.add_link(late)
    studio.send({**anonymous, "view": 1, "link": 2, "elapsed": 10, "watched": 10})
    deal.refresh_from_db()
    assert touches_on(deal) == []


class AfterTheClose:
    """What browsers send, and what a rep does, when the rep's two deals have closed."""

    seen = {"view": 0, "link": 0, "viewer": "B1", "elapsed": 10, "watched": 10, "who": "visitor"}
    almost = (  # each lacks one thing to be a touch
        {**seen, "view": 1, "link": 1, "viewer": "B2", "watched": 1},
        {**seen, "view": 2, "link": None, "viewer": "B2"},
        {**seen, "view": 3, "link": None, "viewer": None},
    )

    def __init__(self, rep, client, settings):
        self.rep, self.client, self.settings = rep, client, settings
        self.studio = Studio()
        self.browser = Client(headers={"User-Agent": FIREFOX})
        Deal.objects.update(owner=rep)
        self.send(self.seen, *self.almost)
        for deal in self.studio.deals:
            close(deal.pk, Deal.Status.WON, by=rep)

    def send(self, *acts, **changes):
        for act in acts:
            self.studio.send({**act, **changes})

    def watch_on(self):
        self.send(self.seen, *self.almost, watched=60, elapsed=600)

    def name_a_link(self):
        self.send(*self.almost, link=1)
        self.send(*self.almost, link=1, watched=60)

    def sign_in_there(self):
        self.send(self.seen, *self.almost, who="staff")

    def be_a_bot(self):
        self.send(self.seen, *self.almost, who="bot")

    def say_yes(self):
        views = [f"00000000-0000-4000-8000-{number:012}" for number in range(4)]
        self.browser.get(f"/s/{self.studio.links[1].token}")
        self.browser.post("/audience/remember", {"remember": "yes", "views": views})
        self.watch_on()

    def say_no(self):
        self.browser.post("/audience/remember", {"remember": "no"})
        self.send(self.seen, *self.almost, who="said no")

    def another_limit(self):
        self.settings.VIEW_MIN_SECONDS = 1
        self.watch_on()

    def an_own_network(self):
        self.settings.INTERNAL_NETWORKS = [ip_network("127.0.0.0/8")]
        self.watch_on()

    def make_a_link(self):
        contact = self.studio.deals[1].deal_contacts.get().contact
        made = {"video": self.studio.video.pk, "chosen": contact.pk}
        self.client.post(reverse("audience_share_links:add"), made)
        self.studio.links.append(ShareLink.objects.get(rep=self.rep))
        self.send(*self.almost, link=2, watched=60)

    def change_own_deals(self):
        won, lacking = self.studio.deals
        part, stranger = won.deal_contacts.get(), ContactFactory()
        created_at = (won.created_at - timedelta(days=9)).strftime("%Y-%m-%dT%H:%M")
        changed = {"name": "Mine", "amount": "1", "currency": "EUR", "created_at": created_at}
        for name, keys, sent in (
            ("reopen", [won.pk], {"reason": "Mistyped."}),
            ("lose", [won.pk], {}),
            ("edit", [won.pk], {**changed, "reason": "Mistyped."}),
            ("add_contact", [lacking.pk], {"contact": part.contact.pk}),
            ("add_contact", [won.pk], {"contact": stranger.pk}),
            ("remove_contact", [won.pk, part.pk], {}),
        ):
            self.client.post(reverse(f"deals_deals:{name}", args=keys), sent)

    def change_a_contact(self):
        won, lacking = (deal.deal_contacts.get().contact for deal in self.studio.deals)
        sent = {"name": "Somebody", "email": lacking.email}
        for name in ("edit", "delete"):
            self.client.post(reverse(f"audience_contacts:{name}", args=[won.pk]), sent)


ACTS = [
    AfterTheClose.watch_on,
    AfterTheClose.name_a_link,
    AfterTheClose.sign_in_there,
    AfterTheClose.be_a_bot,
    AfterTheClose.say_yes,
    AfterTheClose.say_no,
    AfterTheClose.another_limit,
    AfterTheClose.an_own_network,
    AfterTheClose.make_a_link,
    AfterTheClose.change_own_deals,
    AfterTheClose.change_a_contact,
]


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
def test_nothing_a_browser_or_a_rep_sends_after_the_close_moves_a_touch(
    signed_in, settings, expert_user, act
):
    settings.RATE_LIMITS, settings.BASE_URL = "off", "http://testserver"
    scene = AfterTheClose(expert_user, signed_in(expert_user), settings)
    at_the_close = scene.studio.touches()
    assert [len(touches) for touches in at_the_close] == [1, 0]
    act(scene)
    assert scene.studio.touches() == at_the_close
    standing = Deal.objects.order_by("pk").values_list("status", "times_closed", "created_at")
    assert list(standing) == [("won", 1, deal.created_at) for deal in scene.studio.deals]
