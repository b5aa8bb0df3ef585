"""`make attack`: hostile visitors and dishonest colleagues against a running studio of its own.

Everything goes to 127.0.0.0/8, is bounded in count and time, and stops by itself. The studio runs
as `make run` starts it, with a small scene instead of the demo: on SQLite, or on the servers that
DATABASE_URL and REDIS_URL name, in a database that is made for it and dropped at the end; there
ATTACK_TEMPLATE may name a migrated one to copy.
`python -m tests.attack NAME …` runs some of the acts alone. ATTACK_PATIENCE is
how many seconds an honest person waits for an answer (2). The exit status is 1 when an act had an
effect that it must not have, or when honest people lost anything meanwhile.
"""

import sys

from tests.attack.run import run

if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
