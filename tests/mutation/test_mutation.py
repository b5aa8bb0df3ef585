"""What `make mutate` names is there, and what it says is right."""

import pytest

from tests.mutation import mutants, report
from tests.mutation.run import Ended


@pytest.mark.parametrize("module", mutants.modules())
def test_mutated_modules_and_their_tests_exist(module):
    named = [module, *mutants.modules()[module]]
    assert [path for path in named if not (mutants.ROOT / path).is_file()] == []


def test_reasons_are_about_lines_that_are_there():
    texts = {
        path: mutants.joined((mutants.ROOT / path).read_text().splitlines())
        for path in mutants.modules()
    }
    for known in report.equivalents():
        within = [known["module"]] if "module" in known else list(texts)
        assert any(known["before"] in texts[path] for path in within), known


def test_the_same_seed_chooses_the_same_mutants():
    found = mutants.mutants([str(mutants.ROOT / "studio/ranges.py")])
    assert mutants.sample(found, 10, seed=3) == mutants.sample(found, 10, seed=3)
    assert mutants.sample(found, 10, seed=3) != mutants.sample(found, 10, seed=4)
    assert mutants.sample(found, 10**6, seed=3) == found


def test_annotations_are_not_mutated(tmp_path):
    source = tmp_path / "one.py"
    source.write_text(
        "def one(x: int | None) -> int | None:\n    y: int | None = x\n    return y\n"
    )
    assert mutants.mutants([str(source)]) == []


def test_a_survivor_counts_against_the_score_whatever_its_reason(monkeypatch):
    known = {"before": "a < b", "after": "a <= b", "why": "They are never equal."}
    monkeypatch.setattr(report, "equivalents", lambda: [known])
    killed = Ended("one.py", 1, "x", "y", killed=True, seconds=1)
    survivor = Ended("one.py", 2, "a < b", "a <= b", killed=False, seconds=1)
    assert report.score([killed, survivor]) * 2 == 1
    assert not report.is_good([killed, survivor])
    assert report.is_good([killed] * 9 + [survivor])
    assert not report.is_good([killed] * 9 + [survivor._replace(after="a > b")])
    assert "They are never equal." in report.document([killed, survivor], {}, "all", 1)
