"""What is used elsewhere is not deleted, and the refusal says by what."""

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from wagtail.models import ReferenceIndex

from budgets.models import Budget
from studio.people.models import User
from studio.protected import why_not_deleted
from tests.budgets.factories import LineFactory
from tests.factories import ShareLinkFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(db):
    return User.objects.create_superuser("root@studio.example", "pass phrase")


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_a_budget_with_a_line_stays_and_the_line_is_named(client, root):
    line = LineFactory(name="Crew")
    ReferenceIndex.objects.all().delete()  # it does not know of every use
    client.force_login(root)
    answer = client.post(reverse("budget_budgets:delete", args=[line.budget.pk]))
    assert (answer.status_code, answer["Location"]) == (302, reverse("wagtailadmin_home"))
    assert said(answer) == [f"It stays, because it is used: {line}."]
    assert Budget.objects.get() == line.budget


def test_a_user_whose_share_links_are_out_stays(client, root):
    link = ShareLinkFactory()
    ReferenceIndex.objects.all().delete()
    client.force_login(root)
    answer = client.post(reverse("wagtailusers_users:delete", args=[link.rep.pk]))
    assert said(answer) == [f"It stays, because it is used: {link}."]
    assert User.objects.filter(pk=link.rep.pk).exists()


def test_only_the_first_few_uses_are_named():
    text = why_not_deleted(["d", "b", "e", "a", "c"])
    assert text == "It stays, because it is used: a, b, c and 2 more."
