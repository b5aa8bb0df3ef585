"""The page of what refers to an object shows what Wagtail's own would, a page at a time."""

import pytest
from django.urls import reverse
from wagtail.models import ReferenceIndex
from wagtail.models.reference_index import ReferenceGroups

from studio.ui.usage import PagedReferences
from tests.factories import CompanyFactory, ContactFactory
from tests.videos.deals.factories import DealFactory
from videos.audience.models import Company

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    reverse("audience_companies:index")  # the index keeps what viewsets have registered by then
    company: Company = CompanyFactory()
    for _ in range(15):
        ContactFactory(company=company)
        DealFactory(company=company)
    return company


def test_each_page_holds_the_same_objects_with_the_same_references_as_wagtails(company):
    references = ReferenceIndex.get_references_to(company)
    ours, wagtails = PagedReferences(references), ReferenceGroups(references)
    assert len(ours) == 30
    assert ours[:20] == wagtails[:20]
    assert ours[20:40] == wagtails[20:40]


def test_what_is_gone_is_left_out(company):
    contact = company.contacts.first()
    ReferenceIndex.objects.filter(object_id=str(contact.pk)).update(object_id="0")
    assert len(PagedReferences(ReferenceIndex.get_references_to(company))[:40]) < 30


def test_the_second_page_shows_the_rest(company, signed_in, sales_manager):
    url = reverse("audience_companies:usage", args=[company.pk])
    page = signed_in(sales_manager).get(f"{url}?p=2")
    assert page.context["page_obj"].number == 2
    assert len(page.context["page_obj"].object_list) == 10
    last = company.deals.order_by("pk").last()
    assert str(last) in page.content.decode()
