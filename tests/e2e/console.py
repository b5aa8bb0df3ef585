"""A studio's console that stays open: `python -m tests.e2e.console`, spoken to by `running.py`.

Each line of standard input is a script in JSON, with variables of the environment that it wants;
each line of standard output what it printed, and its traceback if it failed. Every script begins
with nothing but what the studio is: no names and no connection are left by the one before.
"""

import json
import os
import sys
import traceback
from contextlib import redirect_stdout
from io import StringIO

import django


def answer(script: str, environ: dict[str, str]) -> dict[str, str]:
    """Runs a script; what it printed, and how it failed."""
    from django.db import connections

    before, said, failure = dict(os.environ), StringIO(), ""
    os.environ |= environ
    try:
        with redirect_stdout(said):
            exec(script, {"__name__": "__main__"})
    except BaseException:
        failure = traceback.format_exc()
    finally:
        connections.close_all()
        os.environ.clear()
        os.environ.update(before)
    return {"said": said.getvalue(), "failure": failure}


def main() -> None:
    """Answers until standard input ends."""
    django.setup()
    for line in sys.stdin:
        print(json.dumps(answer(**json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
