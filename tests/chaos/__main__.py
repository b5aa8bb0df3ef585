"""`python -m tests.chaos [servers|laptop]`: the studio at work while everything around it breaks.

`servers` is gunicorn with two clusters over PostgreSQL, Redis and a real S3 (DATABASE_URL and
REDIS_URL name servers at which it makes a database of its own); `laptop` is SQLite and the disk.
`CHAOS_ROUNDS` (30) is how often each kind of process is killed, `CHAOS_SEED` (1) chooses when and
which; `CHAOS_TEMPLATE` names a migrated database to start from (on PostgreSQL its name, else its
file), `CHAOS_LOGS` a folder for the processes' logs. The exit status is 1 when something is lost,
stuck, done twice or left behind.
"""

import shutil
import signal
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import django

from tests.chaos.settings import environment


def main() -> int:
    mode = sys.argv[1] if len(sys.argv) > 1 else "servers"
    if mode not in ("servers", "laptop"):
        sys.stderr.write(f"{mode}: servers or laptop\n")
        return 2
    # Being told to stop ends the run like an error, so that nothing is left behind.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    try:
        with ExitStack() as stack:
            children = environment(mode, folder, stack)
            django.setup()
            from tests.chaos.run import run  # its models need what came before

            return run(mode, folder, children, stack)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
