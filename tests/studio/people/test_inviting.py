"""People are invited by mail, with a signed link that is good once and for a week."""

import datetime as dt
import re

import pytest
from django.contrib.auth.models import Group, Permission
from django.core import mail as outbox
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now
from wagtail.models import ModelLogEntry

from studio.mail.models import Mail
from studio.mail.outbox import deliver
from studio.people import inviting, throttle
from studio.people.leaving import deactivate
from studio.people.models import Invitation, User
from studio.people.roles import Role
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

FORM = {
    "first_name": "Tom",
    "last_name": "Wolny",
    "password1": "a long way to Tipperary",
    "password2": "a long way to Tipperary",
}


@pytest.fixture
def kept_mail(settings):
    """Mails go into the outbox, as they do outside of tests."""
    settings.EMAIL_BACKEND = "studio.mail.backend.OutboxBackend"


@pytest.fixture
def admin():
    return UserFactory(email="admin@studio.example", is_superuser=True)


def role(name: Role) -> Group:
    return Group.objects.get(name=name.value)


def invited(by: User, *roles: Role, email: str = "tom@studio.example", admin: bool = False):
    return inviting.invite(email, [role(name) for name in roles], is_superuser=admin, by=by)


def path_of(invitation: Invitation) -> str:
    return re.sub(r"^https?://[^/]+", "", inviting.link(invitation))


def test_the_mail_brings_the_link_and_the_link_makes_the_user(admin, signed_in, kept_mail):
    answer = signed_in(admin).post(
        reverse("people_invitations:add"),
        {"email": "Tom@Studio.Example", "groups": [role(Role.EXPERT).pk, role(Role.FINANCE).pk]},
    )
    invitation = Invitation.objects.get()
    assert answer["Location"] == reverse("people_invitations:inspect", args=[invitation.pk])
    deliver()
    [mail] = outbox.outbox
    assert mail.to == ["Tom@Studio.Example"]
    text = mail.message().get_payload(decode=True).decode()
    assert inviting.link(invitation) in text
    assert "Your roles: Expert, Finance" in text

    client = Client()
    page = client.get(path_of(invitation))
    assert "no-store" in page["Cache-Control"]
    assert "greenlights estimates" in page.content.decode()
    answer = client.post(path_of(invitation), FORM | {"email": "somebody@else.example"})
    assert answer["Location"] == reverse("wagtailadmin_home")
    tom = User.objects.get(email="Tom@Studio.Example")
    assert {group.name for group in tom.groups.all()} == {"Expert", "Finance"}
    assert (tom.is_superuser, tom.first_name) == (False, "Tom")
    assert client.get("/admin/").status_code == 200
    invitation.refresh_from_db()
    assert invitation.user == tom
    acts = [
        [(entry.action, entry.user) for entry in ModelLogEntry.objects.for_instance(row)]
        for row in (invitation, tom)
    ]
    assert acts == [  # the latest first; who sent it answers for what it grants
        [("people.accept_invitation", tom), ("people.invite", admin)],
        [("people.join", tom), ("people.give_roles", admin)],
    ]


def test_a_link_works_once(admin):
    invitation = invited(admin, Role.EXPERT)
    assert Client().post(path_of(invitation), FORM).status_code == 302
    for answer in (Client().get(path_of(invitation)), Client().post(path_of(invitation), FORM)):
        assert answer.status_code == 410
        assert "was already accepted" in answer.content.decode()
    assert User.objects.count() == 2


def test_a_link_is_good_for_a_week(admin, signed_in):
    invitation = invited(admin, Role.EXPERT)
    Invitation.objects.update(expires_at=now())
    answer = Client().post(path_of(invitation), FORM)
    assert answer.status_code == 410
    assert f"Ask {admin} to send you a new one" in answer.content.decode()
    page = signed_in(admin).get(reverse("people_invitations:inspect", args=[invitation.pk]))
    assert "no longer works" in page.content.decode()
    assert path_of(invitation) not in page.content.decode()


def test_sending_again_renews_the_link_and_ends_the_one_before(admin, signed_in, kept_mail):
    invitation = invited(admin, Role.EXPERT)
    before = path_of(invitation)
    Invitation.objects.update(expires_at=now() - dt.timedelta(days=1))
    signed_in(admin).post(reverse("people_invitations:send", args=[invitation.pk]))
    invitation.refresh_from_db()
    answer = Client().get(before)
    assert answer.status_code == 410
    assert "A newer invitation was sent" in answer.content.decode()
    assert Client().post(path_of(invitation), FORM).status_code == 302
    assert Mail.objects.filter(recipient="tom@studio.example").count() == 2


def test_what_is_withdrawn_works_no_more_and_may_be_invited_anew(admin, signed_in):
    invitation = invited(admin, Role.EXPERT)
    url = reverse("people_invitations:withdraw", args=[invitation.pk])
    assert signed_in(admin).post(url).status_code == 302
    assert "was withdrawn" in Client().get(path_of(invitation)).content.decode()
    assert "was withdrawn" in signed_in(admin).post(url, follow=True).content.decode()
    assert invited(admin, Role.EXPERT).pk != invitation.pk


@pytest.mark.parametrize("token", ["1.1", "1.1:x", "x"])
def test_a_link_that_is_not_ours_says_so(admin, token):
    invited(admin, Role.EXPERT)
    answer = Client().get(reverse("people_accept_invitation", args=[token]))
    assert answer.status_code == 404
    assert "is incomplete" in answer.content.decode()


def add(client: Client, email: str) -> str:
    url = reverse("people_invitations:add")
    data = {"email": email, "groups": [role(Role.EXPERT).pk]}
    answer = client.post(url, data)
    return answer.content.decode() if answer.status_code == 200 else "invited"


def test_an_address_that_is_held_is_told_by_whom(admin, signed_in):
    client = signed_in(admin)
    ann = UserFactory(email="ann@studio.example", first_name="Ann")
    assert "is the address of Ann" in add(client, "ANN@studio.example")
    ann.email = "ann.byron@studio.example"
    ann.save()
    assert "was the address of Ann" in add(client, "ann@studio.example")
    deactivate(ann, by=admin)
    page = add(client, "ann.byron@studio.example")
    assert "was deactivated" in page
    assert reverse("wagtailusers_users:edit", args=[ann.pk]) in page
    assert not Invitation.objects.exists()


def test_an_address_has_one_open_invitation(admin, signed_in):
    invited(admin, Role.EXPERT, email="Tom@STRASSE.example")
    assert "Send that invitation again" in add(signed_in(admin), "tom@strasse.example")
    assert Invitation.objects.count() == 1


def test_nobody_is_invited_without_a_role(admin, signed_in):
    client = signed_in(admin)
    page = client.post(reverse("people_invitations:add"), {"email": "tom@studio.example"})
    assert "Choose at least one role" in page.content.decode()
    client.post(
        reverse("people_invitations:add"), {"email": "tom@studio.example", "is_superuser": "on"}
    )
    assert Invitation.objects.get().is_superuser


def test_who_may_make_users_invites_to_their_own_roles_and_no_further(signed_in, admin):
    hiring = UserFactory(role=Role.SALES_MANAGER)
    hiring.user_permissions.add(Permission.objects.get(codename="add_user"))
    assert add(signed_in(hiring), "tom@studio.example") != "invited"  # not an expert themselves
    invitation = invited(hiring, Role.SALES_MANAGER)
    for roles, is_admin in (([Role.FINANCE], False), ([Role.SALES_MANAGER], True)):
        with pytest.raises(inviting.NotYours):
            invited(hiring, *roles, email="eve@studio.example", admin=is_admin)
    higher = invited(admin, email="eve@studio.example", admin=True)
    client = signed_in(hiring)
    page = client.get(reverse("people_invitations:inspect", args=[higher.pk])).content.decode()
    assert path_of(higher) not in page
    url = reverse("people_invitations:send", args=[higher.pk])
    assert client.post(url).status_code in {302, 403}
    higher.refresh_from_db()
    assert (higher.serial, invitation.is_open) == (1, True)


def test_an_invitation_ends_with_the_right_to_give_it(admin):
    invitation = invited(admin, admin=True)
    UserFactory(is_superuser=True)
    deactivate(admin, by=admin)
    answer = Client().post(path_of(invitation), FORM)
    assert answer.status_code == 410
    assert "may no longer do so" in answer.content.decode()


def test_somebody_who_became_a_user_meanwhile_is_not_made_twice(admin):
    invitation = invited(admin, Role.EXPERT)
    UserFactory(email="TOM@studio.example")
    answer = Client().post(path_of(invitation), FORM)
    assert "No other user can get it" in answer.content.decode()
    assert User.objects.count() == 2


def test_mails_to_one_address_are_few(admin):
    invitation = invited(admin, Role.EXPERT)
    for _time in range(throttle.INVITATIONS_TO_ADDRESS.requests - 1):
        inviting.send_again(invitation.pk, by=admin)
    with pytest.raises(inviting.TooManyInvitations):
        inviting.send_again(invitation.pk, by=admin)
    invitation.refresh_from_db()
    assert invitation.serial == throttle.INVITATIONS_TO_ADDRESS.requests


def test_a_mail_server_that_is_away_leaves_the_link_to_hand_over(admin, signed_in, kept_mail):
    invitation = invited(admin, Role.EXPERT)
    Mail.objects.update(attempts=1, reason="Connection refused.")
    page = signed_in(admin).get(reverse("people_invitations:inspect", args=[invitation.pk]))
    assert "Connection refused." in page.content.decode()
    assert inviting.link(invitation) in page.content.decode()


def test_a_studio_that_prints_its_mails_says_so(admin, settings):
    settings.MAIL_TRANSPORT = "studio.mail.log_backend.LogBackend"
    said, by_hand = inviting.mail_in_words(invited(admin, Role.EXPERT))
    assert ("EMAIL_URL is not set" in said, by_hand) == (True, True)


# Roles


def test_everybody_reads_what_each_role_may(signed_in, leader, admin):
    page = signed_in(leader).get(reverse("people_roles")).content.decode()
    assert all(str(role.label) in page for role in Role)
    assert "greenlights estimates" in page
    assert "people</a>" not in page
    group = Group.objects.create(name="Editors")
    assert "Editors" in signed_in(admin).get(reverse("people_roles")).content.decode()
    assert "Editors" not in signed_in(leader).get(reverse("people_roles")).content.decode()
    assert group.pk


def test_the_form_of_a_user_says_what_each_role_may(signed_in, admin):
    page = signed_in(admin).get(reverse("wagtailusers_users:add")).content.decode()
    assert "<strong>Finance</strong>: sets the sales budget" in page


def test_wagtails_own_groups_are_gone():
    assert {group.name for group in Group.objects.all()} == set(Role.values)


def test_the_list_of_invitations_is_cards_on_a_phone(admin, signed_in):
    invited(admin, Role.EXPERT)
    page = signed_in(admin).get(reverse("people_invitations:index")).content.decode()
    assert 'class="listing ui-listing"' in page
    labels = re.findall(r'<span class="ui-cell__label" aria-hidden="true">([^<]*)</span>', page)
    assert labels == ["State", "Invited as", "Sent by", "Sent", "Valid until"]
