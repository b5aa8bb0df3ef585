"""A viewer reports in one tap that a video does not play; its producer hears of it once."""

from decimal import Decimal

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from studio.people.roles import Role
from tests.factories import UserFactory, VideoFactory
from videos.audience.models import PlaybackProblem
from videos.audience.tracking.rate_limits import PROBLEMS_BY_NETWORK
from videos.planning.urls_for import video_url

ADDRESS = "/audience/problem"


@pytest.fixture
def producer(video):
    video.producer = UserFactory(role=Role.PRODUCER)
    video.save()
    return video.producer


def tell(client, video, **told):
    return tell_of(client, video.public_id, **told)


def tell_of(client, public_id, **told):
    sent = {"video": public_id} | told
    return client.post(ADDRESS, sent, headers={"Accept": "application/json"})


def told_of(problem):
    return problem.reports, problem.at_seconds, problem.stopped


def test_the_producer_hears_of_it_once_however_many_report_it(visitor, video, producer):
    for number in range(3):
        assert tell(visitor, video, at=f"{12 + number}.5", stopped="1").status_code == 204
    [problem] = PlaybackProblem.objects.all()
    assert told_of(problem) == (3, Decimal("12.5"), True)
    assert problem.cut == video.page.cut
    [letter] = mail.outbox
    assert letter.to == [producer.email]
    assert letter.subject == f"A viewer reports that “{video.title}” does not play"
    assert video.page.full_url in letter.body
    assert "Firefox" in letter.body


def test_what_plays_again_and_is_reported_again_is_told_again(visitor, video, producer):
    tell(visitor, video)
    client = Client()
    client.force_login(producer)
    [problem] = PlaybackProblem.objects.all()
    address = reverse("audience_problem_resolve", args=[problem.pk])
    assert "See what viewers report" in client.get("/admin/").content.decode()
    page = client.get(video_url(video)).content.decode()
    assert address in page
    assert client.post(address).url == f"{video_url(video)}#audience"
    problem.refresh_from_db()
    assert problem.resolved_by == producer
    assert address not in client.get(video_url(video)).content.decode()

    tell(visitor, video)
    assert [told_of(one) for one in PlaybackProblem.objects.all()] == [(1, None, False)] * 2
    assert len(mail.outbox) == 2


def test_without_its_producer_every_producer_is_told(visitor, video):
    gone = video.producer = UserFactory(role=Role.PRODUCER, is_active=False)
    video.save()
    others = {UserFactory(role=Role.PRODUCER).email, UserFactory(role=Role.PRODUCER).email}
    expert = UserFactory(role=Role.EXPERT)
    tell(visitor, video)
    told = [letter.to[0] for letter in mail.outbox]
    assert others & set(told) == others
    assert {gone.email, expert.email} & set(told) == set()
    assert len(told) == len(set(told))


def test_what_has_no_public_page_cannot_be_reported(visitor, producer, video):
    draft = VideoFactory(producer=producer)
    assert tell(visitor, draft).status_code == 204
    assert tell_of(visitor, "no such one").status_code == 204
    assert (PlaybackProblem.objects.count(), mail.outbox) == (0, [])


def test_without_script_the_viewer_is_led_back_and_thanked(visitor, video, producer):
    page = visitor.get(video.page.url).content.decode()
    assert f'action="{ADDRESS}"' in page
    answer = visitor.post(ADDRESS, {"video": video.public_id, "next": video.page.url})
    assert answer.url == f"{video.page.url}#problem-reported"
    assert 'id="problem-reported"' in page
    assert PlaybackProblem.objects.count() == 1
    elsewhere = visitor.post(ADDRESS, {"video": video.public_id, "next": "https://other.example/"})
    assert elsewhere.url == "/#problem-reported"


@pytest.mark.parametrize("at", ["1e9", "-3", "NaN", "x" * 5000, "9" * 15])
def test_a_place_that_is_none_is_left_out(visitor, video, producer, at):
    assert tell(visitor, video, at=at).status_code == 204
    assert PlaybackProblem.objects.get().at_seconds is None


def test_another_sites_page_reports_nothing(visitor, video, producer):
    answer = visitor.post(
        ADDRESS, {"video": video.public_id}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert (answer.status_code, PlaybackProblem.objects.count()) == (403, 0)


def test_a_crawler_reports_nothing(video, producer):
    assert tell(Client(headers={"User-Agent": "Googlebot/2.1"}), video).status_code == 204
    assert PlaybackProblem.objects.count() == 0


def test_a_network_reports_so_often_an_hour(visitor, video, producer, settings):
    settings.RATE_LIMITS = "on"
    codes = [tell(visitor, video).status_code for _ in range(PROBLEMS_BY_NETWORK.max_count + 1)]
    assert codes == [204] * PROBLEMS_BY_NETWORK.max_count + [429]
    assert PlaybackProblem.objects.get().reports == PROBLEMS_BY_NETWORK.max_count


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.PRODUCER}))
def test_only_producers_say_that_it_plays_again(visitor, video, producer, role):
    tell(visitor, video)
    [problem] = PlaybackProblem.objects.all()
    client = Client()
    client.force_login(UserFactory(role=role))
    client.post(reverse("audience_problem_resolve", args=[problem.pk]))
    problem.refresh_from_db()
    assert problem.resolved_at is None
