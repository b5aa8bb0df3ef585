"""Every file of the sets of media named by `EXTRA_MEDIA_DIR`, against their `MANIFEST.tsv`.

With `REQUIRE_EXTRA_MEDIA=1` a run without such a set fails, so that nobody takes it for one with.
"""

import csv
import hashlib
import os
from pathlib import Path

import pytest

from tests.videos.media.checks import assert_refused, assert_whole_set
from tests.videos.media.conftest import run, tools_running


def rows(folder: str | None) -> list[dict[str, str]]:
    """The rows of a set's manifest; none where there is no set."""
    if not folder or not (Path(folder) / "MANIFEST.tsv").is_file():
        return []
    with (Path(folder) / "MANIFEST.tsv").open(encoding="utf-8", newline="") as manifest:
        return list(csv.DictReader(manifest, delimiter="\t", quoting=csv.QUOTE_NONE))


FOLDER = os.environ.get("EXTRA_MEDIA_DIR")
ROWS = rows(FOLDER)


def test_the_extra_media_ran_where_they_are_required():
    if os.environ.get("REQUIRE_EXTRA_MEDIA") == "1":
        assert ROWS, f"EXTRA_MEDIA_DIR={FOLDER!r} has no MANIFEST.tsv with rows"


def test_a_manifest_is_read_whole(tmp_path):
    (tmp_path / "MANIFEST.tsv").write_text('file\texpect\na.mp4\tok\nb "c".mp4\trefuse\n')
    assert rows(str(tmp_path)) == [
        {"file": "a.mp4", "expect": "ok"},
        {"file": 'b "c".mp4', "expect": "refuse"},
    ]
    assert rows(None) == rows(str(tmp_path / "nowhere")) == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["file"])
def test_extra_media(row, tmp_path, monkeypatch):
    source = Path(FOLDER or "") / row["file"]
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    assert checksum(source) == row["sha256"]
    ran = run(source, tmp_path / "set")
    if row["expect"] == "refuse" or (row["expect"] == "either" and ran.code == 1):
        line = assert_refused(ran)
        assert "protected" not in row["note"] or "protected" in line
    else:
        compare(row, assert_whole_set(ran))
    assert checksum(source) == row["sha256"]
    ours = (str(source), str(tmp_path))
    assert [line for line in tools_running() if any(name in line for name in ours)] == []
    assert list(temporary.iterdir()) == []


def checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def compare(row: dict[str, str], told: dict) -> None:
    """What the row tells, and no more."""
    source = told["source"]
    if row["width"]:
        assert (source["width"], source["height"]) == (int(row["width"]), int(row["height"]))
    if row["seconds"]:
        expected = float(row["seconds"])
        most = max(float(row["tolerance"] or 0), 0.03 * expected)
        assert abs(told["seconds"] - expected) <= most
        assert abs(source["seconds"] - expected) <= most
    if row["has_audio"]:
        assert source["has_audio"] == (row["has_audio"] == "1")
    if row["rotation"]:
        assert source["rotation"] in {int(row["rotation"]), -int(row["rotation"]) % 360}
    if row["hdr"]:
        assert source["hdr"] == (row["hdr"] == "1")
