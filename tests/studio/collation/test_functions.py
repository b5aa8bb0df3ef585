"""Both databases find and sort alike, whatever their own locale."""

import time

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.collation.fold import fold, sort_key
from studio.collation.functions import SortKey
from studio.collation.listing import find
from tests.factories import CompanyFactory, ContactFactory, QuestionFactory, VideoFactory
from videos.audience.models import Company, Contact
from videos.planning.models import Video

pytestmark = pytest.mark.django_db


def of_database(function: str, text: str) -> str:
    with connection.cursor() as cursor:
        sought = "%s::text" if connection.vendor == "postgresql" else "%s"
        cursor.execute(f"SELECT {function}({sought})", [text])
        return cursor.fetchone()[0]


# Scripts that people write; the databases' Unicode may know younger letters than Python's
UNWRITTEN = ["Cs", "Cn", "Co"]
WRITTEN = st.text(
    st.characters(exclude_categories=UNWRITTEN, exclude_characters="\0", max_codepoint=0x6FF)
)
# As lists are to show them
SORTED = [
    "9",
    "10",
    "Alpha",
    "beta",
    "Ödegaard",
    "Odegaard 2",
    "video 2",
    "Video 10",
    "Zoë",
    "анна",
]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(WRITTEN)
def test_the_database_folds_as_python_does(db, text):
    assert of_database("studio_fold", text) == fold(text)
    assert of_database("studio_sort_key", text) == sort_key(text)


@pytest.mark.parametrize(
    "text", ["Özlem 10", "АННА 007", "Straße m²", "ﷺ", "一二3", "1" * 30, "", "Video"]
)
def test_the_database_sorts_by_the_key_of_python(text):
    assert of_database("studio_sort_key", text) == sort_key(text)


@pytest.mark.parametrize(
    ("name", "sought"),
    [
        ("Özlem Yılmaz", "özlem"),
        ("Özlem Yılmaz", "OZLEM YILMAZ"),
        ("Özlem Yılmaz", "yilmaz özl"),
        ("Анна Петрова", "анна"),
        ("Zoë", "ZOË"),
        ("100% Fresh_Ltd", "100%"),
        ("100% Fresh_Ltd", "fresh_"),
        ("O’Neill \\ Sons", "\\"),
    ],
)
def test_a_name_is_found_in_every_letters_case(name, sought):
    company = CompanyFactory(name=name)
    CompanyFactory(name="Another 100 FreshXLtd")
    assert list(find(Company.objects.all(), ["name"], sought)) == [company]


def test_every_word_has_to_occur_and_each_anywhere():
    company = CompanyFactory(name="Harbour Bakery")
    priya = ContactFactory(name="Priya Raman", company=company)
    ContactFactory(name="Priya Another")
    fields = ["name", "email", "company__name"]
    assert list(find(Contact.objects.all(), fields, "priya BAKERY")) == [priya]
    assert not find(Contact.objects.all(), fields, "priya bakery nobody").exists()


def test_a_row_is_found_once_however_often_the_word_occurs_beside_it():
    video = VideoFactory(title="Ovens")
    for _twice in range(2):
        QuestionFactory(video=video, text="How hot is the oven?")
    assert list(find(Video.objects.all(), ["title", "questions__text"], "oven")) == [video]


def test_nothing_breaks_the_search():
    assert not find(Company.objects.all(), ["name"], "\0 % _ ' \" \\ " + "x " * 500).exists()


def test_lists_are_sorted_alike_everywhere():
    for title in sorted(SORTED):
        VideoFactory(title=title)
    assert [video.title for video in Video.objects.all()] == SORTED
    assert [video.title for video in Video.objects.reverse()] == SORTED[::-1]
    by_title = Video.objects.order_by(SortKey("title"))
    assert list(by_title.values_list("title", flat=True)) == SORTED


def test_what_is_sorted_by_related_text_sorts_so_too():
    for name in ["zulu", "Ágnes", "Bob"]:
        ContactFactory(name="", email="", company=CompanyFactory(name=name))
    contacts = Contact.objects.order_by("company", "pk").select_related("company")
    assert [contact.company.name for contact in contacts] == ["Ágnes", "Bob", "zulu"]


def test_fifty_thousand_contacts_are_searched_and_sorted_in_a_moment():
    made = (
        Contact(name=f"Özlem {n}" if n % 5000 == 0 else f"Person {n}", email=f"p{n}@buyer.example")
        for n in range(50_000)
    )
    Contact.objects.bulk_create(made, batch_size=5_000)
    began = time.perf_counter()
    found = find(
        Contact.objects.select_related("company"), ["name", "email", "company__name"], "özlem"
    )
    assert [contact.name for contact in found[:2]] == ["Özlem 0", "Özlem 5000"]
    first = Contact.objects.all()[0]
    assert first.name == "Özlem 0"
    assert time.perf_counter() - began < 5  # 0.5 s on a quiet machine
