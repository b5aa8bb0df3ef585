"""What viewers hear changes by publishing alone, whoever asks for it and however."""

import pytest
from django.urls import reverse
from wagtail.models import ModelLogEntry, PageViewRestriction

from studio.people.roles import Role
from tests.factories import ExpertFactory, RenditionSetFactory, UserFactory
from tests.videos.publishing.factories import approve, live_page
from videos.media.errors import EncodeFailed, SoundRefused
from videos.media.jobs.audio_tracks import choose_audio_track
from videos.media.models import Cut, Job, RenditionSet
from videos.media.renditions.sets import replace
from videos.publishing.models import VideoPage
from videos.publishing.privacy import sync_all
from videos.review.approvals import ask_for_changes
from videos.review.models import Verdict

pytestmark = pytest.mark.django_db

TRACKS = [
    {"number": n, "language": "", "title": "", "channels": 2, "codec": "aac", "default": n == 1}
    for n in (1, 2)
]
STAYS = "This cut is published, so its audio cannot be changed. Upload a new cut instead."


@pytest.fixture
def page():
    page = live_page()
    Cut.objects.update(source_info={"tracks": TRACKS})
    page.refresh_from_db()
    return page


@pytest.fixture
def expert(page):
    """An expert on camera in the video of the page."""
    user = UserFactory(role=Role.EXPERT)
    page.video.experts.add(ExpertFactory(user=user))
    return user


def as_it_was(page) -> bool:
    cut = Cut.objects.get()
    return (cut.current_set, cut.audio_track, Job.objects.count()) == (
        page.cut.current_set,
        None,
        0,
    )


def test_changes_asked_for_a_live_cut_do_not_let_an_expert_change_what_viewers_hear(
    page, expert, signed_in
):
    client = signed_in(expert)
    sound, changes = (
        reverse("media_sound", args=[page.cut.pk]),
        reverse("review_cuts:changes", args=[page.cut.pk]),
    )
    client.post(sound, {"track": 2})
    client.post(changes, {"note": "The other sound, please."})
    assert page.cut.verdicts.first().kind == Verdict.Kind.CHANGES
    answer = client.post(sound, {"track": 2}, follow=True)
    assert STAYS in answer.content.decode()
    assert as_it_was(page)
    assert not ModelLogEntry.objects.filter(action="media.sound").exists()


@pytest.mark.parametrize("role", [Role.PRODUCER, Role.EXPERT])
def test_a_restricted_page_keeps_its_sound_as_well(page, role):
    user = UserFactory(role=role)
    PageViewRestriction.objects.create(
        page=page.page_ptr, restriction_type="password", password="open sesame"
    )
    ask_for_changes(page.cut, by=user, note="The other sound, please.")
    with pytest.raises(SoundRefused) as refusal:
        choose_audio_track(page.cut, 2, by=user)
    assert refusal.value.messages == [STAYS]
    assert as_it_was(page)


def test_a_set_that_sounds_otherwise_never_takes_the_place_of_what_viewers_have(page):
    """Say it was asked for before the page went live."""
    new = RenditionSetFactory(cut=page.cut, audio_track=2)
    with pytest.raises(EncodeFailed) as refusal:
        replace(page.cut.pk, new)
    assert str(refusal.value) == STAYS
    ask_for_changes(page.cut, by=UserFactory(), note="The other sound, please.")
    with pytest.raises(EncodeFailed) as refusal:
        replace(page.cut.pk, new)
    sync_all()
    assert str(refusal.value) == STAYS
    assert RenditionSet.objects.get(is_public=True) == page.cut.current_set


def test_a_set_with_the_same_sound_takes_the_place_of_what_viewers_have(page):
    new = RenditionSetFactory(cut=page.cut)
    replace(page.cut.pk, new)
    assert VideoPage.objects.get().public_set == new


def test_a_cut_that_was_taken_down_sounds_otherwise_once_it_is_approved_and_published(page, expert):
    page.unpublish()
    ask_for_changes(page.cut, by=expert, note="The other sound, please.")
    choose_audio_track(page.cut, 2, by=expert)
    Job.objects.update(state=Job.State.READY)
    new = RenditionSetFactory(cut=page.cut, audio_track=2)
    replace(page.cut.pk, new)
    sync_all()
    assert not RenditionSet.objects.filter(is_public=True).exists()
    approve(page.cut)
    VideoPage.objects.get().get_latest_revision().publish()
    assert VideoPage.objects.get().public_set == new
