"""Takes the measurements one after the other, and tells of them."""

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from django.conf import settings

from tests.bench import (  # noqa: F401
    beacons,
    encoding,
    first_set,
    pages,
    report,
    uploading,
    workers,
)
from tests.bench.figures import MEASUREMENTS, SUMMARIES, Figure


def run(about: str) -> int:
    """What the command line asks for, which is `about` something; returns the exit status."""
    parser = argparse.ArgumentParser(prog="make bench", description=about)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(MEASUREMENTS)}; all if none")
    names = parser.parse_args().names
    if unknown := set(names) - set(MEASUREMENTS):
        parser.error(f"no such measurement: {', '.join(sorted(unknown))}")
    bench = Path(settings.DATA_DIR) / "bench"
    bench.mkdir(parents=True, exist_ok=True)
    load, began = os.getloadavg()[0], time.monotonic()
    figures: list[Figure] = []
    for figure in measured(names or list(MEASUREMENTS), bench, figures):
        if not figures or figures[-1].group != figure.group:
            print(f"\n{figure.group}")
        figures.append(figure)
        print(f"  {report.line(figure)}", flush=True)
    report.write(figures, load)
    print(f"\nIt took {(time.monotonic() - began) / 60:.0f} minutes.")
    short = [figure for figure in figures if figure.verdict == "FALLS SHORT"]
    print(f"\n{len(short)} of {sum(bool(f.verdict) for f in figures)} promises not kept")
    return bool(short)


def measured(names: Sequence[str], bench: Path, known: Sequence[Figure]) -> Iterator[Figure]:
    """The figures of some measurements, and what is to be told of all that are `known` then."""
    for name in names:
        folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=bench))
        try:
            yield from MEASUREMENTS[name](bench, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    for tell in SUMMARIES:
        yield from tell(list(known))
