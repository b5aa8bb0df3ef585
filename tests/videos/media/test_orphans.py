import datetime as dt
import json
import os
from io import StringIO

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command

from tests.factories import CutFactory
from tests.videos.media.factories import set_with_files
from videos.media.jobs.orphans import find_missing, find_orphans, remove
from videos.media.models import Cut, footage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("disk_footage")]
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def an_empty_storage():
    """Orphans of other tests are none of ours."""
    remove(find_orphans(-DAY))


def put(name: str, content: bytes = b"left", *, hours: int = 48) -> str:
    """A file that lies there since so many hours."""
    name = footage().save(name, ContentFile(content))
    then = (dt.datetime.now(dt.UTC) - dt.timedelta(hours=hours)).timestamp()
    os.utime(footage().path(name), (then, then))
    return name


def run(*arguments: str) -> dict:
    out = StringIO()
    call_command("media_orphans", "--json", *arguments, stdout=out)
    return json.loads(out.getvalue())


def test_what_no_row_owns_is_found_with_its_size_and_what_is_young_is_left_alone():
    shown = set_with_files()
    cut = CutFactory(source=ContentFile(b"source", "source"))
    for name, hours in [
        ("sources/lost", 48),
        ("sources/just-coming-in", 1),
        ("sets/dead/master.m3u8", 48),
        ("sets/dead/640x360/00000.m4s", 48),
        ("uploads/given-up/part", 48),
        ("pieces/0/00000.mkv", 48),
        ("posters/old.jpg", 48),
    ]:
        put(name, hours=hours)
    found = run()
    assert [(o["name"], o["files"], o["bytes"]) for o in found["orphans"]] == [
        ("pieces/0", 1, 4),
        ("posters/old.jpg", 1, 4),
        ("sets/dead", 2, 8),
        ("sources/lost", 1, 4),
        ("uploads/given-up", 1, 4),
    ]
    assert (found["bytes"], found["removed"]) == (24, 0)
    for name in ("sources/lost", "sets/dead/master.m3u8", cut.source.name):
        assert footage().exists(name)
    assert footage().exists(f"{shown.folder}/{shown.master}")


def test_only_when_told_so_they_are_removed_and_nothing_else():
    shown = set_with_files()
    cut = CutFactory(source=ContentFile(b"source", "source"))
    put("sources/lost")
    put("sets/dead/640x360/00000.m4s")
    young = put("sources/just-coming-in", hours=1)
    assert run("--remove")["removed"] == 2
    assert run()["orphans"] == []
    assert not footage().exists("sets/dead")
    for name in (young, cut.source.name, f"{shown.folder}/640x360/00000.m4s"):
        assert footage().exists(name)


def test_what_got_an_owner_meanwhile_is_not_removed():
    name = put("sources/late")
    found = find_orphans(DAY)
    cut = CutFactory()
    Cut.objects.filter(pk=cut.pk).update(source=name)
    assert remove(found) == 0
    assert footage().exists(name)


def test_rows_whose_files_are_gone_are_named():
    lacking = CutFactory(source=ContentFile(b"source", "source"))
    footage().delete(lacking.source.name)
    shown = set_with_files()
    footage().delete(f"{shown.folder}/{shown.master}")
    named = {(lack.row, lack.name) for lack in find_missing()}
    assert (f"cut {lacking.pk}", lacking.source.name) in named
    assert (f"set {shown.key}", f"{shown.folder}/{shown.master}") in named


def test_people_read_a_table_that_says_that_nothing_was_removed():
    put("sources/lost", b"x" * 2048)
    out = StringIO()
    call_command("media_orphans", stdout=out)
    first, *_rest, count, last = out.getvalue().strip().splitlines()
    assert "2.0\xa0KB" in first
    assert "sources/lost" in first
    assert count == "1 orphan, 2.0\xa0KB."
    assert last == "Nothing was removed. Use --remove to remove them."


def test_the_poster_that_viewers_have_is_owned_and_missed(an_empty_storage):
    cut = CutFactory(source=ContentFile(b"source", "source"))
    name = put("posters/public.jpg")
    Cut.objects.filter(pk=cut.pk).update(public_poster=name)
    assert find_orphans(DAY) == []
    footage().delete(name)
    assert [missing.name for missing in find_missing()] == [name]
