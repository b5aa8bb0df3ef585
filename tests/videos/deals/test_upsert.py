"""Rows by the thousand are saved a part at a time, and counted as one."""

import pytest

from studio.chunks import CHUNK
from videos.audience.models import Company
from videos.deals.imports.upsert import RowCounts, upsert

pytestmark = pytest.mark.django_db


def companies(count, name):
    return (Company(public_id=f"K{number}", name=name) for number in range(count))


def test_many_rows_are_counted_over_all_parts():
    count = 2 * CHUNK + 1
    assert upsert(Company, companies(count, "A"), ["name"]) == RowCounts(count, 0, 0)
    assert upsert(Company, companies(count, "A"), ["name"]) == RowCounts(0, 0, count)
    assert upsert(Company, companies(count + 2, "B"), ["name"]) == RowCounts(2, count, 0)
    assert set(Company.objects.values_list("name", flat=True)) == {"B"}
    assert upsert(Company, [], ["name"]) == RowCounts()
