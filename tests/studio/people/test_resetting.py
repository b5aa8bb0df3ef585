"""New passwords by mail: few mails, and no word on who has an account."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from studio.people import throttle
from studio.people.models import Tally
from studio.people.resetting import send_reset
from tests.factories import PASSWORD, UserFactory
from tests.queue import empty_queue, queued

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann():
    return UserFactory(email="Ann@studio.example", is_superuser=True)


def ask(address, network="192.0.2.1"):
    page = Client().post(
        reverse("wagtailadmin_password_reset"), {"email": address}, REMOTE_ADDR=network
    )
    return page.status_code, page.url


def work():
    """Does what a worker would."""
    for name, arguments in queued():
        assert name == "studio.people.resetting.send_reset"
        send_reset(*arguments)
    empty_queue()


def link_in(message):
    return re.search(r"https?://\S+/admin/(\S+)", message.body)[1]


def test_twenty_requests_send_at_most_three_mails(ann):
    for number in range(20):
        address = ann.email.upper() if number % 2 else ann.email
        ask(address, network=f"203.0.113.{number}")
    work()
    assert [message.to for message in mail.outbox] == [["Ann@studio.example"]] * 3


def test_the_answer_is_the_same_for_known_and_unknown_addresses(ann):
    answers = {ask(address) for address in (ann.email, "ghost@studio.example")}
    for _ in range(5):  # also when it is too much
        answers |= {ask(address) for address in (ann.email, "ghost@studio.example")}
    assert answers == {(302, reverse("wagtailadmin_password_reset_done"))}


def test_one_network_asks_for_no_more_than_twenty(ann):
    for number in range(throttle.RESET_FROM_NETWORK.requests):
        ask(f"ghost{number}@studio.example")
    ask(ann.email)
    ask(ann.email, network="198.51.100.1")
    work()
    assert len(mail.outbox) == 1


def test_the_mail_goes_by_key_to_the_address_as_given_and_leads_to_this_studio(ann, settings):
    Client().post(
        reverse("wagtailadmin_password_reset"),
        {"email": "ANN@STUDIO.example"},
        HTTP_HOST="localhost",
    )
    work()
    (message,) = mail.outbox
    assert message.to == ["Ann@studio.example"]
    assert f"{settings.BASE_URL}/admin/password_reset/confirm/" in message.body


def test_a_former_or_foreign_address_gets_no_mail(ann):
    ann.email = "ann.lee@studio.example"
    ann.save()
    for address in ("ann@studio.example", "\u0430nn.lee@studio.example"):
        send_reset(address)
    assert mail.outbox == []


def set_password(client, link, password="another horse battery"):
    page = client.get(f"/admin/{link}", follow=True)
    if not page.redirect_chain:
        return page
    where = page.redirect_chain[-1][0]
    return client.post(where, {"new_password1": password, "new_password2": password})


def test_a_link_sets_a_password_signs_in_and_makes_the_browser_known(ann):
    send_reset(ann.email)
    client = Client()
    assert set_password(client, link_in(mail.outbox[0])).url == reverse("wagtailadmin_home")
    assert client.session["_auth_user_id"] == str(ann.pk)
    assert "studio_browser" in client.cookies
    assert set_password(Client(), link_in(mail.outbox[0])).status_code == 200  # once


@pytest.mark.parametrize("what", ["deactivated", "address", "password"])
def test_a_link_ends_with_what_it_was_made_for(ann, what):
    UserFactory(is_superuser=True)
    send_reset(ann.email)
    if what == "deactivated":
        ann.is_active = False
    elif what == "address":
        ann.email = "ann.lee@studio.example"
    else:
        ann.set_password("something else entirely")
    ann.save()
    client = Client()
    set_password(client, link_in(mail.outbox[0]))
    ann.is_active = True
    ann.save()
    assert "_auth_user_id" not in client.session
    set_password(client, link_in(mail.outbox[0]))
    ann.refresh_from_db()
    assert not ann.check_password("another horse battery")


def test_who_was_deactivated_gets_no_mail(ann):
    UserFactory(is_superuser=True)
    ann.is_active = False
    ann.save()
    send_reset(ann.email)
    assert mail.outbox == []


def test_the_old_password_is_not_guessed_for_long(signed_in, ann):
    client = signed_in(ann)
    for number in range(8):
        page = change_password(client, f"guess {number}")
    assert "Too many wrong passwords" in page.content.decode()
    change_password(client, PASSWORD)
    ann.refresh_from_db()
    assert ann.check_password(PASSWORD)


def change_password(client, old):
    return client.post(
        reverse("wagtailadmin_account"),
        {
            "name_email-first_name": "Ann",
            "name_email-last_name": "Lee",
            "locale-current_time_zone": "",
            "theme-theme": "system",
            "theme-contrast": "system",
            "theme-density": "default",
            "theme-keyboard_shortcuts": "on",
            "password-old_password": old,
            "password-new_password1": "another horse battery",
            "password-new_password2": "another horse battery",
        },
    )


def test_a_new_password_ends_other_sessions(signed_in, ann):
    here, there = signed_in(ann), signed_in(ann)
    assert change_password(here, PASSWORD).status_code == 302
    assert here.get(reverse("wagtailadmin_home")).status_code == 200
    assert there.get(reverse("wagtailadmin_home")).status_code == 302


def test_what_is_counted_names_nobody(ann):
    ask(ann.email)
    assert {tally.door for tally in Tally.objects.all()} == {
        "reset of account",
        "reset from network",
    }
    for tally in Tally.objects.all():
        assert re.fullmatch("[0-9a-f]{64}", tally.subject)
