"""Measures, prints a table, and writes it into docs/benchmarks.md when all was measured.

`python -m tests.bench` measures everything, `python -m tests.bench encode-720 memory` these alone.
Exit status 1 when a figure falls short of its promise.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")
django.setup()

from django.conf import settings  # noqa: E402

from tests.bench import encoding, first_set, report, uploading, workers  # noqa: E402, F401
from tests.bench.figures import MEASUREMENTS, Figure  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(MEASUREMENTS)}; all if none")
    names = parser.parse_args().names
    if unknown := set(names) - set(MEASUREMENTS):
        parser.error(f"no such measurement: {', '.join(sorted(unknown))}")
    bench = Path(settings.DATA_DIR) / "bench"
    bench.mkdir(parents=True, exist_ok=True)
    load, began = os.getloadavg()[0], time.monotonic()
    figures: list[Figure] = []
    for name in names or MEASUREMENTS:
        folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=bench))
        try:
            for figure in MEASUREMENTS[name](bench, folder):
                if not figures or figures[-1].group != figure.group:
                    print(f"\n{figure.group}")
                figures.append(figure)
                print(f"  {report.line(figure)}", flush=True)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    if not names:
        report.write(figures, load, time.monotonic() - began)
    short = [figure for figure in figures if figure.verdict == "FALLS SHORT"]
    print(f"\n{len(short)} of {sum(bool(f.verdict) for f in figures)} promises not kept")
    return bool(short)


if __name__ == "__main__":
    sys.exit(main())
