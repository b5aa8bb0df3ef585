"""Settings of the web server: `gunicorn --config python:studio.operations.webserver`.

The worker waits for slow clients in one event loop; its threads wait only for the studio itself:
see `worker.py` and docs/decisions/0041-who-waits.md. `timeout` is for a worker's heartbeat, not for
a request: an upload may take any time as long as it keeps the lowest rate.
"""

from pathlib import Path

from studio import settings

bind = f"{settings.BIND_ADDRESS}:{settings.PORT}"
worker_class = "studio.operations.worker.PatientWorker"
workers = settings.WEB_WORKERS
threads = settings.WEB_THREADS
worker_connections = settings.WEB_CONNECTIONS
timeout = 60
graceful_timeout = 3
keepalive = 15
loglevel = "warning"
# Gunicorn must trust no header: by default it believes SCRIPT_NAME, PATH_INFO and
# X-Forwarded-Proto from this machine. Behind a proxy, Django reads X-Forwarded-Proto if BASE_URL is
# https, and studio.people.network reads X-Forwarded-For from TRUSTED_PROXIES.
forwarded_allow_ips = ""
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}
control_socket_disable = True  # otherwise it is in the home directory and shared by all studios
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 heartbeats need no disk
