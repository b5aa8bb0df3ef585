"""Measures, prints a table, and writes into docs/benchmarks.md what was measured.

`python -m tests.bench` measures everything, `python -m tests.bench encode-720 memory` these alone.
Exit status 1 when a figure falls short of its promise.
"""

import os
import sys

import django


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")
    django.setup()
    from tests.bench.run import run  # its models need what came before

    return run(__doc__ or "")


if __name__ == "__main__":
    sys.exit(main())
