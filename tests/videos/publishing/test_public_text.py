"""Public text is what was published: what people write on the video later waits for an act."""

import datetime as dt
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import ExpertFactory, QuestionFactory, UserFactory, ready_cut
from tests.videos.publishing.factories import (
    approve,
    approved_video,
    draft_page,
    live_page,
    panel,
    published,
)
from videos.planning.models import Question, Video
from videos.publishing.models import VideoPage
from videos.publishing.public_text import PublicText, text_changes, text_from_video, text_of_page

WAS = PublicText("It pays.", ("When does it pay?",), ("Amara Okafor",))
NOW = PublicText("It never pays.", ("Does it pay?", "Says who?"), ("Ben Burr", "Amara Stone"))

texts = st.builds(
    PublicText,
    st.text(max_size=5),
    st.lists(st.text(max_size=5), max_size=3).map(tuple),
    st.lists(st.text(max_size=5), max_size=3).map(tuple),
)


@given(texts, texts)
def test_a_change_is_told_just_when_texts_differ(public, now):
    assert bool(text_changes(public, now)) == (public != now) == (public.digest != now.digest)
    assert text_changes(public, public) == []


@pytest.fixture
def page(db):
    amara = UserFactory(first_name="Amara", last_name="Okafor")
    video = approved_video(summary=WAS.summary, experts=[ExpertFactory(user=amara)])
    QuestionFactory(video=video, text=WAS.questions[0])
    return published(video)


@pytest.fixture
def client(signed_in, producer):
    return signed_in(producer)


def write(video):
    """What reps and producers may do to the video of a page that is live."""
    Video.objects.filter(pk=video.pk).update(summary=NOW.summary)
    question = video.questions.get()
    question.text = NOW.questions[1]
    question.heard_on = dt.date(2020, 1, 1)
    question.save()
    QuestionFactory(video=video, text=NOW.questions[0])
    expert = video.experts.get()
    expert.user.last_name = "Stone"
    expert.user.save()
    video.experts.add(ExpertFactory(user=UserFactory(first_name="Ben", last_name="Burr")))
    video.refresh_from_db()
    names = tuple(sorted(NOW.expert_names))
    assert text_from_video(video) == NOW._replace(expert_names=names)


def public(page):
    """All that visitors and robots get of a page: itself, its card, where it is linked."""
    return [Client().get(address).content for address in (page.url, "/", "/sitemap.xml")]


def test_what_is_written_on_the_video_later_is_not_public(page):
    other = live_page()  # whose page links to it
    before = [*public(page), Client().get(other.url).content]
    write(page.video)
    assert [*public(page), Client().get(other.url).content] == before


def test_a_question_taken_away_stays_where_it_was_published(page):
    before = public(page)
    Question.objects.all().delete()
    assert public(page) == before


def test_the_producer_sees_what_changed_and_publishes_it(page, client):
    assert "has changed since it was published" not in panel(client, page.video)
    write(page.video)
    html = panel(client, page.video)
    for words in (*WAS.questions, *NOW.questions, WAS.summary, NOW.summary, "Amara Stone"):
        assert words in html
    publish(client, page)
    page.refresh_from_db()
    assert text_of_page(page) == text_from_video(page.video)
    assert "It never pays." in Client().get(page.url).content.decode()
    assert "has changed since it was published" not in panel(client, page.video)


def publish(client, page, text=None):
    """Presses the button under the text that was read."""
    read = text or text_from_video(page.video)
    return client.post(reverse("publishing_text", args=[page.pk]), {"text": read.digest})


def test_a_text_that_changed_once_more_is_not_published_unread(page, client):
    write(page.video)
    read = text_from_video(page.video)
    Question.objects.filter(text=NOW.questions[0]).update(text="Something rude")
    publish(client, page, read)
    page.refresh_from_db()
    assert text_of_page(page) == WAS


def test_new_text_leaves_alone_what_is_not_public_yet(page, client):
    title = page.title
    draft = VideoPage.objects.get(pk=page.pk)
    draft.title = "A better title"
    draft.go_live_at = timezone.now().replace(microsecond=0) + dt.timedelta(days=1)
    draft.save_revision().publish()
    write(page.video)
    publish(client, page)
    page.refresh_from_db()
    assert (page.title, text_of_page(page)) == (title, text_from_video(page.video))
    newest = page.get_latest_revision_as_object()
    assert (newest.title, text_of_page(newest)) == ("A better title", text_from_video(page.video))
    assert page.scheduled_revision.as_object().go_live_at == draft.go_live_at


def test_only_who_may_publish_publishes_the_text(page, signed_in, sales_manager):
    write(page.video)
    client = signed_in(sales_manager)
    assert "Publish the new text" not in panel(client, page.video)
    publish(client, page)
    page.refresh_from_db()
    assert text_of_page(page) == WAS


@pytest.mark.parametrize("act", ["editor", "replace_cut", "save"])
def test_other_acts_leave_the_text_as_it_was_published(page, client, act):
    write(page.video)
    if act == "editor":
        draft = page.get_latest_revision_as_object()
        draft.title = "Another title"
        draft.save_revision().publish()
    elif act == "replace_cut":
        cut = approve(ready_cut(video=page.video, number=2))
        client.post(reverse("publishing_replace_cut", args=[page.pk]), {"cut": cut.pk})
        assert VideoPage.objects.get(pk=page.pk).cut == cut
    else:
        page.save()
    page.refresh_from_db()
    assert text_of_page(page) == WAS


def test_a_draft_takes_the_text_when_it_is_saved_and_publishes_what_it_took(db):
    page = draft_page(approved_video(summary="First"))
    Video.objects.update(summary="Second")
    page.refresh_from_db()
    page.save_revision()
    Video.objects.update(summary="Third")
    page.get_latest_revision().publish()
    page.refresh_from_db()
    assert page.summary == "Second"


def test_publishing_a_draft_from_the_video_takes_its_text_of_that_moment(client):
    page = draft_page(approved_video(summary="First"))
    Video.objects.update(summary="Second")
    cut = page.video.cuts.get()
    client.post(reverse("publishing_publish", args=[page.pk]), {"cut": cut.pk})
    page.refresh_from_db()
    assert (page.live, page.summary) == (True, "Second")


def test_the_editor_and_the_preview_show_the_text_of_the_page(page, client):
    write(page.video)
    edit = client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()
    kept = edit[edit.index('id="kept-text"') :]
    preview = client.get(reverse("wagtailadmin_pages:view_draft", args=[page.pk]))
    for html in (kept, preview.content.decode()):
        assert WAS.summary in html
        assert NOW.summary not in html


def test_an_older_revision_without_text_keeps_the_pages(page):
    revision = page.get_latest_revision()
    for name in PublicText._fields:
        del revision.content[name]
    revision.save()
    revision.publish()
    page.refresh_from_db()
    assert text_of_page(page) == WAS


def test_existing_pages_keep_what_they_print_today(page):
    VideoPage.objects.update(summary="", questions=[], expert_names=[])
    fill = import_module("videos.publishing.migrations.0003_keep_the_present_text").keep
    fill(apps, SimpleNamespace(connection=connection))
    page.refresh_from_db()
    assert text_of_page(page) == WAS
