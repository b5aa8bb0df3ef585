import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from studio.people.roles import Role
from tests.factories import (
    ExpertFactory,
    QuestionFactory,
    ShootFactory,
    UserFactory,
    VideoFactory,
)
from tests.videos.planning.factories import is_forbidden
from videos.planning.addresses import video_url
from videos.planning.models import Stage, Video
from videos.planning.panels import VideoPanel
from videos.planning.stages import move

pytestmark = pytest.mark.django_db

LIST = reverse("planning_videos:index")
NEW = reverse("planning_videos:add")
DAY = dt.date(2030, 3, 20)


def post_move(client, video, to, **data):
    return client.post(reverse("planning_move", args=[video.pk, to]), data)


def said(client, video):
    return [str(message) for message in client.get(video_url(video)).context["messages"]]


@pytest.fixture
def ready():
    """An idea that has all that planning asks."""
    return VideoFactory(planned_for=DAY, experts=[ExpertFactory()])


def test_a_new_video_is_an_idea_of_its_producer_and_opens(signed_in, producer):
    expert = ExpertFactory()
    answer = signed_in(producer).post(
        NEW,
        {
            "title": "Is it safe?",
            "experts": [expert.pk],
            "planned_for": "2030-03-20",
            "producer": producer.pk,
        },
    )
    video = Video.objects.get()
    assert answer["Location"] == video_url(video)
    assert (video.title, video.stage, video.planned_for, video.created_by) == (
        "Is it safe?",
        Stage.IDEA,
        DAY,
        producer,
    )
    assert list(video.experts.all()) == [expert]


def test_the_stage_is_not_part_of_the_form(signed_in, producer, ready):
    edit = reverse("planning_videos:edit", args=[ready.pk])
    signed_in(producer).post(edit, {"title": "New title", "stage": "published"})
    ready.refresh_from_db()
    assert (ready.title, ready.stage) == ("New title", Stage.IDEA)


@pytest.mark.parametrize(
    ("role", "sees", "changes"),
    [
        (Role.PRODUCER, True, True),
        (Role.EXPERT, True, False),
        (Role.SALES_MANAGER, True, True),
        (Role.FINANCE, True, False),
        (Role.LEADER, True, False),
        (None, False, False),
    ],
)
def test_who_sees_and_who_changes_videos(signed_in, ready, role, sees, changes):
    client = signed_in(UserFactory(role=role))
    edit = reverse("planning_videos:edit", args=[ready.pk])
    for url, allowed in ((LIST, sees), (video_url(ready), sees), (NEW, changes), (edit, changes)):
        assert (client.get(url).status_code == 200) == allowed
    page = client.get(video_url(ready)).content.decode() if sees else ""
    assert ("Plan this video" in page) == changes
    assert ("Cancel the video" in page) == changes
    answer = client.post(reverse("planning_move", args=[ready.pk, "planned"]))
    ready.refresh_from_db()
    assert (ready.stage == Stage.PLANNED) == changes
    assert is_forbidden(answer) == (sees and not changes)


def test_a_sales_manager_plans_and_cancels_but_leaves_the_filming_to_the_producer(
    signed_in, sales_manager, producer
):
    video = VideoFactory(stage=Stage.SHOT)
    client = signed_in(sales_manager)
    assert is_forbidden(post_move(client, video, "editing"))
    assert post_move(signed_in(producer), video, "editing")["Location"] == video_url(video)
    post_move(client, video, "cancelled", note="No longer true.")
    video.refresh_from_db()
    assert [(m.now, m.by, m.note) for m in video.moves.all()] == [
        ("editing", producer, ""),
        ("cancelled", sales_manager, "No longer true."),
    ]


def test_a_refused_move_says_on_the_page_which_guard_failed(signed_in, producer):
    video = VideoFactory(planned_for=DAY)
    client = signed_in(producer)
    post_move(client, video, "planned")
    (text,) = said(client, video)
    assert "Before it can be planned, the video needs an expert on camera." in text
    post_move(client, video, "cancelled", note="")
    (text,) = said(client, video)
    assert "Say why the video is cancelled." in text
    video.refresh_from_db()
    assert (video.stage, list(video.moves.all())) == (Stage.IDEA, [])


@pytest.mark.parametrize("to", ["greenlit", "scheduled", "review", "approved", "published"])
def test_moves_of_other_rooms_are_not_made_here(signed_in, producer, ready, to):
    assert is_forbidden(post_move(signed_in(producer), ready, to))
    ready.refresh_from_db()
    assert ready.stage == Stage.IDEA


def test_a_move_is_made_by_post_to_a_stage_that_there_is(signed_in, producer, ready):
    client = signed_in(producer)
    assert client.get(reverse("planning_move", args=[ready.pk, "planned"])).status_code == 405
    assert post_move(client, ready, "finished").status_code == 404
    assert client.post(reverse("planning_move", args=[0, "planned"])).status_code == 404


def test_one_main_act_a_stage(signed_in, producer, ready):
    client = signed_in(producer)

    def main(video):
        act = client.get(video_url(video)).context["main_act"]
        return act and act["label"]

    acts = {stage: main(VideoFactory(stage=stage)) for stage in Stage}
    assert acts == {
        Stage.IDEA: "Add what is missing",
        Stage.GREENLIT: "Book a shoot",
        Stage.SHOT: "Start editing",
    } | {stage: None for stage in Stage if stage not in {Stage.IDEA, Stage.GREENLIT, Stage.SHOT}}
    assert main(ready) == "Plan this video"
    begun = VideoFactory(stage=Stage.SCHEDULED)
    ShootFactory(videos=[begun], starts_at=timezone.now() - dt.timedelta(hours=1))
    assert main(begun) == "Mark as shot"


def test_the_page_links_to_the_panel_of_the_room_that_moves_next(signed_in, producer):
    answer = signed_in(producer).get(video_url(VideoFactory(stage=Stage.REVIEW)))
    panel = answer.context["waiting_panel"]
    assert panel.room == "review"
    html = answer.content.decode()
    assert f'href="#{panel.anchor}"' in html
    assert f'id="{panel.anchor}"' in html


def test_the_page_tells_the_whole_story(signed_in, leader, producer):
    ada = ExpertFactory(user__first_name="Ada", user__last_name="Lovelace")
    video = VideoFactory(planned_for=DAY, experts=[ada], producer=producer)
    QuestionFactory(video=video, text="Does it scale?")
    move(video.pk, Stage.PLANNED, room="planning", by=producer)
    move(video.pk, Stage.CANCELLED, room="planning", by=producer, note="The product is gone.")
    answer = signed_in(leader).get(video_url(video))
    html = answer.content.decode()
    assert all(
        text in html
        for text in ("Ada Lovelace", "Does it scale?", str(producer), "The product is gone.")
    )
    assert [m.now for m in answer.context["moves"]] == ["cancelled", "planned"]


def test_an_imported_video_has_no_moves_and_no_acts(signed_in, producer):
    video = VideoFactory(imported=True, stage=Stage.PUBLISHED)
    answer = signed_in(producer).get(video_url(video))
    html = answer.content.decode()
    assert "Imported" in html
    assert "planning-steps" not in html
    assert reverse("planning_move", args=[video.pk, "cancelled"]) not in html


def test_an_imported_video_has_no_cut_budget_review_or_page_and_lacks_nobody(signed_in, producer):
    imported, own = VideoFactory(imported=True, stage=Stage.PUBLISHED), VideoFactory()

    def page(video: Video) -> tuple[set[str], str]:
        answer = signed_in(producer).get(video_url(video))
        return {panel.anchor for panel in answer.context["panels"]}, answer.content.decode()

    ours = {"cuts", "budget", "review", "public-page"}
    anchors, html = page(own)
    assert ours <= anchors
    assert "Nobody yet" in html
    anchors, html = page(imported)
    assert not ours & anchors
    assert "Nobody yet" not in html


def test_videos_are_found_by_title_question_stage_expert_and_producer(signed_in, leader, producer):
    ada = ExpertFactory()
    one = VideoFactory(title="Price", stage=Stage.SHOT, experts=[ada], producer=producer)
    two = VideoFactory(title="Safety")
    QuestionFactory(video=two, text="Is it GDPR-proof?")
    QuestionFactory(video=two, text="Is our data in the EU? GDPR?")
    client = signed_in(leader)

    def found(**query):
        return list(client.get(LIST, query).context["object_list"])

    assert found(q="price") == [one]
    assert found(q="gdpr") == [two]
    assert found(stage="shot") == [one]
    assert found(experts=ada.pk) == [one]
    assert found(producer=producer.pk) == [one]
    assert found() == [one, two]


def test_list_and_page_stay_within_their_queries(
    signed_in, producer, django_assert_max_num_queries
):
    client = signed_in(producer)
    experts = [ExpertFactory() for _ in range(4)]
    for _number in range(20):
        video = VideoFactory(stage=Stage.SCHEDULED, experts=experts, producer=producer)
        QuestionFactory(video=video)
        ShootFactory(videos=[video], experts=experts)
    with django_assert_max_num_queries(20):
        client.get(LIST)
    with django_assert_max_num_queries(40):
        client.get(video_url(video))


def test_the_forms_of_other_rooms_panels_get_the_token_of_the_request(rf, producer):
    class Panel(VideoPanel):
        def is_shown(self):
            return True

    request = rf.get("/")
    request.user = producer
    context = Panel(request, VideoFactory()).get_context_data()
    assert len(context["csrf_token"]) == 64
