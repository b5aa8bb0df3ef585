from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils.timezone import now

from tests.factories import CutFactory, ExpertFactory, VideoFactory, ready_cut
from videos.media.models import Cut, Job
from videos.planning.models import Stage

pytestmark = pytest.mark.django_db


def cut_of(title: str, state: str = "waiting", **job) -> Cut:
    """A cut of 100 s with a job in the fitting state."""
    fields = {"reason": "It is damaged."} if state in ("failed", "refused") else {}
    video = VideoFactory(title=title, stage=Stage.EDITING)
    cut = CutFactory(video=video, state=state, source_info={"seconds": 100.0}, **fields)
    if state == "working":
        job |= {"token": uuid4(), "lease_until": now() + timedelta(minutes=1)}
    states = {"waiting": "queued", "working": "running", "refused": "failed"}
    Job.objects.create(cut=cut, state=states.get(state, state), **job)
    return cut


def text(client, query: str = "") -> str:
    page = client.get(f"/admin/cuts/{query}")
    assert page.status_code == 200
    return " ".join(page.content.decode().split())


def said(response) -> str:
    return str(list(get_messages(response.wsgi_request))[-1]).strip()


@pytest.fixture
def desk(signed_in, producer):
    return signed_in(producer)


def test_a_waiting_cut_says_behind_whom_and_about_when_it_starts(desk):
    made = ready_cut()
    Job.objects.create(cut=made, state="ready", speed=2.0, ended_at=now())
    cut_of("Running", "working", progress=0.5, speed=2.0)  # 25 s left
    cut_of("First")  # 50 s
    cut_of("Second")
    cut_of("Hurried", priority=1)
    page = text(desk)
    assert "50 %, less than a minute left" in page
    assert "2.0 × real time" in page
    assert "Next in the queue · <span" in page
    assert "Number 2 in the queue, after “Hurried”, cut" in page
    assert "Number 3 in the queue, after “First”, cut" in page
    assert "starts in about 2 minutes" in page
    order = [page.index(f">{title}</a>") for title in ("Running", "Hurried", "First", "Second")]
    assert order == sorted(order)


def test_what_waits_for_better_times_says_for_which_and_is_in_nobodys_way(desk):
    later = now() + timedelta(minutes=4, seconds=30)
    cut_of("Held up", not_before=later, reason="The storage does not answer.")
    cut_of("Free")
    page = text(desk)
    assert "The storage does not answer. The studio tries again in 4 minutes." in page
    assert "Next in the queue" in page
    assert page.index(">Free</a>") < page.index(">Held up</a>")


def test_each_tab_shows_its_cuts_with_their_count_and_teaches_when_empty(desk):
    cut_of("Works", "working")
    cut_of("Broke", "failed")
    cut_of("Unfit", "refused")
    ready_cut(video=VideoFactory(title="Done"))
    shown = {
        tab: [t for t in ("Works", "Broke", "Unfit", "Done") if f">{t}</a>" in text(desk, query)]
        for tab, query in {
            "all": "",
            "under way": "?state=under-way",
            "failed": "?state=failed",
            "ready": "?state=ready",
            "unknown": "?state=nonsense",
        }.items()
    }
    assert shown == {
        "all": ["Works", "Broke", "Unfit", "Done"],
        "under way": ["Works"],
        "failed": ["Broke", "Unfit"],
        "ready": ["Done"],
        "unknown": ["Works", "Broke", "Unfit", "Done"],
    }
    assert 'Failed <span class="media-tabs__count">2</span>' in text(desk)
    assert "Nothing was cancelled." in text(desk, "?state=cancelled")


def test_a_newer_cut_offers_to_cancel_the_one_that_still_waits(desk):
    old = cut_of("Twice")
    CutFactory(video=old.video, state=Cut.State.REFUSED, reason="A text.")
    assert "was uploaded later" not in text(desk)
    CutFactory(video=old.video, number=old.number + 4)
    assert f"Cut {old.number + 4} was uploaded later." in text(desk)


def test_a_cut_is_cancelled_and_tried_again_from_the_tab_one_is_in(desk):
    cut = cut_of("Works", "working")
    response = desk.post(reverse("media_cancel", args=[cut.pk]), {"tab": "under-way"})
    assert response.url == "/admin/cuts/?state=under-way"
    assert said(response) == f"Work on cut {cut.number} of “Works” was cancelled."
    assert "The uploaded file is kept." in text(desk, "?state=cancelled")
    again = desk.post(reverse("media_cancel", args=[cut.pk]))
    assert said(again) == f"Cut {cut.number} is no longer being made ready."
    assert again.url.endswith("#cuts")
    desk.post(reverse("media_retry", args=[cut.pk]), {"tab": "https://elsewhere.example"})
    assert Cut.objects.get().state == Cut.State.WAITING


def test_a_waiting_cut_is_moved_in_line(desk):
    cut = cut_of("Waits")
    url = reverse("media_priority", args=[cut.pk])
    answers = {1: "is next in the queue", -1: "at the end of the queue", 0: "in its usual place"}
    for priority, words in answers.items():
        assert words in said(desk.post(url, {"priority": priority}))
        assert Job.objects.get().priority == priority
    for wrong in ({}, {"priority": "9"}, {"priority": "first"}):
        assert "Choose a place in the queue" in said(desk.post(url, wrong))
    assert Job.objects.get().priority == 0
    Job.objects.update(state="cancelled")
    assert "is no longer waiting" in said(desk.post(url, {"priority": 1}))


def test_an_expert_acts_on_the_cuts_they_are_in_and_leaves_the_line_alone(signed_in):
    expert = ExpertFactory()
    client = signed_in(expert.user)
    mine, other = cut_of("Mine"), cut_of("Other")
    mine.video.experts.add(expert)
    page = text(client)
    assert reverse("media_cancel", args=[mine.pk]) in page
    assert reverse("media_cancel", args=[other.pk]) not in page
    assert "Move to the front" not in page
    client.post(reverse("media_cancel", args=[other.pk]))
    client.post(reverse("media_priority", args=[mine.pk]), {"priority": 1})
    assert set(Job.objects.values_list("state", "priority")) == {("queued", 0)}


def test_an_act_needs_a_post(desk):
    cut = cut_of("Waits")
    for name in ("media_cancel", "media_retry", "media_priority"):
        assert desk.get(reverse(name, args=[cut.pk])).status_code == 405
    assert Job.objects.get().state == "queued"


def test_the_page_asks_for_the_part_that_changes_and_gets_no_more(desk):
    cut = cut_of("Works", "working")
    page = desk.get("/admin/cuts/?part=1&state=under-way")
    assert "<html" not in page.content.decode()
    assert f'id="cut-{cut.pk}"' in page.content.decode()
    assert "no-store" in page["Cache-Control"]


def test_more_cuts_cost_no_more_questions(desk, django_assert_max_num_queries):
    for n in range(12):
        cut_of(f"Waits {n}")
        ready_cut()
    with django_assert_max_num_queries(40):
        text(desk)
