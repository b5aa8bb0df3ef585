"""A slice of the fuzz run (`make fuzz`) in every test run, over our own files."""

from tests.fuzz import run
from tests.fuzz.mutate import MUTATIONS, mutated


def test_files_gone_wrong_end_in_a_set_or_a_sentence(tmp_path, monkeypatch):
    for variable in ("EXTRA_MEDIA_DIR", "EXTRA_RECORDERS_DIR"):
        monkeypatch.delenv(variable, raising=False)
    paths = run.sources(tmp_path)
    ended = [run.one(number, paths=paths, seed="slice") for number in range(0, 50, 2)]
    assert [end for end in ended if end.trouble] == []
    assert len({end.verdict for end in ended}) > 2  # some of each, else it looks at nothing


def test_the_same_number_makes_the_same_file():
    content, others = bytes(range(256)) * 20, [b"other" * 400]
    made = [mutated(content, others, f"seed-{number}") for number in range(40)]
    assert made == [mutated(content, others, f"seed-{number}") for number in range(40)]
    assert len(set(made)) > 35
    assert len(MUTATIONS) > 10


def test_a_crash_and_a_leftover_are_trouble(tmp_path):
    (tmp_path / "tmp").mkdir()
    assert run.left(tmp_path, tmp_path / "tmp", 1.0) == ""
    assert "took" in run.left(tmp_path, tmp_path / "tmp", run.MOST_SECONDS + 1)
    (tmp_path / "tmp" / "part").touch()
    assert "temporary file is left" in run.left(tmp_path, tmp_path / "tmp", 1.0)
    ended = [run.Ended(7, "a.mp4", "crash", 1.0, "KeyError: 'x'")]
    assert "TROUBLE 7 (a.mp4): KeyError: 'x'" in run.report(ended)
