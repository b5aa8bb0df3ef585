"""A studio without users opens on a page that makes the first administrator, by a printed token."""

import io
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now
from wagtail.models import ModelLogEntry

from studio.people import first_run, throttle
from studio.people.models import FirstRunToken, User
from tests.factories import UserFactory

URL = "/admin/first-run/"
FORM = {
    "first_name": "Ada",
    "last_name": "Byron",
    "email": "Ada@Studio.Example",
    "password1": "a long way to Tipperary",
    "password2": "a long way to Tipperary",
}


def send(client: Client, token: str, **other: str):
    return client.post(URL, {**FORM, "token": token, **other})


@pytest.mark.parametrize("url", ["/", "/admin/", "/admin/login/"])
def test_an_empty_studio_opens_on_the_first_run(client, db, url):
    answer = client.get(url, follow=True)
    assert answer.redirect_chain[-1][0] == URL
    assert "Make the first administrator" in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("url", ["/", "/admin/login/"])
def test_a_studio_with_users_does_not(client, db, url):
    UserFactory()
    assert client.get(url).status_code == 200


def test_the_token_makes_one_administrator_and_signs_them_in(client, db):
    token = first_run.new_token()
    assert token not in str(FirstRunToken.objects.values())
    answer = send(client, f" {token.upper()} ")
    assert (answer.status_code, answer["Location"]) == (302, reverse("wagtailadmin_home"))
    ada = User.objects.get()
    assert (ada.email, ada.is_superuser, ada.is_active) == ("Ada@Studio.Example", True, True)
    assert client.get("/admin/").status_code == 200
    assert not FirstRunToken.objects.exists()
    entry = ModelLogEntry.objects.get(action="people.first_run")
    assert (entry.user, entry.object_id) == (ada, str(ada.pk))


def test_with_a_user_there_is_only_the_sign_in(client, db):
    token = first_run.new_token()
    UserFactory()
    for answer in (client.get(URL), send(client, token)):
        assert (answer.status_code, answer["Location"]) == (302, reverse("wagtailadmin_login"))
    with pytest.raises(first_run.StudioHasUsers):
        first_run.make_administrator(token, User(email="ada@studio.example"))
    assert User.objects.count() == 1


def test_a_wrong_or_old_token_makes_nobody(client, db):
    assert "This is not the token" in send(client, "abcde").content.decode()
    old = first_run.new_token()
    FirstRunToken.objects.update(made_at=now() - first_run.GOOD_FOR)
    assert "more than a day old" in send(client, old).content.decode()
    with pytest.raises(first_run.WrongToken):
        first_run.make_administrator(old, User(email="ada@studio.example"))
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("password1", "another one altogether", "didn’t match"),
        ("email", "nonsense", "valid email"),
        ("first_name", "", "required"),
    ],
)
def test_what_is_wrong_stands_on_the_form_and_the_token_stays_good(client, db, field, value, said):
    token = first_run.new_token()
    assert said in send(client, token, **{field: value}).content.decode()
    assert not User.objects.exists()
    assert send(client, token).status_code == 302


def test_a_password_that_is_easy_to_guess_is_refused(client, db):
    token = first_run.new_token()
    page = send(client, token, password1="password", password2="password").content.decode()
    assert "too common" in page
    assert not User.objects.exists()


def test_tokens_are_not_guessed_for_long(client, db):
    token = first_run.new_token()
    wrong = [send(client, "abcde").status_code for _guess in range(throttle.FIRST_RUN.requests)]
    assert wrong == [200] * throttle.FIRST_RUN.requests
    answer = send(client, token)
    assert (answer.status_code, answer["Retry-After"]) == (429, "900")
    assert not User.objects.exists()


def test_each_start_prints_a_token_and_the_latest_few_are_good(db):
    tokens = [first_run.new_token() for _start in range(first_run.KEPT + 2)]
    assert [first_run.is_good(token) for token in tokens] == [False] * 2 + [True] * first_run.KEPT


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_make_one_administrator():
    tokens = [first_run.new_token() for _person in range(2)]

    def claim(number: int) -> bool:
        try:
            user = User(email=f"person{number}@studio.example")
            first_run.make_administrator(tokens[number % 2], user)
        except first_run.StudioHasUsers:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(4) as people:
        assert sorted(people.map(claim, range(4))) == [False, False, False, True]
    assert User.objects.count() == 1


def said(command: str) -> str:
    out = io.StringIO()
    call_command(command, stdout=out)
    return out.getvalue()


def test_the_command_prints_where_and_a_token_that_works(db, settings):
    settings.BASE_URL = "https://studio.example"
    words = said("first_run")
    assert f"  https://studio.example{URL}\n" in words
    assert first_run.is_good(words.partition("Token: ")[2].split()[0])


def test_the_command_refuses_a_studio_with_users_and_voids_what_was_printed(db):
    first_run.new_token()
    UserFactory()
    with pytest.raises(CommandError, match="already has users"):
        said("first_run")
    assert not FirstRunToken.objects.exists()


@pytest.mark.parametrize(
    ("base_url", "demo"), [("https://studio.example", True), ("http://127.0.0.1:8000", False)]
)
def test_where_no_demo_is_wanted_the_start_prints_the_token(db, settings, base_url, demo):
    settings.BASE_URL, settings.DEMO = base_url, demo
    words = said("prepare")
    assert f"{base_url}{URL}" in words
    assert first_run.is_good(words.partition("Token: ")[2].split()[0])
    assert not User.objects.exists()


def test_no_demo_is_made_where_it_is_not_wanted(db, settings):
    settings.DEMO = False
    for arguments in ([], ["--reset"]):
        with pytest.raises(CommandError, match="takes no demo"):
            call_command("demo", *arguments)
