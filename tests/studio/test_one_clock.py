"""One studio, one zone, for all: what a user's account says of another is not heard."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.users.models import UserProfile

from budgets.models import Entry, Period
from studio.operations.demo import clock
from studio.people.models import User
from tests.budgets.factories import LineFactory, PeriodFactory, greenlit
from tests.factories import ExpertFactory, VideoFactory
from tests.videos.deals.factories import DealFactory
from tests.videos.planning.factories import booked
from tests.videos.publishing.factories import approved_video, draft_page
from videos.deals.models import Deal
from videos.planning.models import Shoot, Stage

pytestmark = pytest.mark.django_db

FAR = "Pacific/Kiritimati"  # UTC+14: tomorrow, for half of Berlin's day
NOW = dt.datetime(2026, 11, 26, 22, 30, tzinfo=dt.UTC)  # 23:30 in Berlin, 12:30 the day after there


@pytest.fixture(autouse=True)
def berlin(settings):
    settings.TIME_ZONE = "Europe/Berlin"
    with clock.at(NOW):
        yield


@pytest.fixture(params=["", FAR], ids=["no-zone", "far-zone"])
def client(request, signed_in):
    """A superuser, with and without a zone on an account that was saved long ago."""
    user = User.objects.create_superuser("root@studio.example", "x")
    UserProfile.objects.create(user=user)
    UserProfile.objects.filter(user=user).update(current_time_zone=request.param)
    stored = UserProfile.objects.filter(user=user).values_list("current_time_zone", flat=True)
    assert list(stored) == [request.param]
    return signed_in(User.objects.get(pk=user.pk))


def test_the_account_offers_no_zone(client):
    page = client.get(reverse("wagtailadmin_account"))
    assert page.status_code == 200
    assert "current_time_zone" not in page.text
    client.post(reverse("wagtailadmin_account"), {"locale-current_time_zone": FAR})
    assert UserProfile.objects.get().get_current_time_zone() == "Europe/Berlin"


def test_a_close_is_in_the_studio_s_zone(client):
    deal = DealFactory(created_at=dt.datetime(2026, 11, 1, tzinfo=dt.UTC))
    client.post(reverse("deals_deals:win", args=[deal.pk]), {"at": "2026-11-26T23:10"})
    deal.refresh_from_db()
    assert deal.closed_at == dt.datetime(2026, 11, 26, 22, 10, tzinfo=dt.UTC)
    shown = client.get(reverse("deals_deals:inspect", args=[deal.pk]))
    assert 'datetime="2026-11-26T23:10:00+01:00"' in shown.text


def test_the_list_of_deals_is_narrowed_by_the_studio_s_days(client):
    DealFactory(
        name="Late that night",
        status=Deal.Status.WON,
        closed_at=dt.datetime(2026, 11, 25, 22, 59, tzinfo=dt.UTC),
        created_at=dt.datetime(2026, 11, 1, tzinfo=dt.UTC),
    )
    for day, there in (("2026-11-25", True), ("2026-11-26", False)):
        query = {"closed_at_after": day, "closed_at_before": day}
        assert ("Late that night" in client.get(reverse("deals_deals:index"), query).text) == there


def test_as_of_is_in_the_studio_s_zone(client):
    page = client.get(reverse("deals_influence"), {"as_of": "2026-11-26T09:00"})
    assert page.context["report"].params.as_of == dt.datetime(2026, 11, 26, 8, tzinfo=dt.UTC)
    assert "As of 26 Nov 2026, 09:00" in page.text


def test_a_creation_is_shown_and_taken_in_the_studio_s_zone(client):
    deal = DealFactory(created_at=dt.datetime(2026, 11, 1, 9, 15, 30, tzinfo=dt.UTC))
    address = reverse("deals_deals:edit", args=[deal.pk])
    assert 'value="2026-11-01T10:15"' in client.get(address).text
    fields = {"name": "X", "amount": "1", "currency": "EUR", "created_at": "2026-11-01T10:20"}
    assert client.post(address, fields).status_code == 302
    deal.refresh_from_db()
    assert deal.created_at == dt.datetime(2026, 11, 1, 9, 20, tzinfo=dt.UTC)


def test_shoots_are_booked_and_shown_in_the_studio_s_zone(client):
    expert = ExpertFactory()
    address = reverse("planning_shoots:add")
    shown = client.get(address)
    assert "Time zone: Europe/Berlin" in shown.text
    assert 'min="2026-11-26"' in shown.text
    fields = {"day": "2026-11-30", "time": "23:30", "minutes": "60"}
    rows = {"videos": [VideoFactory(stage=Stage.GREENLIT).pk], "experts": [expert.pk]}
    page = client.post(address, fields | rows, follow=True)
    shoot = Shoot.objects.get()
    assert shoot.starts_at == dt.datetime(2026, 11, 30, 22, 30, tzinfo=dt.UTC)
    assert "Mon 30 Nov 2026, 23:30 to Tue 1 Dec 2026, 00:30" in page.text
    form = client.get(reverse("planning_shoots:edit", args=[shoot.pk])).context["form"]
    assert (form.initial["day"], form.initial["time"]) == (dt.date(2026, 11, 30), dt.time(23, 30))
    month = client.get(reverse("planning_calendar")).context
    assert month["zone"] == "Europe/Berlin"
    days = [day.date for day in month["days"] if day.entries]
    assert days == [dt.date(2026, 11, 30), dt.date(2026, 12, 1)]  # it goes on after midnight
    assert [day.date for day in month["days"] if day.is_today] == [dt.date(2026, 11, 26)]


def test_a_question_is_heard_on_the_studio_s_day(client):
    assert 'max="2026-11-26"' in client.get(reverse("planning_questions:add")).text


def test_an_expense_is_posted_on_the_studio_s_day(client):
    line = LineFactory(approved=100_00)
    video = greenlit((line, 60_00))
    address = reverse("budgets_expense")
    form = client.get(address, {"line": line.pk}).context["form"]
    assert form.initial["posted_on"] == dt.date(2026, 11, 26)
    fields = {"video": video.pk, "line": line.pk, "amount": "1", "posted_on": "2026-11-26"}
    client.post(address, fields)
    expense = Entry.objects.get(kind=Entry.Kind.EXPENSE)
    assert expense.posted_on == dt.date(2026, 11, 26)


def test_a_period_is_that_of_the_studio_s_day(client):
    days = {"starts_on": dt.date(2026, 11, 1), "ends_on": dt.date(2026, 11, 26)}
    LineFactory(period=PeriodFactory(code="NOV", **days))
    LineFactory(
        period=PeriodFactory(
            code="DEC", starts_on=dt.date(2026, 11, 27), ends_on=dt.date(2026, 12, 31)
        )
    )
    assert Period.objects.on(timezone.localdate()).get().code == "NOV"
    assert client.get(reverse("budgets_report")).context["report"].period.code == "NOV"


def test_a_page_goes_live_by_the_studio_s_clock(client):
    page = draft_page(approved_video())
    address = reverse("wagtailadmin_pages:edit", args=[page.pk])
    client.post(address, editor_fields(page, go_live_at="2026-12-24 18:00"))
    assert goes_live(page)[1] == dt.datetime(2026, 12, 24, 17, tzinfo=dt.UTC)
    assert "2026-12-24 18:00" in client.get(address).text


def editor_fields(page, **changed):
    return {
        "title": page.title,
        "slug": page.slug,
        "video": page.video_id,
        "body": "null",
        "comments-TOTAL_FORMS": "0",
        "comments-INITIAL_FORMS": "0",
    } | changed


def goes_live(page):
    draft = page.__class__.objects.get(pk=page.pk).get_latest_revision_as_object()
    return draft.title, draft.go_live_at.astimezone(dt.UTC)


def test_a_page_goes_live_in_the_doubled_hour_and_stays_where_it_was(client):
    page = draft_page(approved_video())
    address = reverse("wagtailadmin_pages:edit", args=[page.pk])
    first, second = (dt.datetime(2027, 10, 31, hour, 30, tzinfo=dt.UTC) for hour in (0, 1))
    client.post(address, editor_fields(page, go_live_at="2027-10-31 02:30"))
    assert goes_live(page)[1] == first
    assert "this is the first (CEST, UTC+02:00)" in client.get(address).text
    client.post(address, editor_fields(page, go_live_at="2027-10-31T02:30+01:00"))
    assert goes_live(page)[1] == second
    assert "this is the second (CET, UTC+01:00)" in client.get(address).text
    client.post(address, editor_fields(page, go_live_at="2027-10-31 02:30", title="Renamed"))
    assert goes_live(page) == ("Renamed", second)
    refused = client.post(address, editor_fields(page, go_live_at="2027-03-28 02:30"))
    assert "The nearest times are 01:59 and 03:00." in refused.text
    assert goes_live(page)[1] == second


def test_shoots_name_the_studio_s_hours(client):
    shoot = booked(at=dt.datetime(2026, 11, 27, 22, 30, tzinfo=dt.UTC))
    assert str(shoot) == "Fri 27 Nov 2026, 23:30"
    page = client.get(reverse("planning_shoots:index"))
    assert "23:30 to" in page.text
