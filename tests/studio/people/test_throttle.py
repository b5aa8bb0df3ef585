"""Everything else with a password is rate-limited, too."""

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from wagtail.documents.models import Document
from wagtail.models import Collection, CollectionViewRestriction, PageViewRestriction

from studio.people import throttle
from studio.people.models import Tally
from studio.people.network import network_of
from tests.videos.publishing.factories import live_page

pytestmark = pytest.mark.django_db


@pytest.fixture
def restriction():
    return PageViewRestriction.objects.create(
        page=live_page(), restriction_type=PageViewRestriction.PASSWORD, password="open sesame"
    )


def say(restriction, password, network="192.0.2.1"):
    url = reverse(
        "wagtailcore_authenticate_with_password", args=[restriction.pk, restriction.page_id]
    )
    data = {"password": password, "return_url": "/"}
    return Client().post(url, data, REMOTE_ADDR=network).status_code


def test_the_password_of_a_page_is_not_guessed_for_long(restriction):
    wrong = [say(restriction, f"guess {number}") for number in range(60)]
    limit = throttle.PAGE_PASSWORD.requests
    assert wrong == [200] * limit + [429] * (60 - limit)
    assert say(restriction, "open sesame") == 429
    assert say(restriction, "open sesame", network="198.51.100.1") == 302


def test_who_guessed_too_often_reads_when_to_try_again(restriction):
    url = reverse(
        "wagtailcore_authenticate_with_password", args=[restriction.pk, restriction.page_id]
    )
    for _guess in range(throttle.PAGE_PASSWORD.requests + 1):
        answer = Client().post(url, {"password": "guess"})
    assert (answer.status_code, answer["Retry-After"]) == (429, "900")
    assert "no-store" in answer["Cache-Control"]
    assert "Try again in 15 minutes." in answer.content.decode()


def test_the_password_of_a_collection_of_documents_is_not_guessed_for_long():
    collection = Collection.get_first_root_node().add_child(name="Price lists")
    restriction = CollectionViewRestriction.objects.create(
        collection=collection, restriction_type="password", password="open sesame"
    )
    url = reverse("wagtaildocs_authenticate_with_password", args=[restriction.pk])

    def knock(password, network="192.0.2.1"):
        data = {"password": password, "return_url": "/"}
        return Client().post(url, data, REMOTE_ADDR=network)

    limit = throttle.COLLECTION_PASSWORD.requests
    answers = [knock(f"guess {number}") for number in range(limit + 5)]
    assert [one.status_code for one in answers] == [200] * limit + [429] * 5
    assert 'role="alert"' in answers[0].content.decode()
    assert knock("open sesame").status_code == 429
    assert knock("open sesame", network="198.51.100.1").status_code == 302


def test_a_new_password_of_a_collection_shuts_out_who_knew_the_old_one():
    collection = Collection.get_first_root_node().add_child(name="Price lists")
    restriction = CollectionViewRestriction.objects.create(
        collection=collection, restriction_type="password", password="open sesame"
    )
    file = ContentFile(b"9.90", "prices.txt")
    document = Document.objects.create(title="Prices", file=file, collection=collection)
    client = Client()
    form = reverse("wagtaildocs_authenticate_with_password", args=[restriction.pk])
    client.post(form, {"password": "open sesame", "return_url": "/"})
    assert b"".join(client.get(document.url).streaming_content) == b"9.90"
    restriction.password = "close sesame"
    restriction.save()
    assert b"9.90" not in client.get(document.url).content
    restriction.restriction_type = "login"
    restriction.save()
    form = reverse("wagtaildocs_authenticate_with_password", args=[restriction.pk])
    assert client.get(form).status_code == 404


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("wagtailcore_authenticate_with_password", [4711, 4712]),
        ("wagtaildocs_authenticate_with_password", [4711]),
    ],
)
def test_a_password_that_nothing_has_is_not_counted(name, args):
    assert Client().post(reverse(name, args=args), {"password": "x"}).status_code == 404
    assert not Tally.objects.exists()


def test_an_office_of_viewers_with_the_right_password_is_never_refused(restriction):
    assert {say(restriction, "open sesame") for _ in range(60)} == {302}


def test_the_token_of_the_metrics_is_not_guessed_for_long(client, settings):
    settings.METRICS_TOKEN = "t0ken"

    def ask(token, network="192.0.2.1"):
        headers = {"Authorization": f"Bearer {token}"}
        return client.get("/metrics", headers=headers, REMOTE_ADDR=network).status_code

    assert {ask("t0ken") for _ in range(throttle.METRICS.requests + 5)} == {200}
    assert {ask(f"guess{number}") for number in range(throttle.METRICS.requests)} == {404}
    assert (ask("t0ken"), ask("t0ken", network="198.51.100.1")) == (404, 200)


def test_a_window_ends_and_a_new_one_begins(restriction):
    limit = throttle.PAGE_PASSWORD
    assert [throttle.allow_request(limit, "x") for _ in range(limit.requests + 1)][-2:] == [
        True,
        False,
    ]
    assert not throttle.would_allow(limit, "x")
    Tally.objects.update(began_at=Tally.objects.get().began_at - limit.window)
    assert throttle.would_allow(limit, "x")
    assert throttle.allow_request(limit, "x")
    assert Tally.objects.get().count == 1


def test_with_limits_off_all_is_counted_and_nothing_refused(settings):
    settings.RATE_LIMITS = "off"
    limit = throttle.OLD_PASSWORD
    assert all(throttle.allow_request(limit, "x") for _ in range(limit.requests + 5))
    assert throttle.would_allow(limit, "x")
    assert Tally.objects.get().count == limit.requests + 5


def test_tallies_of_yesterday_are_swept():
    throttle.allow_request(throttle.OLD_PASSWORD, "x")
    Tally.objects.update(began_at=Tally.objects.get().began_at - 2 * throttle.LONGEST)
    throttle.allow_request(throttle.OLD_PASSWORD, "y")
    assert Tally.objects.count() == 1


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("unknown", ""),
        ("", ""),
    ],
)
def test_a_network_is_an_ipv4_address_or_64_bits(address, network):
    assert network_of(address) == network
