from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.log_actions import log

from studio.people.models import User
from studio.people.roles import Role
from tests.factories import ShareLinkFactory, UserFactory

pytestmark = pytest.mark.django_db
PAGES = ["wagtailadmin_reports:site_history", "wagtailadmin_reports:site_history_results"]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("role", list(Role))
def test_nobody_reads_of_another_rep_s_links_in_the_site_s_history(
    role: Role, name: str, signed_in: Callable[[User], Client]
):
    link = ShareLinkFactory()
    log(link, "wagtail.create", user=link.rep)
    client = signed_in(UserFactory(role=role))
    answer = client.get(reverse(name))
    assert (answer.status_code, answer["location"]) == (302, reverse("wagtailadmin_home"))
    assert b"Site history" not in client.get("/admin/").content


@pytest.mark.parametrize("name", PAGES)
def test_a_superuser_reads_the_site_s_history(
    name: str, signed_in: Callable[[User], Client], admin_user: User
):
    assert signed_in(admin_user).get(reverse(name)).status_code == 200
