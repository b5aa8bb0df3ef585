"""Who approves a cut that they have not watched, as far as known, is asked once more."""

from decimal import Decimal

import pytest
from django.urls import reverse

from tests.factories import ready_cut
from videos.planning.models import Stage
from videos.review.models import Comment, Playback, Verdict
from videos.review.playback import MAX_RANGES, add_played_ranges, is_watched, played_by, ranges_of

pytestmark = pytest.mark.django_db


def page(cut, act):
    return reverse(f"review_cuts:{act}", args=[cut.pk])


@pytest.mark.parametrize(
    ("played", "watched"),
    [
        ([], False),
        ([(0.0, 1.0)], False),
        ([(0.0, 5.0), (6.0, 12.0)], False),
        ([(0.0, 8.0), (9.0, 12.5)], True),
        ([(0.0, 12.5)], True),
    ],
)
def test_most_of_a_cut_is_the_cut(played, watched):
    assert is_watched(played, Decimal("12.5")) is watched


def test_an_approval_unwatched_is_asked_once_more_and_then_given(cut, sales_manager, signed_in):
    Comment.objects.create(cut=cut, by=sales_manager, text="The logo is old.")
    client = signed_in(sales_manager)

    html = client.post(page(cut, "approve"), {"played": "[[0, 3.5]]"}).content.decode()

    assert "you have watched 0:03.5 of 0:12.5 of cut 1" in html
    assert "1 comment is open" in html
    assert not Verdict.objects.exists()
    cut.video.refresh_from_db()
    assert cut.video.stage == Stage.REVIEW

    client.post(page(cut, "approve"), {"unwatched": "1"})

    assert [verdict.by for verdict in cut.verdicts.all()] == [sales_manager]


def test_who_played_nothing_is_told_so(cut, sales_manager, signed_in):
    html = signed_in(sales_manager).post(page(cut, "approve")).content.decode()
    assert "you have not watched cut 1 (0:12.5) yet" in html
    assert not Verdict.objects.exists()


def test_what_was_played_in_two_sittings_is_one_watching(cut, sales_manager, signed_in):
    client = signed_in(sales_manager)
    assert client.post(page(cut, "played"), {"played": "[[0, 7]]"}).status_code == 204
    client.post(page(cut, "approve"), {"played": "[[6.5, 12.5]]"})
    assert [verdict.by for verdict in cut.verdicts.all()] == [sales_manager]


def test_each_person_and_each_cut_stands_alone(cut, sales_manager, producer):
    other = ready_cut(video=cut.video, number=2)
    add_played_ranges(cut, [(0, 12.5)], by=producer)
    add_played_ranges(other, [(0, 12.5)], by=sales_manager)
    assert played_by(sales_manager, cut) == []
    assert played_by(producer, cut) == [(0, 12.5)]


def test_nothing_beyond_the_end_was_played(cut, producer):
    add_played_ranges(cut, [(5, 4000)], by=producer)
    assert played_by(producer, cut) == [(5, 12.5)]


@pytest.mark.parametrize(
    "sent",
    [
        "soon",
        "{}",
        "[1, 2]",
        "[[2, 1]]",
        "[[-1, 1]]",
        "[[0, NaN]]",
        "[[0, Infinity]]",
        f"[[0, {10**400}]]",
        '[["0", "12"]]',
        "[[true, 12]]",
        "[[0, 1, 2]]",
        "[" * 15_000,
        "[[0, 1]]" + " " * 30_000,
    ],
)
def test_a_report_that_is_none_changes_nothing(sent, cut, sales_manager, signed_in):
    with pytest.raises(ValueError, match=r".+"):
        ranges_of(sent)
    client = signed_in(sales_manager)
    assert client.post(page(cut, "played"), {"played": sent}).status_code == 400
    assert "Approve anyway" in (
        client.post(page(cut, "approve"), {"played": sent}).content.decode()
    )
    assert not Playback.objects.exists()


def test_what_is_kept_of_a_person_is_bounded(cut, producer):
    add_played_ranges(cut, [(0, 1)], by=producer)
    add_played_ranges(
        cut, [(2 + n / 100, 2 + n / 100 + 0.001) for n in range(MAX_RANGES)], by=producer
    )
    assert played_by(producer, cut) == [(0, 1)]
