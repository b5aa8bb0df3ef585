"""What is used elsewhere is not deleted, and the refusal says by what."""

from collections.abc import Iterator

import pytest
from django.contrib.messages import get_messages
from django.urls import URLResolver, get_resolver, reverse
from django.utils.timezone import now
from django.views.generic.edit import DeletionMixin
from wagtail.models import ReferenceIndex

from budgets.models import Budget
from studio.people.models import User
from studio.protected import why_not_deleted
from tests.budgets.factories import LineFactory
from tests.factories import ContactFactory, ShareLinkFactory, ViewFactory

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
    answer = client.post(reverse("budgets_budgets:delete", args=[line.budget.pk]))
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


def test_a_contact_who_watched_stays_and_so_does_what_they_watched(client, root):
    """Else a report would lose touches with the person."""
    watched = ViewFactory(contact=ContactFactory(name="Ann"), counted_at=now())
    ReferenceIndex.objects.all().delete()
    client.force_login(root)
    client.post(reverse("audience_contacts:delete", args=[watched.contact.pk]))
    watched.refresh_from_db()
    assert watched.contact.name == "Ann"


def test_only_the_first_few_uses_are_named():
    text = why_not_deleted(["d", "b", "e", "a", "c"])
    assert text == "It stays, because it is used: a, b, c and 2 others."


def confirming(patterns, spaces=()) -> Iterator[str]:
    """The names of all addresses whose view would answer DELETE with Django's own method."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = (*spaces, pattern.namespace) if pattern.namespace else spaces
            yield from confirming(pattern.url_patterns, inner)
        elif issubclass(class_of(pattern.callback), DeletionMixin):
            yield ":".join([*spaces, pattern.name])


def class_of(view) -> type:
    """The class of a view, through all that is wrapped around it."""
    classes = [getattr(view, "view_class", object)]
    while view := getattr(view, "__wrapped__", None):
        classes.append(getattr(view, "view_class", object))
    return next((found for found in classes if found is not object), object)


def test_the_method_delete_deletes_nothing_past_the_page_that_asks(client, root):
    """Django's own asks nothing of what a view asks before its POST."""
    client.force_login(root)
    names = sorted(set(confirming(get_resolver().url_patterns)))
    answers = {name: client.delete(reverse(name, args=[root.pk])).status_code for name in names}
    assert answers == dict.fromkeys(names, 405)
    ours = {"media_remove", "budgets_lines:delete", "budgets_budgets:delete"}
    assert ours | {"wagtailusers_users:delete", "wagtailusers_groups:delete"} <= set(names)
    assert User.objects.get() == root
