"""The first steps of a studio: done when what they are about is there."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Site

from studio.desk import checklist
from studio.people.inviting import invite
from studio.people.roles import Role
from tests.budgets.factories import LineFactory
from tests.factories import (
    ExpertFactory,
    QuestionFactory,
    ResourceFactory,
    UserFactory,
    VideoFactory,
)
from tests.videos.deals.factories import DealFactory
from videos.publishing.models import Appearance

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    return UserFactory(is_superuser=True)


def open_steps() -> list[str]:
    return [step.title for step in checklist.steps() if not step.done]


def test_a_new_studio_has_everything_before_it(admin, settings):
    settings.CHOSEN = set()
    settings.MAIL_TRANSPORT = "studio.mail.log_backend.LogBackend"
    assert open_steps() == [
        "The company's name",
        "Logo",
        "Accent colour",
        "Time zone and currency",
        "Mail",
        "People, by invitation",
        "Experts with their minutes",
        "Places, crew and gear",
        "Fiscal year and sales budget",
        "Contacts and deals",
        "The first video",
    ]


def test_each_step_is_done_by_what_it_asks_for(admin, settings):
    settings.CHOSEN = {"TIME_ZONE", "CURRENCY"}
    look = Appearance.for_site(Site.objects.get())
    look.company_name, look.accent = "Fernhill Heat", "#123456"
    look.save()
    invite("nora@studio.example", [role(Role.PRODUCER)], is_superuser=False, by=admin)
    for name in (Role.FINANCE, Role.SALES_MANAGER):
        UserFactory(role=name)
    ExpertFactory()
    ResourceFactory()
    LineFactory(approved=5)
    DealFactory()
    VideoFactory()
    assert open_steps() == ["Logo"]
    assert checklist.is_finished(checklist.steps())


def role(name: Role) -> Group:
    return Group.objects.get(name=name.value)


def test_people_are_missing_while_a_role_has_nobody(admin):
    UserFactory(role=Role.PRODUCER)
    UserFactory(role=Role.FINANCE, is_active=False)
    [step] = checklist.people_steps()
    assert (step.done, step.why) == (
        False,
        "Nobody has these roles yet: Expert, Finance and Sales manager.",
    )


def test_a_line_of_a_closed_or_past_period_is_no_budget(admin, finance):
    line = LineFactory(approved=5)
    assert checklist.money_steps()[0].done
    line.period.closed_at, line.period.closed_by = timezone.now(), finance
    line.period.save()
    assert not checklist.money_steps()[0].done


def test_every_step_leads_to_a_screen_that_opens(admin, signed_in):
    client = signed_in(admin)
    urls = [step.url for step in checklist.steps() if step.url]
    assert {url: client.get(url).status_code for url in urls} == dict.fromkeys(urls, 200)


def test_the_home_of_an_administrator_shows_it_until_it_is_dismissed(admin, signed_in):
    client = signed_in(admin)
    assert 'id="first-steps-section"' in client.get("/admin/").content.decode()
    client.post(reverse("desk_first_steps"), {"dismiss": "1"})
    assert 'id="first-steps-section"' not in client.get("/admin/").content.decode()
    page = client.get(reverse("desk_first_steps")).content.decode()
    assert "Show it on my home page again" in page
    client.post(reverse("desk_first_steps"), {"show": "1"})
    assert 'id="first-steps-section"' in client.get("/admin/").content.decode()


def test_another_administrator_keeps_it(admin, signed_in):
    checklist.dismiss(admin)
    other = UserFactory(is_superuser=True)
    assert 'id="first-steps-section"' in signed_in(other).get("/admin/").content.decode()


def test_a_finished_list_goes_away_and_is_found_again(admin, signed_in, monkeypatch):
    done = [
        checklist.Step("Name", "There.", True),
        checklist.Step("Logo", "No.", False, optional=True),
    ]
    monkeypatch.setattr(checklist, "RULES", (lambda: done,))
    client = signed_in(admin)
    assert 'id="first-steps-section"' not in client.get("/admin/").content.decode()
    assert "All steps are done." in client.get(reverse("desk_first_steps")).content.decode()


def test_nobody_else_sees_it(signed_in, producer):
    assert 'id="first-steps-section"' not in signed_in(producer).get("/admin/").content.decode()


def test_the_main_act_is_the_first_step_that_is_left():
    steps = [
        checklist.Step("Done", "", True, "/a"),
        checklist.Step("If you like", "", False, "/b", optional=True),
        checklist.Step("Elsewhere", "", False),
        checklist.Step("Now", "", False, "/c"),
    ]
    assert checklist.next_of(steps) == steps[3]


def test_the_first_video_begins_with_a_question(admin):
    def last() -> tuple[str, str]:
        step = checklist.steps()[-1]
        return step.url, str(step.act)

    assert last() == (reverse("planning_questions:add"), "Hand in a question")
    QuestionFactory()
    assert last() == (reverse("planning_questions:index"), "Plan a video from a question")
    VideoFactory()
    assert last() == (reverse("planning_videos:index"), "See the videos")
