"""When imported views are judged: as an import writes them, or their video's duration."""

import datetime as dt

import pytest

from tests.factories import ViewFactory
from videos.audience.models import View
from videos.planning.models import Video

pytestmark = pytest.mark.django_db

HEAD = "view_id,video_id,viewer_id,contact_id,started_at,seconds_watched,is_bot,is_internal\n"
START = dt.datetime(2026, 1, 20, 10, tzinfo=dt.UTC)


def views(*seconds, bot=""):
    rows = (
        f"W{n},V1,,,2026-01-20T10:00:00Z,{watched},{bot},\n" for n, watched in enumerate(seconds)
    )
    return HEAD + "".join(rows)


def videos(duration):
    return f"video_id,title,duration_seconds,published_at\nV1,What does it cost?,{duration},\n"


def counted():
    """Ids of the imported views that are long enough, with when they were counted."""
    told = View.objects.filter(imported=True, counted_at__isnull=False)
    return dict(told.values_list("public_id", "counted_at"))


@pytest.fixture
def written(folder, run):
    def write(*command, **files):
        return run("import_views", folder(**files))["views.csv"]

    return write


def test_an_imported_view_is_counted_at_its_start_when_it_is_long_enough(written):
    written(videos=videos(""), views=views("3", "2.9", ""))
    assert counted() == {"W0": START}


def test_an_excluded_one_is_judged_too(written):
    written(videos=videos(""), views=views("3", bot="1"))
    assert counted() == {"W0": START}
    assert not View.objects.counted().exists()


def test_a_changed_row_is_judged_anew(written):
    written(videos=videos("60"), views=views("3"))
    written(videos=videos("60"), views=views("2"))
    assert counted() == {}
    written(videos=videos("60"), views=views("9").replace("10:00", "11:30"))
    assert counted() == {"W0": START + dt.timedelta(minutes=90)}


def test_the_limit_in_force_at_the_import_stays_with_a_view(written, settings):
    written(videos=videos("60"), views=views("3", "8"))
    settings.VIEW_MIN_SECONDS = 5
    same = written(videos=videos("60"), views=views("3", "8"))
    assert same == {"created": 0, "updated": 0, "unchanged": 2}
    assert set(counted()) == {"W0", "W1"}
    written(videos=videos("60"), views=views("4", "8"))
    assert set(counted()) == {"W1"}


def test_a_changed_duration_judges_all_imported_views_of_the_video(written, settings):
    written(videos=videos("60"), views=views("2", "1.5", "2.5"))
    assert counted() == {}
    video = Video.objects.get(public_id="V1")
    own = ViewFactory(video=video, seconds_watched="2", counted_at=None)
    elsewhere = ViewFactory(imported=True, seconds_watched="2", counted_at=None)
    same = written(videos=videos("2"), views=views("2"))
    assert same == {"created": 0, "updated": 0, "unchanged": 1}
    assert counted() == {"W0": START, "W2": START}
    for view in (own, elsewhere):
        view.refresh_from_db()
        assert view.counted_at is None
    written(videos=videos(""), views=HEAD)
    assert counted() == {}
