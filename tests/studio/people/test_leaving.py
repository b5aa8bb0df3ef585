"""Who leaves is deactivated, and somebody is asked who takes over what hangs on them."""

import datetime as dt

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from studio.desk.waiting import waiting_for
from studio.people.leaving import HOLDINGS, deactivate, held_by, left_behind
from studio.people.models import User
from studio.people.roles import Role
from tests.budgets.factories import LineFactory, estimate
from tests.factories import (
    ExpertFactory,
    ShareLinkFactory,
    ShootFactory,
    UserFactory,
    VideoFactory,
)
from tests.videos.deals.factories import DealFactory
from videos.audience.models import ShareLink
from videos.deals.access import own_deals
from videos.planning.admin.forms import experts
from videos.planning.models import Stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    return UserFactory(is_superuser=True)


@pytest.fixture
def leaver():
    """Somebody on whom one of everything hangs."""
    user = UserFactory(role=Role.EXPERT, first_name="Tomasz")
    expert = ExpertFactory(user=user)
    DealFactory(name="Big", owner=user)
    DealFactory(name="Signed", owner=user, status="won", closed_at=timezone.now())
    ShareLinkFactory(rep=user)
    video = VideoFactory(title="Filmed", stage=Stage.SCHEDULED, experts=[expert])
    ShootFactory(videos=[video], experts=[expert])
    VideoFactory(title="Produced", stage=Stage.IDEA, producer=user)
    VideoFactory(title="Out", stage=Stage.PUBLISHED, producer=user, experts=[expert])
    estimate((LineFactory(approved=100_000), 5_000), by=user)
    return user


def kinds(user):
    return {holding.name: [str(row) for row in rows] for holding, rows in held_by(user)}


def give(client, leaver, kind, heir):
    """What the page says to it, last."""
    url = reverse("people_leaving", args=[leaver.pk])
    answer = client.post(url, {"kind": kind, "heir": heir.pk})
    return str(list(get_messages(answer.wsgi_request))[-1]).strip()


def test_what_hangs_on_somebody_is_listed_by_kind(leaver):
    found = kinds(leaver)
    assert set(found) == set(HOLDINGS)
    assert (found["deals"], found["production"], found["cast"]) == (
        ["Big"],
        ["Produced"],
        ["Filmed"],
    )
    assert (len(found["links"]), len(found["shoots"]), len(found["estimates"])) == (1, 1, 1)


def test_deactivating_ends_sessions_at_once_and_asks_who_takes_over(signed_in, admin, leaver):
    theirs, client = signed_in(leaver), signed_in(admin)
    assert theirs.get(reverse("wagtailadmin_home")).status_code == 200
    answer = client.post(
        reverse("wagtailusers_users:edit", args=[leaver.pk]),
        {
            "email": leaver.email,
            "first_name": leaver.first_name,
            "last_name": leaver.last_name,
            "groups": [group.pk for group in leaver.groups.all()],
        },
    )
    assert answer.url == reverse("people_leaving", args=[leaver.pk])
    assert theirs.get(reverse("wagtailadmin_home")).status_code == 302
    page = client.get(answer.url).content.decode()
    assert all(str(holding.title) in page for holding in HOLDINGS.values())
    leaver.refresh_from_db()
    leaver.is_active = True
    leaver.save()
    assert theirs.get(reverse("wagtailadmin_home")).status_code == 302


def test_it_waits_on_administrators_home_pages_while_something_hangs_on_who_left(
    signed_in, admin, leaver
):
    url = reverse("people_leaving", args=[leaver.pk])
    assert url not in {item.url for item in waiting_for(admin)}
    deactivate(leaver, by=admin)
    assert list(left_behind()) == [leaver]
    assert url in {item.url for item in waiting_for(admin)}
    assert url not in {item.url for item in waiting_for(UserFactory(role=Role.SALES_MANAGER))}
    heirs = {
        "production": UserFactory(role=Role.PRODUCER),
        "estimates": UserFactory(role=Role.PRODUCER),
    }
    expert = ExpertFactory().user
    client = signed_in(admin)
    for kind in list(HOLDINGS):
        give(client, leaver, kind, heirs.get(kind, expert))
    assert kinds(leaver) == {}
    assert url not in {item.url for item in waiting_for(admin)}
    assert "is not responsible for anything" in client.get(url).content.decode()


def test_deals_links_shoots_and_approvals_go_to_the_heir_on_record(signed_in, admin, leaver):
    heir, client = ExpertFactory().user, signed_in(admin)
    deactivate(leaver, by=admin)
    for kind in ("deals", "links", "shoots", "cast"):
        assert "takes over 1 thing" in give(client, leaver, kind, heir)
    assert [deal.name for deal in own_deals(heir)] == ["Big"]
    assert [deal.name for deal in own_deals(leaver)] == ["Signed"]
    assert ShareLink.objects.get().rep == heir
    assert kinds(heir)["cast"] == ["Filmed"]
    assert len(kinds(heir)["shoots"]) == 1
    entries = ModelLogEntry.objects.filter(action="people.hand_over", object_id=leaver.pk)
    assert {entry.data["kind"] for entry in entries} == {
        str(HOLDINGS[kind].title) for kind in ("deals", "links", "shoots", "cast")
    }
    assert {entry.data["heir"] for entry in entries} == {str(heir)}


def test_a_shoot_is_not_handed_to_who_is_booked_elsewhere(signed_in, admin, leaver):
    heir = ExpertFactory()
    tomorrow = timezone.now() + dt.timedelta(days=1)
    ShootFactory(experts=[heir], videos=[], starts_at=tomorrow - dt.timedelta(minutes=30))
    assert "is already booked at that time" in give(signed_in(admin), leaver, "shoots", heir.user)
    assert len(kinds(leaver)["shoots"]) == 1


@pytest.mark.parametrize("kind", ["deals", "shoots", "production", "estimates"])
def test_nothing_goes_to_who_may_not_have_it(signed_in, admin, leaver, kind):
    gone = ExpertFactory(user__is_active=False).user
    for heir in (UserFactory(role=Role.FINANCE), gone, leaver):
        said = give(signed_in(admin), leaver, kind, heir)
        assert said == "Choose an active colleague who may take these over."
    assert len(kinds(leaver)[kind]) == 1


def test_open_deals_go_to_who_can_close_them(signed_in, admin, leaver):
    said = give(signed_in(admin), leaver, "deals", UserFactory(role=Role.LEADER))
    assert said == "Choose an active colleague who may take these over."
    manager = UserFactory(role=Role.SALES_MANAGER)
    assert "takes over 1 thing" in give(signed_in(admin), leaver, "deals", manager)


def test_a_link_that_the_heir_has_too_stays_and_waits_no_longer(signed_in, admin, leaver):
    heir, link = UserFactory(role=Role.EXPERT), ShareLink.objects.get()
    ShareLinkFactory(video=link.video, contact=link.contact, rep=heir)
    assert "links" not in kinds(leaver)
    link.refresh_from_db()
    assert link.rep == leaver


def test_who_is_deactivated_is_booked_no_more(admin, leaver):
    assert leaver.expert in experts()
    deactivate(leaver, by=admin)
    assert leaver.expert not in experts()


@pytest.mark.parametrize("role", list(Role))
def test_only_administrators_say_who_takes_over(signed_in, leaver, role):
    client = signed_in(UserFactory(role=role))
    url = reverse("people_leaving", args=[leaver.pk])
    assert client.get(url).status_code in {302, 403}
    heir = UserFactory(role=Role.EXPERT)
    client.post(url, {"kind": "deals", "heir": heir.pk})
    assert list(own_deals(heir)) == []


def test_an_unknown_kind_is_nothing(signed_in, admin, leaver):
    url = reverse("people_leaving", args=[leaver.pk])
    assert signed_in(admin).post(url, {"kind": "x", "heir": admin.pk}).status_code == 404
    assert User.objects.filter(pk=leaver.pk).exists()


def test_deactivating_is_offered_where_deleting_is_asked_for(signed_in, admin, leaver):
    client = signed_in(admin)
    edit = reverse("wagtailusers_users:edit", args=[leaver.pk])
    delete = reverse("wagtailusers_users:delete", args=[leaver.pk])
    page = client.get(delete).content.decode()
    assert "deactivate" in page
    assert f'href="{edit}"' in page
    assert client.post(delete).url == edit
    assert User.objects.filter(pk=leaver.pk).exists()


def test_who_left_no_trace_may_be_deleted(signed_in, admin):
    nobody = UserFactory()
    url = reverse("wagtailusers_users:delete", args=[nobody.pk])
    assert signed_in(admin).post(url).status_code == 302
    assert not User.objects.filter(pk=nobody.pk).exists()
