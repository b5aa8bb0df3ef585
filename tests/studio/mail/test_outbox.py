"""Mails are written with the act, sent by the queue, and outlive a server that is away."""

import datetime as dt
import smtplib
import socket
import time
from collections.abc import Iterator

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.mail import EmailMultiAlternatives, send_mail
from django.db import transaction
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.timezone import now
from hypothesis import given
from hypothesis import strategies as st

from studio.mail import outbox
from studio.mail.models import Mail
from studio.mail.outcome import LONGEST_PAUSE, MOST_ATTEMPTS, Fault, pause, verdict
from tests.factories import UserFactory
from tests.queue import queued

pytestmark = pytest.mark.django_db
SMTP = "django.core.mail.backends.smtp.EmailBackend"
DELIVER = ("studio.mail.outbox.deliver", ())


@pytest.fixture(autouse=True)
def through_the_outbox(settings) -> Iterator[None]:
    settings.EMAIL_BACKEND = "studio.mail.backend.OutboxBackend"
    cache.delete(outbox.AWAY)
    yield
    cache.delete(outbox.AWAY)


@pytest.fixture
def smtp(settings):
    """Has the outbox deliver to a port of this machine."""

    def at(port: int) -> None:
        settings.MAIL_TRANSPORT = SMTP
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 0.3

    return at


def write(*to: str, subject: str = "Hello") -> None:
    send_mail(subject, "The text.", None, list(to))


def states() -> list[tuple[str, str, int]]:
    return list(Mail.objects.order_by("pk").values_list("recipient", "state", "attempts"))


def later() -> None:
    """As if all pauses were over."""
    cache.delete(outbox.AWAY)
    Mail.objects.waiting().update(next_at=now())


def test_a_mail_is_kept_in_the_transaction_and_sent_after_it(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        write("ann@studio.example")
        assert queued() == []
    assert mail.outbox == []
    assert queued() == [DELIVER]
    outbox.deliver()
    outbox.deliver()
    assert [(one.to, one.subject) for one in mail.outbox] == [(["ann@studio.example"], "Hello")]
    assert states() == [("ann@studio.example", "sent", 1)]


def test_an_act_that_is_undone_sends_no_mail():
    with transaction.atomic():
        write("ann@studio.example")
        transaction.set_rollback(True)
    assert states() == []


def test_what_arrives_is_what_was_written():
    message = EmailMultiAlternatives(
        "Zür\r\nBcc: x@evil.example", "Plain ü", None, ["a@b.example"], headers={"X-Studio": "1"}
    )
    message.attach_alternative("<p>ü</p>", "text/html")
    message.attach("list.csv", "a;b", "text/csv")
    message.send()
    outbox.deliver()
    sent = mail.outbox[0].message()
    assert sent["X-Studio"] == "1"
    assert sent["Bcc"] is None
    parts = [(part.get_content_type(), part.get_payload(decode=True)) for part in sent.walk()]
    assert ("text/plain", "Plain ü".encode()) in parts
    assert ("text/html", "<p>ü</p>".encode()) in parts
    assert ("text/csv", b"a;b") in parts


def test_no_link_is_left_in_the_outbox_once_it_is_sent():
    write("ann@studio.example")
    outbox.deliver()
    assert bytes(Mail.objects.get().content) == b""


@pytest.mark.parametrize("kind", ["dead", "mute"])
def test_a_server_that_is_away_costs_one_attempt_and_loses_nothing(smtp, kind, settings):
    with socket.create_server(("127.0.0.1", 0)) as server:
        smtp(server.getsockname()[1])
        if kind == "dead":
            server.close()
        for number in range(30):
            write(f"rep{number}@studio.example")
        began = time.monotonic()
        outbox.deliver()
        outbox.deliver()
        assert time.monotonic() - began < 5
    assert [row[1:] for row in states()] == [("waiting", 1), *[("waiting", 0)] * 29]
    assert Mail.objects.first().reason == "" != Mail.objects.last().reason
    settings.MAIL_TRANSPORT = "django.core.mail.backends.locmem.EmailBackend"
    later()
    outbox.look()
    assert len(mail.outbox) == 30
    assert {row[1] for row in states()} == {"sent"}


class Refusing:
    """A transport that takes no mail to some."""

    def __init__(self, refused: dict[str, Exception]) -> None:
        self.refused, self.sent = refused, []

    def send_messages(self, messages):
        for message in messages:
            if error := self.refused.get(message.to[0]):
                raise error
            self.sent.append(message.to[0])

    def close(self) -> None:
        pass


def test_a_recipient_who_is_refused_stops_nobody_else(monkeypatch, caplog):
    no = smtplib.SMTPRecipientsRefused({"no@x.example": (550, b"no such\nuser")})
    full = smtplib.SMTPRecipientsRefused({"full@x.example": (452, b"mailbox full")})
    transport = Refusing({"no@x.example": no, "full@x.example": full})
    monkeypatch.setattr(outbox, "get_connection", lambda backend: transport)
    write("no@x.example", "full@x.example", "yes@x.example")
    outbox.deliver()
    assert transport.sent == ["yes@x.example"]
    assert states() == [
        ("no@x.example", "refused", 1),
        ("full@x.example", "waiting", 1),
        ("yes@x.example", "sent", 1),
    ]
    refused = Mail.objects.get(state="refused")
    assert refused.reason == "550 no such user"
    assert f"mail {refused.pk} was refused" in caplog.text
    assert "no@x.example" not in caplog.text


def test_the_log_says_why_the_server_takes_nothing(monkeypatch, caplog):
    """Who sets the studio up reads there that the password is wrong."""
    wrong = smtplib.SMTPAuthenticationError(535, b"5.7.8 password\nnot right")
    transport = Refusing({"someone@x.example": wrong})
    monkeypatch.setattr(outbox, "get_connection", lambda backend: transport)
    write("someone@x.example")
    outbox.deliver()
    assert "the mail server takes no mails: 535 5.7.8 password not right" in caplog.text
    assert "someone@x.example" not in caplog.text


def test_attempts_are_bounded(monkeypatch):
    full = smtplib.SMTPRecipientsRefused({"full@x.example": (452, b"mailbox full")})
    monkeypatch.setattr(outbox, "get_connection", lambda b: Refusing({"full@x.example": full}))
    write("full@x.example")
    Mail.objects.update(attempts=MOST_ATTEMPTS - 1)
    outbox.deliver()
    outbox.deliver()
    assert states() == [("full@x.example", "given_up", MOST_ATTEMPTS)]


def test_two_workers_send_a_mail_once():
    write("ann@studio.example")
    mail_id = Mail.objects.get().pk
    assert [outbox.claim(mail_id), outbox.claim(mail_id)] == [True, False]
    later()
    assert outbox.claim(mail_id)  # the first one died


def test_a_password_reset_waits_for_no_mail_server(client, smtp):
    user = UserFactory(email="ann@studio.example")
    user.set_password("a long and secret one")
    user.save()
    with socket.create_server(("127.0.0.1", 0)) as mute:
        smtp(mute.getsockname()[1])
        began = time.monotonic()
        client.post(reverse("wagtailadmin_password_reset"), {"email": user.email})
        assert time.monotonic() - began < 5
        [(task, arguments)] = queued()
        import_string(task)(*arguments)
        mute.setblocking(False)
        with pytest.raises(BlockingIOError):
            mute.accept()
    assert states() == [("ann@studio.example", "waiting", 0)]


def test_old_outcomes_are_forgotten_and_what_waits_is_not():
    write("a@x.example", "b@x.example")
    old = now() - outbox.KEPT - dt.timedelta(days=1)
    Mail.objects.filter(recipient="a@x.example").update(state="sent", ended_at=old)
    Mail.objects.update(created_at=old)
    assert outbox.tidy_up() == 1
    assert states() == [("b@x.example", "waiting", 0)]
    assert outbox.oldest_wait() > outbox.KEPT.total_seconds()


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (smtplib.SMTPRecipientsRefused({"a": (550, b"no")}), Fault.FOR_GOOD),
        (smtplib.SMTPRecipientsRefused({"a": (451, b"later")}), Fault.FOR_NOW),
        (smtplib.SMTPDataError(554, b"spam"), Fault.FOR_GOOD),
        (smtplib.SMTPDataError(421, b"busy"), Fault.FOR_NOW),
        (smtplib.SMTPAuthenticationError(535, b"who"), Fault.SERVER),
        (smtplib.SMTPSenderRefused(550, b"who", "x"), Fault.SERVER),
        (smtplib.SMTPServerDisconnected("gone"), Fault.SERVER),
        (TimeoutError("timed out"), Fault.SERVER),
        (ConnectionRefusedError(), Fault.SERVER),
        (smtplib.SMTPNotSupportedError("no UTF-8"), Fault.FOR_GOOD),
        (KeyError("x"), Fault.FOR_NOW),
    ],
)
def test_what_an_error_means(error, fault):
    found = verdict(error)
    assert found.fault is fault
    assert found.words


@given(st.integers(1, 1000))
def test_pauses_grow_to_an_hour(attempts):
    assert pause(attempts) <= pause(attempts + 1) <= LONGEST_PAUSE


def test_all_attempts_together_last_through_a_long_weekend():
    assert sum((pause(n) for n in range(1, MOST_ATTEMPTS)), dt.timedelta()) > dt.timedelta(days=3)


def test_administrators_are_told_what_was_not_delivered(signed_in, producer):
    write("ann@studio.example")
    Mail.objects.update(state="refused", ended_at=now(), reason="550 no such user")
    administrator = signed_in(UserFactory(is_superuser=True))
    home = administrator.get(reverse("wagtailadmin_home")).content.decode()
    assert "1 mail was not delivered" in home
    page = administrator.get(reverse("mail_undelivered")).content.decode()
    assert "550 no such user" in page
    assert "not delivered" not in signed_in(producer).get("/admin/").content.decode()


def test_monitors_see_how_many_mails_wait_and_for_how_long(signed_in):
    write("ann@studio.example", "bo@studio.example")
    Mail.objects.update(created_at=now() - dt.timedelta(hours=1))
    numbers = signed_in(UserFactory(is_superuser=True)).get("/metrics").content.decode()
    assert 'closing_shot_mails{state="waiting"} 2.0' in numbers
    assert "closing_shot_mails_oldest_wait_seconds 36" in numbers
