"""The studio's settings, with data of their own and cheap passwords.

`TEST_DATA_DIR` keeps the data from run to run, for `pytest --reuse-db`.
"""

import atexit
import os
import secrets
import shutil
import tempfile

if _kept := os.environ.get("TEST_DATA_DIR"):
    _data = os.path.join(_kept, os.environ.get("PYTEST_XDIST_WORKER", "main"))
else:
    _data = tempfile.mkdtemp(prefix="closing-shot-tests-")
    atexit.register(shutil.rmtree, _data, ignore_errors=True)
os.environ["DATA_DIR"] = _data
if "TEST_SHARED_DIR" not in os.environ:  # the first process of a run: the others inherit it
    os.environ["TEST_SHARED_DIR"] = tempfile.mkdtemp(prefix="closing-shot-tests-")
    atexit.register(shutil.rmtree, os.environ["TEST_SHARED_DIR"], ignore_errors=True)
os.environ["EMAIL_URL"] = "memorymail://"

from studio.settings import *  # noqa: F403
from studio.settings import CACHES, DATA_DIR, DATABASES, Q_CLUSTER, S3_BUCKET, STORAGES

(DATA_DIR / "static").mkdir(parents=True, exist_ok=True)
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not memory: threads that book at the same instant need connections of their own.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
if S3_BUCKET:  # each process of the tests has a folder of its own
    S3_PREFIX = f"tests/{secrets.token_hex(8)}"
    STORAGES["footage"]["OPTIONS"]["location"] = f"{S3_PREFIX}/footage"
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
_worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
Q_CLUSTER = Q_CLUSTER | {"name": f"tests-{_worker}"}
# Redis is one for all processes and runs, whose databases have other rows under the same keys
_run = os.path.basename(os.environ["TEST_SHARED_DIR"])
CACHES = {
    name: cache | {"KEY_PREFIX": f"{_run}:{_worker}:{cache.get('KEY_PREFIX', '')}"}
    for name, cache in CACHES.items()
}
