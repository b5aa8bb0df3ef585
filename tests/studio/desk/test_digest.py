"""A rep has at most one mail a link and day, and one digest a morning, whatever visitors do."""

import datetime as dt
import tracemalloc
from decimal import Decimal

import pytest
from django.core import mail
from django.utils.timezone import get_default_timezone, localtime, now

from studio.desk import digest
from tests.factories import ContactFactory, ShareLinkFactory, UserFactory, ViewFactory
from videos.audience.models import ShareLink, View
from videos.audience.tracking import notifications
from videos.deals.models import Deal, DealContact

pytestmark = pytest.mark.django_db


@pytest.fixture
def midnight():
    """Of today, in the studio's zone."""
    moment = localtime(timezone=get_default_timezone())
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


@pytest.fixture
def link():
    return ShareLinkFactory(contact=ContactFactory(name="Ann Lee"))


def watched(link: ShareLink, seconds: str, at: dt.datetime | None = None, **flags: bool) -> View:
    return ViewFactory(
        video=link.video,
        share_link=link,
        seconds_watched=Decimal(seconds),
        counted_at=at or now(),
        **flags,
    )


def sent() -> list[tuple[str, list[str]]]:
    return [(message.subject, message.to) for message in mail.outbox]


def test_a_hundred_views_of_a_link_are_one_mail_at_once_and_one_digest(link, midnight):
    yesterday = midnight - dt.timedelta(hours=2)
    views = [watched(link, "12", yesterday) for _number in range(100)]
    for view in [*views, *views]:
        notifications.notify_rep(view.pk)
    assert len(mail.outbox) == 1
    for _time in range(3):
        digest.send(link.rep, midnight)
    assert len(mail.outbox) == 2
    assert mail.outbox[1].to == [link.rep.email]
    assert "Ann Lee, “" in mail.outbox[1].body
    assert "1188 seconds in 99 views" in mail.outbox[1].body
    assert not notifications.pending_views().exists()


def test_each_link_and_each_day_has_a_mail_of_its_own(link):
    other = ShareLinkFactory(rep=link.rep)
    for one in (link, other, link):
        notifications.notify_rep(watched(one, "9").pk)
    assert len(mail.outbox) == 2
    ShareLink.objects.update(told_on=notifications.today() - dt.timedelta(days=1))
    notifications.notify_rep(watched(link, "9").pk)
    assert len(mail.outbox) == 3


def test_the_digest_names_the_contact_s_open_deals_with_their_amount(link, midnight):
    deal = Deal.objects.create(
        name="Fernhill", status="open", amount=Decimal("1500"), currency="EUR"
    )
    bare = Deal.objects.create(name="Anthem", status="open", amount=None, currency="")
    lost = Deal.objects.create(name="Gone", status="lost", closed_at=now(), created_at=midnight)
    for one in (deal, bare, lost):
        DealContact.objects.create(deal=one, contact=link.contact)
    Deal.objects.create(name="Of others", status="open", amount=1, currency="EUR")
    watched(link, "42.5", midnight - dt.timedelta(hours=1))
    digest.send(link.rep, midnight)
    body = mail.outbox[0].body
    assert [line for line in body.splitlines() if line.startswith("Open deal")] == [
        "Open deal: Anthem (no amount yet)",
        "Open deal: Fernhill (1,500.00\xa0EUR)",
    ]
    assert "42 seconds in 1 view" in body


@pytest.mark.parametrize("flag", ["is_staff", "is_internal", "is_bot"])
def test_no_excluded_view_is_told(link, midnight, flag):
    view = watched(link, "9", midnight - dt.timedelta(hours=1), **{flag: True})
    notifications.notify_rep(view.pk)
    digest.send(link.rep, midnight)
    assert sent() == []


def test_where_there_is_nothing_there_is_no_digest(link, midnight):
    watched(link, "9", midnight + dt.timedelta(seconds=1))  # today's are told tomorrow
    watched(link, "9", midnight - dt.timedelta(days=8))  # news no more
    digest.send(link.rep, midnight)
    assert sent() == []


def test_a_rep_who_left_is_told_nothing(link, midnight):
    link.rep.is_active = False
    link.rep.save()
    notifications.notify_rep(watched(link, "9", midnight - dt.timedelta(hours=1)).pk)
    digest.send_due()
    assert sent() == []


def test_digests_go_out_in_the_studio_s_morning(link, monkeypatch, midnight):
    watched(link, "9", midnight - dt.timedelta(hours=1))
    for hour, mails in ((6, 0), (7, 1), (9, 1)):
        at = midnight.replace(hour=hour, minute=30)
        monkeypatch.setattr(digest, "localtime", lambda timezone, at=at: at)
        digest.send_due()
        assert len(mail.outbox) == mails


def test_who_was_never_told_because_the_queue_was_away_is_told(link, monkeypatch):
    watched(link, "9", now() - dt.timedelta(minutes=2))
    monkeypatch.setattr(notifications, "today", lambda: (now() - dt.timedelta(minutes=2)).date())
    notifications.send_missed_notifications()
    notifications.send_missed_notifications()
    assert sent() == [(f"Ann Lee is watching “{link.video}”", [link.rep.email])]


def test_one_rep_s_digest_says_nothing_of_another_s_links(link, midnight):
    before = midnight - dt.timedelta(hours=1)
    other = ShareLinkFactory(rep=UserFactory(), contact=ContactFactory(name="Bo Ek"))
    watched(link, "9", before)
    watched(other, "9", before)
    digest.send(link.rep, midnight)
    assert "Bo Ek" not in mail.outbox[0].body
    assert list(notifications.pending_views().values_list("share_link", flat=True)) == [other.pk]


def test_a_rep_whose_digest_fails_takes_nobody_else_s_morning(link, midnight, monkeypatch, caplog):
    before = midnight - dt.timedelta(hours=1)
    other = ShareLinkFactory(rep=UserFactory(), contact=ContactFactory(name="Bo Ek"))
    for one in (link, other):
        watched(one, "9", before)
    deal_of = digest.open_deals
    monkeypatch.setattr(digest, "localtime", lambda timezone: midnight.replace(hour=8))

    def fails_for_ann(contact):
        if contact == link.contact:
            raise ValueError("a strange row")
        return deal_of(contact)

    with monkeypatch.context() as broken:
        broken.setattr(digest, "open_deals", fails_for_ann)
        digest.send_due()
    assert [to for _subject, to in sent()] == [[other.rep.email]]
    assert f"for user {link.rep.pk} failed" in caplog.text
    digest.send_due()  # what was strange is mended
    assert [to for _subject, to in sent()] == [[other.rep.email], [link.rep.email]]


def test_a_flood_of_views_is_one_digest_in_little_memory(link, midnight):
    """Each with as many ranges as a view may have, which nobody needs to add up seconds."""
    an_hour_before = midnight - dt.timedelta(hours=1)
    View.objects.bulk_create(
        View(
            video=link.video,
            share_link=link,
            started_at=an_hour_before,
            counted_at=an_hour_before,
            seconds_watched=Decimal("0.1"),
            ranges=[[number, number + 0.5] for number in range(300)],
        )
        for _view in range(2000)
    )
    tracemalloc.start()
    digest.send(link.rep, midnight)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "200 seconds in 2000 views" in mail.outbox[0].body
    assert not notifications.pending_views().exists()
    assert most < 10 * 1024**2
