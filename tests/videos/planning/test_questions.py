import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from studio.people.roles import Role
from tests.factories import QuestionFactory, UserFactory, VideoFactory
from tests.videos.planning.factories import is_forbidden
from videos.planning.models import Question, Stage, Video
from videos.planning.urls_for import question_url, video_url

pytestmark = pytest.mark.django_db

LIST = reverse("planning_questions:index")
NEW = reverse("planning_questions:add")


def words(**fields):
    return {"text": "Is it safe?", "heard_at": "trade fair", "heard_on": "2026-03-02"} | fields


def test_an_expert_hands_in_what_they_heard_and_cannot_forge_who(signed_in, expert_user, producer):
    answer = signed_in(expert_user).post(NEW, words(heard_by=producer.pk))
    assert (answer.status_code, answer["Location"]) == (302, LIST)
    question = Question.objects.get()
    assert (question.text, question.heard_by, question.heard_at, question.heard_on) == (
        "Is it safe?",
        expert_user,
        "trade fair",
        dt.date(2026, 3, 2),
    )
    assert ModelLogEntry.objects.filter(action="wagtail.create", user=expert_user).count() == 1


def test_a_producer_may_say_who_heard_it(signed_in, producer, expert_user):
    signed_in(producer).post(NEW, words(heard_by=expert_user.pk))
    assert Question.objects.get().heard_by == expert_user


def test_a_question_was_not_heard_tomorrow(signed_in, expert_user):
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    answer = signed_in(expert_user).post(NEW, words(heard_on=tomorrow.isoformat()))
    assert answer.context["form"].errors == {"heard_on": ["This day is in the future."]}
    assert not Question.objects.exists()


def test_an_expert_changes_their_own_question_and_nobody_elses(signed_in, expert_user, producer):
    own, other = QuestionFactory(heard_by=expert_user), QuestionFactory()
    client = signed_in(expert_user)
    for question, forbidden in ((own, False), (other, True)):
        edit = reverse("planning_questions:edit", args=[question.pk])
        assert is_forbidden(client.post(edit, words())) == forbidden
    own.refresh_from_db()
    other.refresh_from_db()
    assert (own.text, own.heard_by) == ("Is it safe?", expert_user)
    assert other.text == "How long does it take until it pays?"
    edit = reverse("planning_questions:edit", args=[other.pk])
    assert signed_in(producer).get(edit).status_code == 200


def test_planning_a_video_from_a_question_makes_an_idea_and_opens_it(signed_in, producer):
    question = QuestionFactory(text="How long\ndoes it take?")
    plan = reverse("planning_questions:plan_video", args=[question.pk])
    answer = signed_in(producer).post(plan)
    video = Video.objects.get()
    assert answer["Location"] == video_url(video)
    assert (video.title, video.stage, video.created_by, video.producer) == (
        "How long does it take?",
        Stage.IDEA,
        producer,
        producer,
    )
    assert list(video.questions.all()) == [question]

    signed_in(producer).post(plan)
    assert Video.objects.count() == 1


def test_a_question_is_linked_to_an_existing_video_and_unlinked(signed_in, sales_manager):
    question, video = QuestionFactory(), VideoFactory()
    link = reverse("planning_questions:link", args=[question.pk])
    client = signed_in(sales_manager)
    assert client.post(link, {"video": video.pk})["Location"] == question_url(question)
    question.refresh_from_db()
    assert question.video == video
    client.post(link, {"video": ""})
    question.refresh_from_db()
    assert question.video is None


@pytest.mark.parametrize("act", ["plan_video", "link"])
def test_an_expert_neither_plans_nor_links(signed_in, expert_user, act):
    question = QuestionFactory(heard_by=expert_user)
    url = reverse(f"planning_questions:{act}", args=[question.pk])
    assert is_forbidden(signed_in(expert_user).post(url, {"video": VideoFactory().pk}))
    question.refresh_from_db()
    assert question.video is None


@pytest.mark.parametrize("role", [Role.FINANCE, Role.LEADER])
def test_finance_and_leaders_see_no_questions(signed_in, role):
    client = signed_in(UserFactory(role=role))
    question = QuestionFactory()
    for url in (LIST, NEW, question_url(question)):
        assert is_forbidden(client.get(url))


def test_questions_are_found_by_their_words_and_by_what_has_no_answer_yet(signed_in, expert_user):
    price = QuestionFactory(text="What about the price?", video=VideoFactory())
    safe = QuestionFactory(text="Is it safe?")
    client = signed_in(expert_user)

    def found(**query):
        return list(client.get(LIST, query).context["object_list"])

    assert found(q="PRICE") == [price]
    assert found(answered="no") == [safe]
    assert found(answered="yes") == [price]
    assert found(heard_by=safe.heard_by_id) == [safe]


def test_the_list_asks_the_database_as_often_for_many_as_for_few(
    signed_in, expert_user, django_assert_max_num_queries
):
    client = signed_in(expert_user)
    for _number in range(25):
        QuestionFactory(video=VideoFactory())
    with django_assert_max_num_queries(25):
        client.get(LIST)


def test_an_empty_list_teaches_the_first_step(signed_in, expert_user):
    html = signed_in(expert_user).get(LIST).content.decode()
    assert "After your next call, write down what the buyer asked" in html
    assert f'href="{NEW}"' in html
