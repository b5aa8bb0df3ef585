"""One import at a time: a second one ends at once with a sentence, and nothing is left behind."""

import os
import signal
import subprocess
import sys
import threading
import time
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, connections

from videos.audience.models import Contact
from videos.deals.imports.import_lock import ImportRunning, import_lock

pytestmark = pytest.mark.django_db(transaction=True)

SENTENCE = (
    "Another import is running, so nothing was imported. Start this one again when the other "
    "has finished."
)

# Another process of the studio, in the middle of an import until its standard input ends.
HOLDER = """
import sys
import django
from django.conf import settings
from pathlib import Path
name, folder = sys.argv[1:]
settings.DATABASES["default"]["NAME"] = name
django.setup()
settings.DATA_DIR = Path(folder)
from videos.deals.imports.import_lock import import_lock
with import_lock():
    print("holding", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def another_process():
    """A process that holds the turn; it is gone after the test."""
    name = str(connection.settings_dict["NAME"])
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, name, str(settings.DATA_DIR)],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "holding\n"
    yield process
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        pipe.close()


@pytest.mark.parametrize("command", ["import_crm", "import_views"])
def test_a_second_import_ends_with_a_sentence(folder, another_process, command):
    with pytest.raises(CommandError) as refusal:
        call_command(command, folder())
    assert (str(refusal.value), refusal.value.returncode) == (SENTENCE, 1)
    assert not Contact.objects.exists()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_no_turn_outlives_its_process(folder, another_process, how):
    another_process.send_signal(how)
    another_process.wait()
    deadline = time.monotonic() + 30
    while is_taken() and time.monotonic() < deadline:
        pass  # a server hears of a dead client a moment later
    call_command("import_crm", folder(), stdout=StringIO())
    assert Contact.objects.count() == 2


def is_taken():
    try:
        with import_lock():
            return False
    except ImportRunning:
        return True


def test_threads_take_turns_as_processes_do(folder):
    path, refused = folder(), []
    inside, done = threading.Event(), threading.Event()

    def hold():
        with import_lock():
            inside.set()
            done.wait(30)
        connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    assert inside.wait(30)
    try:
        call_command("import_crm", path)
    except CommandError as refusal:
        refused.append(str(refusal))
    finally:
        done.set()
        thread.join()
    assert refused == [SENTENCE]
    call_command("import_crm", path, stdout=StringIO())


def test_an_import_that_fails_gives_its_turn_back():
    for _time in range(2):
        with pytest.raises(ZeroDivisionError), import_lock():
            raise ZeroDivisionError
    with import_lock():
        pass


def test_the_refusal_has_a_code():
    assert ImportRunning().code == "import_running"
