import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from studio.people.roles import Role
from tests.budgets.factories import LineFactory, estimate
from tests.factories import (
    ExpertFactory,
    QuestionFactory,
    ShootFactory,
    UserFactory,
    VideoFactory,
    ready_cut,
)
from tests.videos.planning.factories import is_forbidden
from videos.media.models import Upload
from videos.planning.admin.panels import VideoPanel
from videos.planning.models import Stage, Video
from videos.planning.stages import change_stage
from videos.planning.urls_for import video_url

pytestmark = pytest.mark.django_db

LIST = reverse("planning_videos:index")
NEW = reverse("planning_videos:add")
DAY = dt.date(2030, 3, 20)


def post_move(client, video, to, **data):
    return client.post(reverse("planning_change_stage", args=[video.pk, to]), data)


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
    answer = client.post(reverse("planning_change_stage", args=[ready.pk, "planned"]))
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
    assert [(m.to_stage, m.by, m.note) for m in video.transitions.all()] == [
        ("editing", producer, ""),
        ("cancelled", sales_manager, "No longer true."),
    ]


def test_a_refused_move_says_on_the_page_which_guard_failed(signed_in, producer):
    video = VideoFactory(planned_for=DAY)
    client = signed_in(producer)
    post_move(client, video, "planned")
    (text,) = said(client, video)
    assert "Before you can plan the video, it needs an expert on camera." in text
    post_move(client, video, "cancelled", note="")
    (text,) = said(client, video)
    assert "Say why the video is cancelled." in text
    video.refresh_from_db()
    assert (video.stage, list(video.transitions.all())) == (Stage.IDEA, [])


@pytest.mark.parametrize("to", ["greenlit", "scheduled", "review", "approved", "published"])
def test_transitions_of_other_rooms_are_not_made_here(signed_in, producer, ready, to):
    assert is_forbidden(post_move(signed_in(producer), ready, to))
    ready.refresh_from_db()
    assert ready.stage == Stage.IDEA


def test_a_move_is_made_by_post_to_a_stage_that_there_is(signed_in, producer, ready):
    client = signed_in(producer)
    assert (
        client.get(reverse("planning_change_stage", args=[ready.pk, "planned"])).status_code == 405
    )
    assert post_move(client, ready, "finished").status_code == 404
    assert client.post(reverse("planning_change_stage", args=[0, "planned"])).status_code == 404


def page_of(client, video):
    """The page of a video as one may see it: the tab it opens with, its act, and its text."""
    answer = client.get(video_url(video))
    return answer.context["first_tab"], answer.context["act"], answer.content.decode()


def test_the_page_opens_with_the_tab_where_the_act_is(signed_in, producer, finance, ready):
    tab, act, _html = page_of(signed_in(producer), VideoFactory(stage=Stage.EDITING))
    assert (tab, act.label) == ("cuts", "Upload a cut")
    video = estimate((LineFactory(approved=100), 50), by=producer).video
    tab, act, html = page_of(signed_in(finance), video)
    assert (tab, act.label) == ("budget", "Greenlight or decline")
    assert 'data-w-tabs-active-panel-id-value="tab-budget"' in html
    assert page_of(signed_in(producer), video)[0] == "about"
    assert page_of(signed_in(producer), ready)[0] == "about"
    assert page_of(signed_in(producer), VideoFactory(stage=Stage.SHOT))[0] == "cuts"


def test_the_page_opens_with_the_cuts_where_an_upload_of_ones_own_is_unfinished(
    signed_in, producer
):
    video = VideoFactory(stage=Stage.REVIEW, producer=producer)
    ready_cut(video=video, number=1)
    assert page_of(signed_in(producer), video)[0] == "about"
    upload = Upload.objects.create(
        video=video,
        by=producer,
        name="a.mov",
        bytes=10,
        backend="disk",
        path="sources/none",
        last_activity_at=timezone.now(),
    )
    for state, tab in (("receiving", "cuts"), ("twin", "cuts"), ("cancelled", "about")):
        Upload.objects.filter(pk=upload.pk).update(state=state)
        assert page_of(signed_in(producer), video)[0] == tab
    Upload.objects.filter(pk=upload.pk).update(state="twin", by=UserFactory(role=Role.PRODUCER))
    assert page_of(signed_in(producer), video)[0] == "about"


def test_the_first_screen_has_the_film_the_step_and_the_facts_once(signed_in, producer):
    ada = ExpertFactory(user__first_name="Ada", user__last_name="Lovelace")
    video = VideoFactory(stage=Stage.EDITING, experts=[ada], producer=producer)
    _tab, _act, html = page_of(signed_in(producer), video)
    assert "data-player" not in html
    assert "planning-head--bare" in html
    ready_cut(video=video, number=1)
    _tab, _act, html = page_of(signed_in(producer), video)
    head = html[html.index("planning-head--video") :].partition("</header>")[0]
    parts = ["data-player", "ui-badge", "planning-head__waits", "ui-acts", "On camera"]
    assert [html.count(part) for part in ("data-player=", "On camera")] == [1, 1]
    assert sorted(parts, key=head.index) == parts
    assert html.count("Ada Lovelace") == head.count("Ada Lovelace")


def test_an_open_page_hears_only_of_what_is_new(signed_in, producer):
    video = VideoFactory(stage=Stage.SHOT, producer=producer)
    client = signed_in(producer)
    version = client.get(video_url(video)).context["version"]
    live = reverse("planning_videos:live", args=[video.pk])
    assert client.get(live, headers={"If-None-Match": version}).status_code == 304
    change_stage(video.pk, Stage.EDITING, room="planning", by=producer)
    answer = client.get(live, headers={"If-None-Match": version})
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    html = answer.content.decode()
    assert "<html" not in html
    assert "to upload a cut." in html
    assert client.get(live, headers={"If-None-Match": answer["ETag"]}).status_code == 304


def test_the_parts_of_a_page_have_the_same_version_until_they_differ(signed_in, producer):
    video = VideoFactory(stage=Stage.SHOT, producer=producer)
    client = signed_in(producer)

    def versions():
        html = client.get(video_url(video)).content.decode()
        return dict(re.findall(r'data-live="([\w-]+)" data-live-version="(\w+)"', html))

    before = versions()
    assert before == versions()
    change_stage(video.pk, Stage.EDITING, room="planning", by=producer)
    after = versions()
    assert {name for name in before if before[name] != after[name]} >= {
        "step",
        "progress",
        "history",
    }
    assert before["about"] == after["about"]


def test_the_page_tells_the_whole_story(signed_in, leader, producer):
    ada = ExpertFactory(user__first_name="Ada", user__last_name="Lovelace")
    video = VideoFactory(planned_for=DAY, experts=[ada], producer=producer)
    QuestionFactory(video=video, text="Does it scale?")
    change_stage(video.pk, Stage.PLANNED, room="planning", by=producer)
    change_stage(
        video.pk, Stage.CANCELLED, room="planning", by=producer, note="The product is gone."
    )
    answer = signed_in(leader).get(video_url(video))
    html = answer.content.decode()
    assert all(
        text in html
        for text in ("Ada Lovelace", "Does it scale?", "Was planned for", "The product is gone.")
    )
    assert [m.to_stage for m in answer.context["transitions"]] == ["cancelled", "planned"]


def test_an_imported_video_has_no_transitions_and_no_actions(signed_in, producer):
    video = VideoFactory(imported=True, stage=Stage.PUBLISHED)
    answer = signed_in(producer).get(video_url(video))
    html = answer.content.decode()
    assert "Imported" in html
    assert "planning-steps" not in html
    assert "There is nothing to do." in html
    assert reverse("planning_change_stage", args=[video.pk, "cancelled"]) not in html


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


def test_the_list_begins_with_what_waits_for_somebody(signed_in, leader):
    def video(title, stage, day=None, **fields):
        planned_for = DAY + dt.timedelta(days=day) if day is not None else None
        return VideoFactory(title=title, stage=stage, planned_for=planned_for, **fields)

    idea, gone = video("Idea", "idea", 0), video("Gone", "cancelled", 0)
    out = video("Out", "published", published_at=timezone.now())
    again = video("Out, and again in review", "published", published_at=timezone.now())
    ready_cut(video=again, number=2)
    late, soon = video("Late", "shot", 9), video("Soon", "planned", 1)
    found = signed_in(leader).get(LIST).context["object_list"]
    assert list(found) == [soon, late, again, idea, out, gone]


def test_the_list_shows_posters_and_what_comes_next(signed_in, leader):
    video = VideoFactory(stage=Stage.EDITING, title="Filmed")
    cut = ready_cut(video=video, number=1)
    VideoFactory(title="Not filmed", stage=Stage.SHOT)
    html = signed_in(leader).get(LIST).content.decode()
    assert html.count("ui-picture__none") == 1
    assert reverse("media_picture", args=[cut.current_set.key, "own"]) in html
    assert "Waiting for a producer to upload a cut." in html


def test_list_and_page_stay_within_their_queries(
    signed_in, producer, django_assert_max_num_queries
):
    client = signed_in(producer)
    experts = [ExpertFactory() for _ in range(4)]
    for _number in range(20):
        video = VideoFactory(stage=Stage.SCHEDULED, experts=experts, producer=producer)
        QuestionFactory(video=video)
        ShootFactory(videos=[video], experts=experts)
    with django_assert_max_num_queries(40):
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
