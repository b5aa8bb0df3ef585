"""What is public was published, and nothing that a viewer had is dropped without being said."""

import datetime as dt
import importlib
import urllib.request
from decimal import Decimal
from io import BytesIO
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from wagtail.models import PageLogEntry

from tests.factories import ExpertFactory, QuestionFactory, UserFactory, ready_cut
from tests.videos.publishing.factories import approve, approved_video, draft_page, live_page, panel
from videos.media.cuts import published
from videos.media.cuts.carry_over import carry_over, losses, shifted
from videos.media.cuts.poster import choose_none
from videos.media.models import Caption, Cut, PublicCaption, footage
from videos.media.transcoding.webvtt import Cue
from videos.planning.models import Video
from videos.publishing.admin.page_actions import CAPTIONS_PUBLISHED
from videos.publishing.models import VideoPage
from videos.publishing.public_text import text_from_video

pytestmark = pytest.mark.django_db
WEBVTT = (
    "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nWhat does it cost?\n\n"
    "00:00:02.500 --> 00:00:04.000\nLess than <i>you</i> think.\n"
)


@pytest.fixture
def client(signed_in, producer):
    return signed_in(producer)


def with_poster(cut: Cut) -> Cut:
    """The cut with a poster that somebody chose."""
    picture = BytesIO()
    Image.new("RGB", (640, 360), "teal").save(picture, "JPEG")
    cut.poster = footage().save(f"posters/{uuid4()}.jpg", ContentFile(picture.getvalue()))
    cut.save()
    return cut


@pytest.fixture
def page() -> VideoPage:
    """A live page whose viewers have captions and a chosen poster."""
    video = approved_video()
    cut = with_poster(video.cuts.get())
    Caption.objects.create(cut=cut, webvtt=WEBVTT)
    draft = draft_page(video)
    draft.get_latest_revision().publish()
    draft.refresh_from_db()
    return draft


@pytest.fixture
def newer(page) -> Cut:
    """An approved cut that is to take the place of the one viewers have."""
    return approve(ready_cut(video=page.video, number=2))


def seen(client, page) -> str:
    return client.get(page.url).content.decode()


def replace(client, page, cut, **form):
    return client.post(
        reverse("publishing_replace_cut", args=[page.pk]), {"cut": cut.pk, **form}, follow=True
    ).content.decode()


def edit_and_publish(client, page, **fields) -> str:
    form = {"title": page.title, "slug": page.slug, "body": "null"}
    comments = {"comments-TOTAL_FORMS": 0, "comments-INITIAL_FORMS": 0}
    answer = client.post(
        reverse("wagtailadmin_pages:edit", args=[page.pk]),
        {**form, **comments, **fields, "action-publish": "1"},
    )
    return answer.content.decode()


def test_captions_change_on_a_live_page_only_by_publishing_them(client, page):
    caption = page.cut.captions.get()
    caption.webvtt = WEBVTT.replace("think", "believe")
    caption.save()
    path = f"captions/{caption.language}.vtt"
    renditions = page.cut.current_set
    assert "you think" in seen(client, page)
    assert "think." in client.get(renditions.url(path)).content.decode()
    assert "believe." in client.get(renditions.url("captions/draft/en.vtt")).content.decode()
    assert "Captions or poster have changed" in panel(client, page.video)
    client.post(reverse("publishing_captions", args=[page.pk]))
    assert "you believe" in seen(client, page)
    assert "believe." in client.get(renditions.url(path)).content.decode()
    assert "Captions or poster have changed" not in panel(client, page.video)
    assert PageLogEntry.objects.filter(page=page.pk, action=CAPTIONS_PUBLISHED).count() == 1


def test_what_is_public_is_what_was_published(client, page):
    """Whatever the studio changes behind a live page, a stranger gets the same bytes."""
    shown = page.cut.current_set
    poster = shown.url(page.cut.public_poster)
    addresses = (page.url, "/", "/sitemap.xml", shown.url("captions/en.vtt"), poster)

    def content(address):
        answer = Client().get(address)
        if answer.status_code == 302:  # to the bucket
            with urllib.request.urlopen(answer["Location"], timeout=10) as got:
                return got.read()
        assert answer.status_code == 200, address
        return answer.getvalue()

    def public():
        return [content(address) for address in addresses]

    before = public()
    Video.objects.filter(pk=page.video_id).update(title="Renamed", summary="Another summary.")
    QuestionFactory(video=page.video, text="Who else has it?")
    page.video.experts.add(ExpertFactory())
    page.cut.captions.update(webvtt=WEBVTT.replace("think", "know"), paragraphs=["you know"])
    with_poster(page.cut)
    approve(ready_cut(video=page.video, number=2))
    assert public() == before


def test_the_cut_says_that_viewers_have_others(client, page):
    cut = reverse("media_cut", args=[page.cut.pk])
    assert "as last published" not in client.get(cut).content.decode()
    Caption.objects.create(cut=page.cut, language="de", webvtt=WEBVTT)
    assert "as last published" in client.get(cut).content.decode()


def test_captions_that_are_taken_away_stay_with_viewers_until_that_is_published(client, page):
    page.cut.captions.all().delete()
    assert "you think" in seen(client, page)
    html = panel(client, page.video)
    known = "English captions, 2 lines"
    assert html.index(known) < html.index("Publish captions and poster")
    act = reverse("publishing_captions", args=[page.pk])
    for unread in ({}, {"known": "German captions, 2 lines"}):
        answer = client.post(act, unread, follow=True).content.decode()
        assert "What viewers lose has changed" in answer
        assert "you think" in seen(client, page)
    client.post(act, {"known": known})
    assert "you think" not in seen(client, page)
    assert not page.cut.public_captions.exists()
    assert PageLogEntry.objects.get(action=CAPTIONS_PUBLISHED).data["lost"] == known


def test_a_strangers_browser_reads_no_captions_that_are_not_published(
    client, page, django_user_model
):
    Caption.objects.create(cut=page.cut, language="de", webvtt=WEBVTT)
    renditions = page.cut.current_set
    client.logout()
    assert client.get(renditions.url("captions/draft/en.vtt")).status_code == 404
    assert client.get(renditions.url("captions/de.vtt")).status_code == 404
    assert 'srclang="de"' not in seen(client, page)


def test_the_poster_changes_on_a_live_page_only_by_publishing_it(client, page):
    old = page.cut.public_poster
    assert old == page.cut.poster.name
    choose_none(page.cut)
    page.refresh_from_db()
    assert footage().exists(old)
    assert old.removeprefix("posters/").removesuffix(".jpg") in seen(client, page)
    act = reverse("publishing_captions", args=[page.pk])
    client.post(act)
    assert old.removeprefix("posters/").removesuffix(".jpg") in seen(client, page)
    client.post(act, {"known": "the chosen poster"})
    assert old.removeprefix("posters/").removesuffix(".jpg") not in seen(client, page)


def by_text(client, page):
    Video.objects.filter(pk=page.video_id).update(summary="Another summary.")
    text = text_from_video(Video.objects.get(pk=page.video_id)).digest
    client.post(reverse("publishing_text", args=[page.pk]), {"text": text})


def by_editor(client, page):
    edit_and_publish(client, page, title="Another title")


def on_time(client, page):
    past = timezone.now() - dt.timedelta(minutes=1)
    revision = page.save_revision(approved_go_live_at=past)
    revision.as_object().publish(revision, log_action="wagtail.publish.scheduled")


@pytest.mark.parametrize("is_edited", [True, False], ids=["edited", "taken away"])
@pytest.mark.parametrize("publish", [by_text, by_editor, on_time])
def test_a_live_page_published_again_keeps_the_captions_and_the_poster_that_viewers_have(
    client, page, publish, is_edited
):
    before, poster = page.last_published_at, page.cut.public_poster
    if is_edited:
        page.cut.captions.update(webvtt=WEBVTT.replace("think", "know"), paragraphs=["you know"])
    else:
        page.cut.captions.all().delete()
    choose_none(page.cut)
    publish(client, page)
    page.refresh_from_db()
    assert page.last_published_at > before
    assert "you think" in seen(client, page)
    assert "<track" in seen(client, page)
    assert Cut.objects.get(pk=page.cut_id).public_poster == poster
    assert footage().exists(poster)
    assert "Captions or poster have changed" in panel(client, page.video)


def test_a_page_that_comes_back_with_its_cut_drops_nothing_that_was_not_read(client, page):
    page.cut.captions.all().delete()
    page.unpublish()
    page.refresh_from_db()
    assert "does not have everything that viewers have now" in edit_and_publish(client, page)
    with pytest.raises(ValidationError, match="does not have everything that viewers have now"):
        page.save_revision().publish()
    assert "English captions, 2 lines" in panel(client, page.video)
    act = reverse("publishing_publish", args=[page.pk])
    client.post(act, {"cut": page.cut_id, "carry": "on"})
    assert "you think" in seen(client, page)
    assert page.cut.captions.get().webvtt == WEBVTT


class TestReplacing:
    def test_the_screen_says_what_viewers_would_lose_before_the_button(self, client, page, newer):
        html = panel(client, page.video)
        assert "English captions, 2 lines; the chosen poster" in html
        assert html.index("2 lines") < html.index("Replace with cut 2")

    def test_captions_and_poster_are_carried_over(self, client, page, newer):
        html = replace(client, page, newer, carry="on", shift="0")
        page.refresh_from_db()
        assert page.cut == newer
        assert "is live." in html
        newer.refresh_from_db()
        assert newer.captions.get().webvtt == WEBVTT
        assert newer.poster
        assert newer.public_poster == newer.poster.name
        assert "you think" in seen(client, page)

    def test_lines_outside_of_the_new_cut_are_named_before_they_are_left_out(
        self, client, page, newer
    ):
        old = page.cut
        html = replace(client, page, newer, carry="on", shift="-2.5")
        assert "Nothing is published yet. 1 caption is outside" in html
        page.refresh_from_db()
        assert page.cut == old
        assert not newer.captions.exists()
        newer.current_set.seconds = 2
        newer.current_set.save()
        html = panel(client, page.video)
        assert html.index("is outside the new cut") < html.index("Replace with cut 2")

    def test_shifted_captions_keep_what_lies_in_the_new_cut_and_the_rest_is_listed(
        self, client, page, newer
    ):
        html = replace(client, page, newer, carry="on", shift="-2.5", without_lines="on")
        assert "1 caption is outside" in html
        assert "What does it cost?" in html
        assert newer.captions.get().webvtt == (
            "WEBVTT\n\n00:00:00.000 --> 00:00:01.500\nLess than <i>you</i> think.\n"
        )

    def test_who_read_what_is_lost_may_replace_without_it(self, client, page, newer):
        known = losses(page.cut, newer).in_words
        replace(client, page, newer, known=known)
        page.refresh_from_db()
        assert page.cut == newer
        assert "you think" not in seen(client, page)

    @pytest.mark.parametrize(
        "form", [{}, {"known": "something else"}, {"carry": "on", "shift": "x"}]
    )
    def test_nothing_that_a_viewer_had_is_dropped_without_being_said(
        self, client, page, newer, form
    ):
        old = page.cut
        replace(client, page, newer, **form)
        page.refresh_from_db()
        assert page.cut == old
        assert not newer.captions.exists()
        assert "you think" in seen(client, page)

    def test_it_can_be_carried_over_now_and_published_later(self, client, page, newer):
        carry = reverse("publishing_carry_over", args=[page.pk])
        client.post(carry, {"carry": "on", "shift": "0"})
        assert not newer.captions.exists()  # no cut was named
        client.post(carry, {"carry": "on", "shift": "0", "cut": newer.pk})
        assert newer.captions.get().changed_by is not None
        assert "the older one" in panel(client, page.video)
        assert "lines; the chosen" not in panel(client, page.video)
        replace(client, page, newer)
        page.refresh_from_db()
        assert page.cut == newer
        assert "you think" in seen(client, page)

    def test_what_is_carried_over_goes_to_the_cut_that_was_named_or_nowhere(
        self, client, page, newer
    ):
        third = approve(ready_cut(video=page.video, number=3))
        form = {"carry": "on", "shift": "0", "cut": newer.pk}
        for act in ("publishing_carry_over", "publishing_replace_cut"):
            answer = client.post(reverse(act, args=[page.pk]), form, follow=True)
            assert "but cut 3 is the approved one now" in answer.content.decode()
        page.refresh_from_db()
        assert page.cut.number == 1
        assert not newer.captions.exists()
        assert not third.captions.exists()

    def test_the_editor_keeps_the_film_and_all_of_it(self, client, page, newer):
        old = page.cut
        edit_and_publish(client, page, title="Another title")
        page.refresh_from_db()
        assert (page.cut, page.title) == (old, "Another title")
        assert "you think" in seen(client, page)
        assert "Replace with cut 2" in panel(client, page.video)

    def test_the_editor_says_it_before_it_publishes_or_schedules_what_was_taken_down(
        self, client, page, newer
    ):
        page.unpublish()
        page.refresh_from_db()
        html = edit_and_publish(client, page)
        assert "does not have everything that viewers have now" in html
        page.refresh_from_db()
        assert not page.live

    def test_a_scheduled_publication_of_what_was_taken_down_drops_nothing(self, page, newer):
        old = page.cut
        page.unpublish()
        page.refresh_from_db()
        revision = page.save_revision(approved_go_live_at=timezone.now() - dt.timedelta(minutes=1))
        with pytest.raises(ValidationError, match="does not have everything that viewers have now"):
            revision.publish()
        revision.as_object().publish(revision, log_action="wagtail.publish.scheduled")
        page.refresh_from_db()
        assert (page.live, page.cut) == (False, old)
        assert PublicCaption.objects.get().cut == old

    def test_captions_that_the_new_cut_has_are_its_own(self, client, page, newer):
        Caption.objects.create(cut=newer, webvtt=WEBVTT.replace("think", "know"))
        with_poster(newer)
        assert not losses(page.cut, newer)
        replace(client, page, newer)
        assert "you know" in seen(client, page)

    def test_a_retired_page_offers_it_too(self, client, page, newer):
        page.unpublish()
        assert "English captions, 2 lines" in panel(client, page.video)
        form = {"carry": "on", "shift": "0", "cut": newer.pk}
        client.post(reverse("publishing_publish", args=[page.pk]), form)
        page.refresh_from_db()
        assert (page.live, page.cut) == (True, newer)
        assert "you think" in seen(client, page)


def test_publishing_without_captions_is_said_and_not_refused(client):
    page = draft_page(approved_video())
    assert "This cut has no captions" in panel(client, page.video)
    cut = page.video.cuts.get()
    client.post(reverse("publishing_publish", args=[page.pk]), {"cut": cut.pk})
    page.refresh_from_db()
    assert page.live


ACTS = ("publish", "replace_cut", "captions", "carry_over", "text")


def test_a_page_that_somebody_locked_stays_as_it_is(client, page, newer, producer):
    nora = UserFactory(first_name="Nora", last_name="Lang")
    by_text(client, page)
    Video.objects.filter(pk=page.video_id).update(summary="The newest summary.")
    page.cut.captions.all().delete()
    form = {"cut": newer.pk, "carry": "on", "text": text_from_video(Video.objects.get()).digest}
    VideoPage.objects.update(locked=True, locked_by=nora, locked_at=timezone.now())
    before = VideoPage.objects.values().get()
    for act in ACTS:
        answer = client.post(reverse(f"publishing_{act}", args=[page.pk]), form, follow=True)
        assert "is locked by Nora Lang" in answer.content.decode(), act
        assert f"/admin/publishing/{act.split('_')[0]}/" not in panel(client, page.video)
    assert "is locked by Nora Lang" in panel(client, page.video)
    assert VideoPage.objects.values().get() == before
    assert not newer.captions.exists()
    VideoPage.objects.update(locked_by=producer)
    assert "is locked" not in panel(client, page.video)
    replace(client, page, newer, carry="on")
    assert VideoPage.objects.get().cut == newer


def test_others_may_neither_carry_over_nor_publish_captions(signed_in, sales_manager, page):
    client = signed_in(sales_manager)
    for act in ("publishing_captions", "publishing_carry_over"):
        assert client.post(reverse(act, args=[page.pk]), {"carry": "on"}).status_code in {302, 403}
    assert PageLogEntry.objects.filter(action=CAPTIONS_PUBLISHED).count() == 0


times = st.floats(0, 1000).map(lambda value: round(value, 3))


@given(st.lists(st.tuples(times, st.floats(0.01, 20))), st.floats(-1500, 1500), st.floats(1, 1500))
def test_every_line_is_carried_over_within_the_new_cut_or_listed(spans, shift, length):
    cues = [Cue(start, start + seconds, lines=["x"]) for start, seconds in spans]
    kept, lost = shifted(cues, shift, length)
    assert len(kept) + len(lost) == len(cues)
    assert all(0 <= cue.start < cue.end <= length for cue in kept)
    assert all(cue.end + shift < 0.001 or cue.start + shift > length - 0.001 for cue in lost)


def test_an_approved_cut_that_is_not_ready_takes_nothing_over(page, producer):
    bare = ready_cut(video=page.video, number=3)
    bare.current_set = None
    with pytest.raises(ValidationError):
        carry_over(page.cut, bare, Decimal(0), by=producer)


def test_what_was_public_before_is_what_viewers_have_and_the_migration_goes_back(page):
    PublicCaption.objects.all().delete()
    Cut.objects.update(public_poster="")
    silent = live_page()
    migration = importlib.import_module("videos.media.migrations.0012_publish_what_viewers_have")
    editor = SimpleNamespace(connection=connection)
    migration.publish(apps, editor)
    page.cut.refresh_from_db()
    assert page.cut.public_poster == page.cut.poster.name
    assert [caption.cut for caption in PublicCaption.objects.all()] == [page.cut]
    assert not published.is_changed(page.cut)
    assert not published.is_changed(silent.cut)
    migration.withdraw(apps, editor)
    assert not PublicCaption.objects.exists()
