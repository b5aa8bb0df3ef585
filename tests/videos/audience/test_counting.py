from decimal import Decimal

import pytest

from videos.audience.tracking.counting import ExclusionReason, exclusion_reason, is_long_enough

NOBODY = {"is_staff": False, "is_internal": False, "is_bot": False}


@pytest.mark.parametrize(
    ("seconds", "duration", "expected"),
    [
        (Decimal(3), Decimal(60), True),
        (Decimal("2.9"), Decimal(60), False),
        (Decimal(2), Decimal(2), True),
        (Decimal("1.9"), Decimal(2), False),
        (Decimal(3), None, True),
        (Decimal("2.999"), None, False),
        (None, Decimal(60), False),
        (None, None, False),
    ],
)
def test_a_view_counts_from_min_seconds_or_the_whole_of_a_shorter_video(
    seconds, duration, expected
):
    assert is_long_enough(seconds, duration, 3) is expected


@pytest.mark.parametrize(
    ("flag", "reason"),
    [
        ("is_staff", ExclusionReason.STAFF),
        ("is_internal", ExclusionReason.INTERNAL),
        ("is_bot", ExclusionReason.BOT),
    ],
)
def test_staff_own_network_and_bots_never_count(flag, reason):
    flags = NOBODY | {flag: True}
    assert exclusion_reason(**flags, reached=True) == reason
    assert exclusion_reason(**flags, reached=False) == reason


def test_a_view_that_counts_has_no_reason_against_it():
    assert exclusion_reason(**NOBODY, reached=True) is None
    assert exclusion_reason(**NOBODY, reached=False) == ExclusionReason.SHORT
