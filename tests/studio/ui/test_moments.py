"""The form field for day and time follows the studio's clock, also where that is set."""

import datetime as dt
import zoneinfo

import pytest
from django import forms
from django.utils import timezone

from studio.ui.moments import MomentField, say_which

FIRST, SECOND = (dt.datetime(2027, 11, 7, hour, 30, 12, 345, tzinfo=dt.UTC) for hour in (5, 6))


@pytest.fixture(autouse=True)
def new_york(settings):
    settings.TIME_ZONE = "America/New_York"


class Plain(forms.Form):
    at = MomentField(required=False)
    bare = MomentField(required=False, widget=forms.DateTimeInput)


def cleaned(data, **initial):
    form = Plain(data, initial=initial)
    assert form.is_valid(), form.errors
    return form.cleaned_data["at"]


@pytest.mark.parametrize(
    ("data", "hour", "minute"),
    [
        ({"at": "2027-06-01T10:00"}, 14, 0),
        ({"at": "2027-06-01 10:00:00"}, 14, 0),
        ({"at": "2027-06-01T10:00+05:30"}, 4, 30),
        ({"at": "2027-06-01T10:00Z", "at_which": "1"}, 10, 0),
        ({"at": "2027-06-01T10:00", "at_which": "nonsense"}, 14, 0),
    ],
)
def test_a_moment_is_an_instant_in_utc(data, hour, minute):
    found = cleaned(data)
    assert (found, found.tzinfo) == (dt.datetime(2027, 6, 1, hour, minute, tzinfo=dt.UTC), dt.UTC)


def test_no_moment_is_none():
    assert cleaned({}) is None
    assert cleaned({"at": "", "at_which": "1"}) is None


@pytest.mark.parametrize(
    "text", ["yesterday", "2027-02-30T10:00", "0001-01-01T00:00", "9999-12-31T23:59Z"]
)
def test_what_is_no_moment_is_refused(text):
    assert list(Plain({"at": text}).errors) == ["at"]


@pytest.mark.parametrize("before", [FIRST, SECOND])
@pytest.mark.parametrize("says_which", [True, False])
def test_a_form_left_as_it_was_moves_nothing(before, says_which):
    form = Plain(initial={"at": before})
    value = form["at"].value()
    data = {"at": value.strftime("%Y-%m-%dT%H:%M")}
    if says_which:
        data["at_which"] = str(value.fold)
    assert cleaned(data, at=before) == before
    local = before.astimezone(zoneinfo.ZoneInfo("America/New_York"))
    for same in (before, local):
        assert (
            Plain(data | {"bare": data["at"]}, initial={"at": same, "bare": same}).changed_data
            == []
        )
    assert cleaned(data | {"at_which": str(1 - value.fold)}, at=before) != before


def test_the_field_asks_which_only_where_a_time_comes_twice():
    page = str(Plain(initial={"at": SECOND})["at"])
    assert page.count("<select") == 1
    assert 'id="id_at"' in page
    assert 'value="2027-11-07T01:30"' in page
    assert "First, EDT" in page
    assert '<option value="1" selected>Second, EST' in page
    assert "<select" in str(Plain({"at": "2027-11-07T01:30"})["at"])
    for form in (Plain(), Plain({"at": "nonsense"}), Plain({"at": "2027-11-07T02:30"})):
        assert "<select" not in str(form["at"])


def test_a_field_of_one_input_says_in_its_help_which_it_is():
    form = Plain(initial={"bare": SECOND, "at": FIRST - dt.timedelta(days=1)})
    say_which(form)
    assert "this is the second" in form.fields["bare"].help_text
    assert form.fields["at"].help_text == ""
    kept = Plain({"bare": "2027-11-07 01:30"}, initial={"bare": SECOND})
    assert kept.is_valid()
    assert kept.cleaned_data["bare"] == SECOND


def test_a_zone_that_something_else_activated_is_not_heard():
    with timezone.override("Pacific/Kiritimati"):
        assert cleaned({"at": "2027-06-01T10:00"}) == dt.datetime(2027, 6, 1, 14, tzinfo=dt.UTC)
        assert 'value="2027-06-01T10:00"' in str(
            Plain(initial={"at": dt.datetime(2027, 6, 1, 14, tzinfo=dt.UTC)})["at"]
        )
