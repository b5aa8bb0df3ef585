import io
import stat

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.test import Client

from budgets.models import Entry
from studio.operations.demo import emptying, premiere
from studio.operations.demo.password import kept_password, password_file
from studio.people.models import User
from tests.factories import QuestionFactory
from videos.deals.models import Deal
from videos.media.models import Cut
from videos.planning.models import Question, Video


def run_demo(*arguments: str) -> str:
    out = io.StringIO()
    call_command("demo", *arguments, stdout=out)
    return out.getvalue()


def test_a_studio_in_use_is_never_filled(db: None):
    question = QuestionFactory()
    with pytest.raises(CommandError, match="not empty: it has users, questions"):
        run_demo()
    assert list(Question.objects.all()) == [question]
    assert not Video.objects.exists()


def test_the_demo_is_for_this_machine_alone(db: None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(settings, "BASE_URL", "https://studio.example")
    for arguments in ([], ["--reset"]):
        with pytest.raises(CommandError, match="for this machine alone"):
            run_demo(*arguments)
    assert not User.objects.exists()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_demo_fills_an_empty_studio_once_and_resets_it():
    said = run_demo()
    password = kept_password()
    assert password
    assert f"Password of all of them: {password}\n" in said
    assert all(title in said for title in premiere.awaited())
    assert stat.S_IMODE(password_file().stat().st_mode) == 0o600
    assert Client().login(email="nora@fernhill.example", password=password)
    with pytest.raises(CommandError, match="not empty"):
        run_demo()

    Video.objects.filter(public_id=premiere.public_id("size")).update(title="Changed")
    footage = storages["footage"]
    left = footage.save("sources/left", ContentFile(b"behind"))
    run_demo("--reset")
    assert not footage.exists(left)
    assert not Video.objects.filter(title="Changed").exists()
    assert (User.objects.count(), Deal.objects.count()) == (12, 80)
    assert Entry.objects.filter(kind=Entry.Kind.EXPENSE).exists()
    with pytest.raises(Exception, match="never edited or deleted"):
        Entry.objects.all()._raw_delete("default")

    emptying.empty_the_studio()
    assert emptying.what_is_there() == []
    assert not Cut.objects.exists()
