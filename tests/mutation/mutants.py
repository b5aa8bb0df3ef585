"""The mutants of a module, as Cosmic Ray makes them, and a seeded sample of them."""

import ast
import random
import tempfile
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from cosmic_ray.commands.init import init
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator
from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import MutationSpec

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
Place = tuple[int, int]  # line from 1, column from 0


@cache
def modules() -> dict[str, tuple[str, ...]]:
    """The tests of each mutated module, by paths from the root."""
    named = tomllib.loads((HERE / "modules.toml").read_text())
    return {module: tuple(fields["tests"]) for module, fields in named.items()}


def mutants(paths: Sequence[str]) -> list[MutationSpec]:
    """Every mutant of the modules, in an order that depends on their text alone.

    Those in annotations are left out: they fail when the module is imported, whatever is tested,
    and would only raise the score.
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        use_db(f"{folder}/session.sqlite", WorkDB.Mode.create) as session,
    ):
        init([Path(path) for path in paths], session, {})
        found = [spec for item in session.work_items for spec in item.mutations]
    found.sort(key=lambda spec: (str(spec.module_path), spec.operator_name, spec.occurrence))
    notes = {path: annotations(Path(path).read_text()) for path in paths}
    return [
        spec
        for spec in found
        if not any(
            begin <= tuple(spec.start_pos) < end for begin, end in notes[str(spec.module_path)]
        )
    ]


def annotations(source: str) -> list[tuple[Place, Place]]:
    """Where the annotations of a module begin and end."""
    found = []
    for node in ast.walk(ast.parse(source)):
        for name in ("annotation", "returns"):
            note = getattr(node, name, None)
            if isinstance(note, ast.expr):
                begin = (note.lineno, note.col_offset)
                found.append((begin, (note.end_lineno or 0, note.end_col_offset or 0)))
    return found


def sample(found: Sequence[MutationSpec], count: int, seed: int) -> list[MutationSpec]:
    """So many mutants, in order; all of them where there are no more."""
    if count >= len(found):
        return list(found)
    chosen = random.Random(seed).sample(range(len(found)), count)
    return [found[place] for place in sorted(chosen)]


def change(spec: MutationSpec) -> tuple[str, str]:
    """The lines that a mutant changes, before and after, without what they have in common."""
    source = Path(spec.module_path).read_text()
    operator = get_operator(spec.operator_name)(**spec.operator_args)
    mutated = mutate_code(source, operator, spec.occurrence) or source
    old, new = source.splitlines(), mutated.splitlines()
    begin = 0
    while begin < min(len(old), len(new)) and old[begin] == new[begin]:
        begin += 1
    end = 0
    while end < min(len(old), len(new)) - begin and old[-1 - end] == new[-1 - end]:
        end += 1
    return joined(old[begin : len(old) - end]), joined(new[begin : len(new) - end])


def joined(lines: Sequence[str]) -> str:
    """Lines as one, with single spaces."""
    return " ".join(" ".join(lines).split())
