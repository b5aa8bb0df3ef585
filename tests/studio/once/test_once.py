"""What a form asks for is done once, however often and at whatever instant it is sent."""

import datetime as dt
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from budgets.models import Entry
from studio.once import keys
from studio.once.models import SentForm
from studio.people.roles import Role
from tests.budgets.factories import LineFactory, greenlit
from tests.factories import UserFactory, ready_cut
from videos.planning.models import Question


@pytest.fixture
def money(db):
    """A line with a greenlit video on it."""
    line = LineFactory(name="Crew", approved=100_00)
    return line, greenlit((line, 60_00))


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def shown_key(client: Client, url: str) -> str:
    found = re.search(r'name="once" value="([^"]+)"', client.get(url).content.decode())
    assert found
    return found[1]


def expense(money, key: str, **fields: object) -> dict[str, object]:
    line, video = money
    day = {"posted_on": line.period.starts_on.isoformat()}
    return {"video": video.pk, "line": line.pk, "amount": "7.00", "once": key, **day, **fields}


def expenses() -> int:
    return Entry.objects.filter(kind="expense").count()


def test_ten_clicks_post_one_expense_and_all_lead_to_it(money, finance):
    client, url = client_of(finance), reverse("budgets_expense")
    form = expense(money, shown_key(client, url))
    answers = [client.post(url, form) for _number in range(10)]
    assert expenses() == 1
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {
        (302, answers[0]["Location"])
    }
    page = client.get(answers[0]["Location"]).content.decode()
    assert "This form was sent before and took effect once" in page


@pytest.mark.django_db(transaction=True)
def test_clicks_at_the_same_instant_post_one_expense():
    line = LineFactory(name="Crew", approved=100_00)
    money, finance = (line, greenlit((line, 60_00))), UserFactory(role=Role.FINANCE)
    url = reverse("budgets_expense")
    form = expense(money, shown_key(client_of(finance), url))

    def click(client: Client) -> int:
        try:
            return client.post(url, form).status_code
        finally:
            connection.close()

    clients = [client_of(finance) for _number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(click, clients)) == [302] * 4
    assert expenses() == 1


def test_a_refused_form_is_corrected_and_sent_again_with_the_same_key(money, finance):
    client, url = client_of(finance), reverse("budgets_expense")
    key = shown_key(client, url)
    assert client.post(url, expense(money, key, amount="-1")).status_code == 200
    assert client.post(url, expense(money, key, amount="1000")).status_code == 200
    assert (expenses(), SentForm.objects.count()) == (0, 0)
    assert client.post(url, expense(money, key)).status_code == 302
    assert expenses() == 1


def test_a_form_without_a_good_key_posts_nothing_and_keeps_what_was_typed(money, finance, leader):
    client, url = client_of(finance), reverse("budgets_expense")
    for key in ("", "made up", keys.fresh(leader.pk)):
        answer = client.post(url, expense(money, key, supplier="Lights & Co"))
        assert answer.status_code == 200
        assert "Nothing was done" in answer.content.decode()
        assert "Lights &amp; Co" in answer.content.decode()
    assert expenses() == 0


def test_a_key_is_good_for_a_day(finance, monkeypatch):
    key = keys.fresh(finance.pk)
    assert keys.read(key, finance.pk)
    monkeypatch.setattr(keys, "GOOD_FOR", dt.timedelta(seconds=-1))
    assert keys.read(key, finance.pk) is None


def test_a_key_is_of_one_form_alone(money, finance):
    client, url = client_of(finance), reverse("budgets_expense")
    key = shown_key(client, url)
    client.post(url, expense(money, key))
    entry = Entry.objects.get(kind="expense")
    other = client.post(reverse("budgets_reverse", args=[entry.pk]), {"reason": "x", "once": key})
    assert other["Location"] == reverse("wagtailadmin_home")  # as for all that is not allowed
    assert not Entry.objects.filter(reverses=entry).exists()


def test_old_keys_go(finance):
    for age in (1, 49):
        at = now() - dt.timedelta(hours=age)
        SentForm.objects.create(key=str(age), by=finance, path="/", sent_at=at)
    assert keys.tidy_up() == 1
    assert SentForm.objects.get().key == "1"


def test_a_comment_sent_twice_stands_once(cut_in_review, producer):
    client = client_of(producer)
    key = shown_key(client, reverse("review_cuts:cut", args=[cut_in_review.pk]))
    for _number in range(3):
        url = reverse("review_cuts:comment", args=[cut_in_review.pk])
        assert client.post(url, {"text": "The logo is old.", "once": key}).status_code == 302
    assert cut_in_review.comments.count() == 1


@pytest.fixture
def cut_in_review(db):
    return ready_cut(video__stage="review")


def test_a_question_sent_twice_is_handed_in_once(expert_user):
    client, url = client_of(expert_user), reverse("planning_questions:add")
    key = shown_key(client, url)
    said = {"text": "What does it cost?", "heard_at": "call", "heard_on": "2026-01-05"}
    form = {**said, "once": key}
    statuses = [client.post(url, form).status_code for _number in range(2)]
    assert (statuses, Question.objects.count()) == ([302, 302], 1)
