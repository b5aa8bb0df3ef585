"""`make mutate`: which changes of the rules the tests notice.

Each worker has a copy of the project, and mutates that. A mutant is killed when a test of its
module fails or takes too long.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import Queue
from pathlib import Path
from typing import NamedTuple

from cosmic_ray.mutating import mutate_and_test
from cosmic_ray.testing import run_tests
from cosmic_ray.work_item import MutationSpec, TestOutcome, WorkerOutcome

from tests.mutation import mutants, report

PYTEST = (
    "-m pytest -x -q -p no:cacheprovider --timeout=0"
    " -p tests.mutation.quick --hypothesis-profile=mutation"
)
EMPTY_DATABASE = "from tests.e2e.running import migrated; migrated()"
UNMUTATED_SECONDS = 1800  # for the tests of a module as they are
LINKED = ("build", "node_modules", ".venv")  # what git ignores and tests need


class Ended(NamedTuple):
    """What became of a mutant."""

    module: str
    line: int
    before: str
    after: str
    killed: bool
    seconds: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a sample and writes the document. 0 if enough are killed and each survivor is known."""
    asked = parser().parse_args(arguments)
    os.chdir(mutants.ROOT)
    paths = asked.module or list(mutants.modules())
    found = mutants.mutants(paths)
    chosen = found if asked.all else mutants.sample(found, asked.count, asked.seed)
    started = time.monotonic()
    with copies(asked.workers) as folders:
        limits = unmutated(folders[0], [str(spec.module_path) for spec in chosen])
        ended = tried(chosen, folders, limits)
    minutes = (time.monotonic() - started) / 60
    sampled = "all" if asked.all else f"{len(chosen)} of {len(found)} mutants, seed {asked.seed}"
    text = report.document(ended, report.counted(found), sampled, minutes)
    print(text)
    if paths == list(mutants.modules()):
        report.DOCUMENT.write_text(text)
    return 0 if report.is_good(ended) else 1


def parser() -> argparse.ArgumentParser:
    """The options."""
    options = argparse.ArgumentParser("make mutate", description=__doc__)
    options.add_argument("--count", type=int, default=200, help="how many mutants (200)")
    options.add_argument("--seed", type=int, default=1, help="which ones (1)")
    options.add_argument("--all", action="store_true", help="every mutant")
    options.add_argument("--module", action="append", help="one module alone; writes nothing")
    options.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    return options


@contextmanager
def copies(count: int) -> Iterator[list[Path]]:
    """So many copies of the project as it is on disk, compiled, and an empty studio's database."""
    with tempfile.TemporaryDirectory(prefix="closing-shot-mutants-") as folder:
        os.environ["TMPDIR"] = folder
        os.environ["TEST_SHARED_DIR"] = str(Path(folder, "shared"))
        Path(folder, "shared").mkdir()
        folders = [Path(folder, f"copy-{number}") for number in range(count)]
        for copy in folders:
            copy_project(copy)
        subprocess.run([sys.executable, "-c", EMPTY_DATABASE], cwd=folders[0], check=True)
        yield folders


def copy_project(copy: Path) -> None:
    """What git tracks or would, with the times of its files, by which compiled ones are found."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.check_output(listed, text=True).split("\0"):
        if name and Path(name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(name, copy / name)
    for name in LINKED:
        if Path(name).exists():
            (copy / name).symlink_to(Path(name).resolve())
    compiling = [sys.executable, "-m", "compileall", "-q", "studio", "videos", "budgets", "tests"]
    subprocess.run(compiling, cwd=copy, check=True)


def unmutated(copy: Path, paths: Sequence[str]) -> dict[str, float]:
    """By module, the seconds that its tests may take. Exits if they fail as they are."""
    limits: dict[tuple[str, ...], float] = {}
    os.chdir(copy)
    for path in dict.fromkeys(paths):
        tests = mutants.modules()[path]
        if tests not in limits:
            begun = time.monotonic()
            outcome, output = run_tests(command(tests), UNMUTATED_SECONDS)
            if outcome != TestOutcome.SURVIVED:
                sys.exit(f"The tests of {path} fail without a mutation.\n{output}")
            limits[tests] = 60 + 5 * (time.monotonic() - begun)
            say(f"{limits[tests]:6.0f} s at most: {' '.join(tests)}")
    os.chdir(mutants.ROOT)
    return {path: limits[mutants.modules()[path]] for path in paths}


def command(tests: Sequence[str]) -> str:
    """What runs some files of tests."""
    return f"{sys.executable} {PYTEST} {' '.join(tests)}"


def tried(
    chosen: Sequence[MutationSpec], folders: Sequence[Path], limits: dict[str, float]
) -> list[Ended]:
    """What became of each mutant, in order."""
    free: Queue[Path] = Queue()
    for folder in folders:
        free.put(folder)
    ended = []
    with ProcessPoolExecutor(len(folders), initializer=take, initargs=(free,)) as pool:
        seconds = [limits[str(spec.module_path)] for spec in chosen]
        for number, one in enumerate(pool.map(try_one, chosen, seconds), 1):
            ended.append(one)
            verdict = "killed  " if one.killed else "SURVIVED"
            say(f"{number:4} {verdict} {one.seconds:4.0f} s {one.module}:{one.line}: {one.after}")
    return ended


def take(free: "Queue[Path]") -> None:
    """Gives a worker its copy of the project."""
    os.chdir(free.get())


def try_one(spec: MutationSpec, seconds: float) -> Ended:
    """What becomes of one mutant in this worker's copy."""
    path, line = str(spec.module_path), spec.start_pos[0]
    before, after = mutants.change(spec)
    begun = time.monotonic()
    result = mutate_and_test([spec], command(mutants.modules()[path]), seconds)
    if result.worker_outcome != WorkerOutcome.NORMAL:
        raise RuntimeError(f"{path}:{line} was not mutated: {result.output}")
    is_killed = result.test_outcome == TestOutcome.KILLED
    return Ended(path, line, before, after, is_killed, time.monotonic() - begun)


def say(text: str) -> None:
    """Prints a line at once."""
    print(text, flush=True)
