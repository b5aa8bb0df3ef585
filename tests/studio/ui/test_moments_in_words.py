"""What is to come is told by its day, what was by how long ago it was."""

import datetime as dt

import pytest
from django.template import Context, Template
from django.utils import timezone

from studio.clock import ago_text, day_text, due_text
from studio.ui.templatetags.ui import relative_date
from videos.media.templatetags.media import ago

NOW = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("later", "text"),
    [
        (dt.timedelta(hours=2), "today, 14:00"),
        (dt.timedelta(hours=22), "tomorrow, 10:00"),
        (dt.timedelta(days=4, hours=22), "Tue 1 December, 10:00"),
        (dt.timedelta(days=40), "Tue 5 January 2027, 12:00"),
    ],
)
def test_what_is_to_come_is_told_by_its_day_and_time(later, text):
    assert due_text(NOW + later, NOW) == text


def test_the_day_is_the_studios(settings):
    settings.TIME_ZONE = "Pacific/Auckland"  # 13 hours ahead: there it is the 27th
    assert due_text(NOW + dt.timedelta(hours=2), NOW) == "today, 03:00"
    assert due_text(NOW - dt.timedelta(hours=2), NOW) == "yesterday, 23:00"


def test_days_near_today_have_names():
    today = NOW.date()
    days = [today + dt.timedelta(days=n) for n in (-1, 0, 1, 2)]
    assert [day_text(day, today) for day in days] == [
        "yesterday",
        "today",
        "tomorrow",
        "Sat 28 November",
    ]


def shown(value: dt.datetime | dt.date) -> str:
    template = Template("{% load wagtailadmin_tags %}{% human_readable_date value %}")
    html = template.render(Context({"value": value}))
    return " ".join(html.partition("<time")[2].partition(">")[2].partition("<")[0].split())


def test_wagtails_own_dates_tell_no_day_to_come_as_just_now():
    now = timezone.now()
    assert shown(now) == "Just now"
    assert shown(now - dt.timedelta(hours=2)) == "2\xa0hours ago".replace("\xa0", " ")
    assert shown(now + dt.timedelta(days=400)) != "Just now"
    assert shown(timezone.localdate() + dt.timedelta(days=1)) == "Tomorrow"
    assert shown(timezone.localdate()) == "Today"


def test_every_tag_for_what_was_tells_what_is_to_come_by_its_day():
    later = timezone.now() + dt.timedelta(days=300)
    assert ago(later) == relative_date(later) == due_text(later, timezone.now())


@pytest.mark.parametrize(
    ("past", "text"),
    [
        (dt.timedelta(seconds=59), "just now"),
        (dt.timedelta(seconds=61), "1\xa0minute ago"),
        (dt.timedelta(days=3, hours=5), "3\xa0days ago"),
        (dt.timedelta(days=800), "2\xa0years ago"),
    ],
)
def test_what_was_is_told_by_its_largest_unit(past, text):
    assert ago_text(timezone.now() - past) == text


def test_days_that_were_are_told_by_how_long_ago_they_were():
    assert relative_date(timezone.localdate() - dt.timedelta(days=3)) == "3\xa0days ago"
