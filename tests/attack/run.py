"""Runs the acts one after the other beside honest people, and tells what came of each."""

import sys
from collections import Counter
from collections.abc import Callable, Sequence

from tests.attack import contents, doors, floods, numbers
from tests.attack.honest import Honest, Lost
from tests.attack.result import Result
from tests.attack.target import Target, target

ACTS: dict[str, Callable[[Target], Result]] = {
    "signature": numbers.after_the_signature,
    "switched-off": numbers.switched_off,
    "identity": doors.take_over,
    "captions": contents.captions,
    "ledger": contents.ledger,
    "mails": doors.flood_a_rep,
    "views": floods.new_views,
    "ranges": floods.large_reports,
    "sockets": floods.idle_sockets,
    "guess": doors.guess,
}


def say(text: str) -> None:
    print(text, flush=True)


def run(names: Sequence[str]) -> int:
    """Runs the acts with these names, all if none; returns the exit status."""
    if unknown := set(names) - set(ACTS):
        sys.stderr.write(f"no such act: {', '.join(sorted(unknown))}; of {', '.join(ACTS)}\n")
        return 2
    bad = 0
    asked: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    say(f"{'act':<34} {'tried':>6} {'refused':>8}  held  {'honest: lost of asked':>22}  slowest")
    with target() as studio:
        for name in names or ACTS:
            with Honest(studio) as honest:
                result = ACTS[name](studio)
            tell(result, honest)
            bad += bool(result.failures) or bool(honest.lost)
            asked.update(honest.asked)
            lost.update(honest.lost)
    say(f"\n{bad} acts had an effect.")
    say(f"Honest people asked {asked.total()} times and lost {lost.total()}.")
    return bool(bad)


def tell(result: Result, honest: Lost) -> None:
    """One act for people."""
    held = "yes" if not result.failures else "NO"
    beside = f"{honest.lost.total()} of {honest.asked.total()}"
    say(
        f"{result.name:<34} {result.tried:>6} {result.refused:>8}  {held:<4}  {beside:>22}"
        f"  {honest.slowest:.2f} s"
    )
    for note in result.notes:
        say(f"    {note}")
    for failure in result.failures:
        say(f"    FAILED: {failure}")
    for what, count in honest.lost.items():
        say(f"    LOST: {count} of {honest.asked[what]} of: {what}")
