"""Names and titles are one line, whatever is sent to a form."""

import pytest
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from budgets.admin.forms import ExpenseForm, ReasonForm
from budgets.models import Budget, Entry, EstimateItem, Line, Period
from studio.people.models import User
from studio.single_line import is_single_line
from tests.factories import UserFactory
from videos.audience.admin.forms import ContactForm, ShareForm
from videos.audience.models import Company, Contact
from videos.deals.models import Deal
from videos.media.admin.forms import CaptionTextForm
from videos.media.models import Caption
from videos.planning.models import Expert, Question, Resource, Video
from videos.publishing.models import Appearance

FORGED = "Reyes\r\nBcc: all@evil.example"
MODELS = [User, Company, Contact, Deal, Video, Question, Expert, Resource, Caption, Appearance]
MODELS += [Budget, Line, Period, Entry, EstimateItem]
COLUMNS = [
    (model, field.name)
    for model in MODELS
    for field in model._meta.concrete_fields
    if isinstance(field, models.CharField) and field.editable and not field.choices
]


@given(st.text(st.characters(exclude_categories=["Cc", "Zl", "Zp"])))
def test_what_people_are_called_anywhere_is_one_line(name):
    assert is_single_line(name)


@pytest.mark.parametrize("sign", "\r\n\t\0\x1b\x7f\x85\u2028\u2029")
def test_no_control_character_is_part_of_a_line(sign):
    assert not is_single_line(f"Ann{sign}Lee")


@pytest.mark.parametrize(("model", "name"), COLUMNS)
def test_every_column_of_one_line_refuses_line_breaks(model, name):
    others = {field.name for field in model._meta.concrete_fields} - {name}
    with pytest.raises(ValidationError) as refusal:
        model(**{name: FORGED}).clean_fields(exclude=others)
    codes = [fault.code for fault in refusal.value.error_dict[name]]
    assert "not_a_single_line" in codes


@pytest.mark.parametrize(
    ("form", "name"),
    [
        (ContactForm, "new_company"),
        (ShareForm, "name"),
        (ReasonForm, "reason"),
        (CaptionTextForm, "label"),
        (ExpenseForm, "supplier"),
        (ExpenseForm, "invoice"),
        (ExpenseForm, "note"),
    ],
)
def test_every_field_for_one_line_refuses_line_breaks(form, name):
    with pytest.raises(ValidationError, match="Write it in one line"):
        form.base_fields[name].clean(FORGED)


@pytest.mark.django_db
def test_a_name_with_a_header_in_it_is_refused_beside_the_field(signed_in):
    client = signed_in(UserFactory(is_superuser=True))
    answer = client.post(reverse("audience_contacts:add"), {"name": FORGED})
    assert "Write it in one line" in str(answer.context["form"].errors["name"])
    assert not Contact.objects.exists()


@pytest.mark.django_db
def test_nobody_is_called_a_header(signed_in):
    user, admin = UserFactory(), UserFactory(is_superuser=True)
    url = reverse("wagtailusers_users:edit", args=[user.pk])
    data = {"email": user.email, "first_name": FORGED, "last_name": "Lee", "is_active": "on"}
    answer = signed_in(admin).post(url, data)
    assert "Write it in one line" in str(answer.context["form"].errors["first_name"])


@pytest.mark.django_db
def test_an_imported_name_stays_until_it_is_written_anew():
    """Imports take what the CRM has; a form about other fields is not in the way of it."""
    company = Company.objects.create(name="Two\nlines")
    company.clean_fields(exclude={"name"})
    with pytest.raises(ValidationError):
        company.clean_fields()
