"""What `make bench` writes takes the place of what it measured before, and of nothing else."""

from tests.bench.figures import Figure
from tests.bench.report import merged, section


def test_a_section_is_replaced_in_its_place_and_others_stay():
    old = "\n\nAn introduction.\n\n### first\n\nold 1\n\n### second, of 2\n\nold 2\n\n"
    fresh = {"first": "### first\n\nnew 1", "third": "### third\n\nnew 3"}
    expected = "### first\n\nnew 1\n\n### second, of 2\n\nold 2\n\n### third\n\nnew 3"
    assert merged(old, fresh) == expected
    assert merged(expected, {}) == expected


def test_a_section_says_when_and_whether_a_promise_is_kept():
    figures = [Figure("g", "wall", 0.61, most=0.5), Figure("g", "peak", 1, "GiB")]
    assert section("g", figures, "today").splitlines() == [
        "### g",
        "",
        "today",
        "",
        "| Figure | Measured | Promise | |",
        "| --- | ---: | --- | --- |",
        "| wall | 0.610 | ≤ 0.5 | FALLS SHORT |",
        "| peak | 1.000 GiB |  |  |",
    ]
