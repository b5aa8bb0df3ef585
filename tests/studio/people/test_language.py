"""Who reads which language: staff the one of their account, the public the studio's."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from django.contrib.messages import get_messages
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import formats, translation
from django.utils.timezone import now
from wagtail.models import ModelLogEntry, ReferenceIndex
from wagtail.users.models import UserProfile

from studio.operations import translations
from studio.people.inviting import invite
from studio.people.language import in_language_of, language_of
from studio.people.models import User
from studio.people.resetting import send_reset
from tests.budgets.factories import LineFactory
from tests.factories import UserFactory, VideoFactory
from tests.videos.publishing.factories import live_page
from videos.media.models import Upload
from videos.media.uploads.intake import cancel_to_free_space

pytestmark = pytest.mark.django_db

GERMAN = {
    "Waiting for you": "Wartet auf dich",
    "Skip to the content": "Zum Inhalt",
    "%(who)s invites you to %(studio)s": "%(who)s lädt dich zu %(studio)s ein",
    "It stays, because it is used: %(uses)s.": "Es bleibt, weil es genutzt wird: %(uses)s.",
    "This form is too old": "Dieses Formular ist zu alt",
    "Entries": "Buchungen",
    "Figure": "Zahl",
    "Spent": "Ausgegeben",
    "%(who)s cancelled this upload to free space for others. Upload the file again.": (
        "%(who)s hat diesen Upload abgebrochen."
    ),
}


@pytest.fixture(autouse=True)
def german(settings: Any, tmp_path: Path) -> Path:
    """A small German catalogue, so that no test hangs on the wording of the real one."""
    catalogue = Catalog(locale="de")
    for message, text in GERMAN.items():
        catalogue.add(message, text)
    path = tmp_path / "de" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    translations.write(path, catalogue)
    translations.compile_all([path])
    settings.LOCALE_PATHS = [tmp_path]
    return path


def reader(language: str, **fields: Any) -> User:
    user = UserFactory(**fields)
    UserProfile.objects.update_or_create(user=user, defaults={"preferred_language": language})
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize(
    ("chosen", "studio", "read"),
    [("de", "en", "de"), ("en", "de", "en"), ("", "de", "de"), ("xx", "en", "en")],
)
def test_the_accounts_language_counts_if_the_studio_has_it(chosen, studio, read, settings):
    settings.LANGUAGE_CODE = studio
    assert language_of(reader(chosen)) == read


def test_who_never_opened_their_account_reads_the_studios_language(settings):
    settings.LANGUAGE_CODE = "de"
    assert language_of(UserFactory()) == "de"


def test_the_account_offers_both_languages():
    client = Client()
    client.force_login(UserFactory(is_superuser=True))
    page = client.get(reverse("wagtailadmin_account")).content.decode()
    assert '<option value="de">Deutsch</option>' in page
    assert '<option value="en">English</option>' in page


def test_the_admin_is_in_the_accounts_language():
    for language, text in (("de", GERMAN["Waiting for you"]), ("en", "Waiting for you")):
        client = Client()
        client.force_login(reader(language, is_superuser=True))
        page = client.get(reverse("wagtailadmin_home")).content.decode()
        assert text in page
        assert f'lang="{language}"' in page
    assert translation.get_language() == "en"


def test_a_refused_deletion_is_explained_in_the_accounts_language():
    """The refusal is made by a middleware, after Wagtail has left the account's language."""
    line = LineFactory(name="Crew")
    ReferenceIndex.objects.all().delete()  # it does not know of every use
    client = Client()
    client.force_login(reader("de", is_superuser=True))
    answer = client.post(reverse("budgets_budgets:delete", args=[line.budget.pk]))
    said = [str(message) for message in get_messages(answer.wsgi_request)]
    assert said == [f"Es bleibt, weil es genutzt wird: {line}."]


def test_a_page_for_what_failed_is_in_the_accounts_language(settings):
    client = Client(enforce_csrf_checks=True, headers={"origin": settings.BASE_URL})
    url = reverse("wagtailadmin_account")
    assert "This form is too old" in client.post(url).text
    client.force_login(reader("de", is_superuser=True))
    page = client.post(url).text
    assert GERMAN["This form is too old"] in page
    assert '<html lang="de">' in page


def test_an_export_is_on_record_in_the_studios_language_whoever_exports():
    client = Client()
    client.force_login(reader("de", is_superuser=True))
    client.get(reverse("budgets_entries"), {"figure": "spent", "export": "csv"})
    entry = ModelLogEntry.objects.get(action="studio.export")
    assert (entry.label, entry.data["filters"]) == ("Entries", ["Figure: Spent"])


def test_who_lost_an_upload_reads_why_in_their_language():
    upload = Upload.objects.create(
        video=VideoFactory(),
        by=reader("de"),
        name="cut.mp4",
        bytes=10,
        backend=Upload.Backend.DISK,
        last_activity_at=now(),
    )
    by = reader("en", is_superuser=True)
    with in_language_of(by):
        assert cancel_to_free_space(upload, by=by)
    upload.refresh_from_db()
    assert upload.reason == f"{by} hat diesen Upload abgebrochen."


def test_a_public_page_is_the_same_bytes_whatever_a_browser_asks_for():
    url = live_page().url
    client = Client()
    client.force_login(reader("de", is_superuser=True))
    answers = [
        Client().get(url, headers={"accept-language": asked}).content for asked in ("de", "en", "")
    ]
    answers += [client.get(url, headers={"accept-language": "de"}).content]
    assert len(set(answers)) == 1
    assert b"Skip to the content" in answers[0]


def test_the_public_site_is_in_the_studios_language(settings):
    url = live_page().url
    settings.LANGUAGE_CODE = "de"
    page = Client().get(url, headers={"accept-language": "en"}).content.decode()
    assert '<html lang="de">' in page
    assert GERMAN["Skip to the content"] in page


def test_a_mail_is_in_the_language_of_who_gets_it(monkeypatch, german):
    user = reader("de", email="anna@studio.example")
    seen = []
    monkeypatch.setattr(
        "studio.people.mail.render_to_string",
        lambda name, context: seen.append(translation.get_language()) or "text",
    )
    send_reset(user.email)
    assert seen == ["de", "de"]
    assert translation.get_language() == "en"


def test_an_invitation_is_in_the_studios_language_whoever_sends_it(settings):
    by = reader("en", is_superuser=True)
    settings.LANGUAGE_CODE = "de"
    with in_language_of(by):
        invite("new@studio.example", [], is_superuser=True, by=by)
    assert mail.outbox[0].subject.endswith("ein")
    assert " lädt dich zu " in mail.outbox[0].subject


def test_days_are_written_as_each_language_writes_them():
    moment = dt.datetime(2026, 9, 1, 15, 4, tzinfo=dt.UTC)
    with translation.override("de"):
        assert formats.date_format(moment, "DATETIME_FORMAT") == "1. Sep 2026, 15:04"
        assert formats.get_format("FIRST_DAY_OF_WEEK") == 1
