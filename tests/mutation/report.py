"""docs/mutation.md: the score, by module, and each survivor with the reason why it may live."""

import os
import time
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

from tests.mutation.mutants import HERE, ROOT, modules

if TYPE_CHECKING:
    from tests.mutation.run import Ended

DOCUMENT = ROOT / "docs" / "mutation.md"
ENOUGH = Fraction(9, 10)
ABOUT = """# Mutation testing

`make mutate` changes the rules one place at a time (a comparison, a number, an operator, a
condition) and runs the tests of the changed module, without a browser. A change that no test
notices survives. By default it tries 200 changes, chosen by a seed. `ARGS="--seed 7 --count 50"`
tries others, `ARGS=--all` every one, `ARGS="--module PATH"` those of one module.
[Decision 59](decisions/0059-mutation-testing.md) says why Cosmic Ray makes the changes.

The modules and their tests are listed in `tests/mutation/modules.toml`. A survivor gets a test that
fails or, where the changed code does the same, a reason in `tests/mutation/equivalents.toml`; it
counts as a survivor all the same. The run fails below a score of 0.9, and where a survivor has no
reason.
"""


@cache
def equivalents() -> list[dict[str, Any]]:
    """Changes that change nothing, and why: `before`, `after`, `why`, and `module` or any."""
    known: list[dict[str, Any]] = tomllib.loads((HERE / "equivalents.toml").read_text())["mutant"]
    return known


def why_equivalent(one: "Ended") -> str | None:
    """The reason why a survivor does what the module does; None where nobody gave one."""
    for known in equivalents():
        is_here = known.get("module", one.module) == one.module
        if is_here and (known["before"], known["after"]) == (one.before, one.after):
            return str(known["why"])
    return None


def counted(found: Iterable[Any]) -> Counter[str]:
    """How many mutants there are of each module."""
    return Counter(str(spec.module_path) for spec in found)


def score(ended: Sequence["Ended"]) -> Fraction:
    """The part of the mutants that were killed."""
    return Fraction(sum(one.killed for one in ended), len(ended) or 1)


def is_good(ended: Sequence["Ended"]) -> bool:
    """Whether enough were killed, and all others have a reason."""
    survivors = [one for one in ended if not one.killed]
    return score(ended) >= ENOUGH and all(why_equivalent(one) for one in survivors)


def document(
    ended: Sequence["Ended"], there_are: Mapping[str, int], sampled: str, minutes: float
) -> str:
    """The document in Markdown."""
    lines = [
        ABOUT,
        "## The last run",
        "",
        f"{time.strftime('%Y-%m-%d')}: {sampled}, in {minutes:.0f} minutes on {os.cpu_count()} "
        f"processors. Score: **{float(score(ended)):.3f}**.",
        "",
        "| Module | Mutants | Tried | Killed |",
        "| --- | ---: | ---: | ---: |",
    ]
    for module in modules():
        of_module = [one for one in ended if one.module == module]
        killed = sum(one.killed for one in of_module)
        row = f"| `{module}` | {there_are.get(module, 0)} | {len(of_module)} | {killed} |"
        lines.append(row)
    killed = sum(one.killed for one in ended)
    lines.append(f"| All | {sum(there_are.values())} | {len(ended)} | {killed} |")
    return "\n".join([*lines, "", "## Survivors", "", *survivors(ended)]) + "\n"


def survivors(ended: Sequence["Ended"]) -> Iterable[str]:
    """A paragraph for each mutant that no test noticed."""
    alive = [one for one in ended if not one.killed]
    if not alive:
        yield "None."
    for one in alive:
        why = why_equivalent(one) or "**No reason yet.**"
        yield f"- `{one.module}`: `{one.before}` → `{one.after}`. {why}"
