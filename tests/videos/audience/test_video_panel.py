import pytest
from django.urls import reverse
from django.utils.timezone import now

from studio.people.roles import Role
from tests.factories import ShareLinkFactory, UserFactory, VideoFactory, ViewFactory
from tests.videos.audience.factories import public_video
from videos.audience.admin.panels import AudiencePanel
from videos.audience.tracking.counting import ExclusionReason
from videos.audience.tracking.evidence import count_views_by_reason


def panel(rf, user, video):
    request = rf.get("/")
    request.user = user
    return AudiencePanel(request, video)


@pytest.fixture
def video(db):
    return public_video(duration_seconds="60")


def test_views_are_told_apart_by_why_they_do_not_count(video):
    ViewFactory(video=video)
    ViewFactory(video=video)
    ViewFactory(video=video, is_staff=True)
    ViewFactory(video=video, is_bot=True)
    ViewFactory(video=video, seconds_watched="2.9")
    ViewFactory(video=video, seconds_watched=None, imported=True)
    ViewFactory()
    assert dict(count_views_by_reason(video)) == {
        None: 2,
        ExclusionReason.STAFF: 1,
        ExclusionReason.BOT: 1,
        ExclusionReason.SHORT: 2,
    }


@pytest.mark.parametrize(
    ("role", "may_share"),
    [
        (Role.PRODUCER, False),
        (Role.EXPERT, True),
        (Role.SALES_MANAGER, True),
        (Role.FINANCE, False),
        (Role.LEADER, False),
    ],
)
def test_every_role_sees_the_audience_and_reps_may_share(rf, video, role, may_share):
    shown = panel(rf, UserFactory(role=role), video)
    assert shown.is_shown()
    assert bool(shown.get_context_data()["share_url"]) is may_share


def test_a_video_that_nobody_could_watch_has_no_audience(rf, expert_user):
    assert not panel(rf, expert_user, VideoFactory(stage="editing")).is_shown()
    assert not panel(rf, UserFactory(), public_video()).is_shown()


def test_a_video_without_a_page_cannot_be_shared_from_its_panel(rf, expert_user):
    video = VideoFactory(stage="published", imported=True)
    text = panel(rf, expert_user, video).render_html()
    assert "as soon as it has a public page" in text
    assert reverse("audience_share_links:add") not in text


def test_a_rep_sees_own_links_with_how_often_they_were_watched(rf, video, expert_user):
    mine = ShareLinkFactory(video=video, rep=expert_user, contact__name="Ann Lee")
    ShareLinkFactory(video=video, contact__name="Bo Li")
    ViewFactory(video=video, share_link=mine, counted_at=now())
    text = panel(rf, expert_user, video).render_html()
    assert "Ann Lee" in text
    assert "watched 1 time" in text
    assert "Bo Li" not in text
