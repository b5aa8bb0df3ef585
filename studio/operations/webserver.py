"""Settings of the web server: `gunicorn --config python:studio.operations.webserver`.

The worker waits for slow senders and readers in one loop, and its threads only for the studio:
see `worker.py` and docs/decisions/0047-who-waits.md. `timeout` is that of a worker's heartbeat, not
of a request: an upload may take as long as it takes, if it keeps the lowest rate.
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
# No header changes what gunicorn tells the studio of a request, whoever connects: by default it
# believes SCRIPT_NAME, PATH_INFO and X-Forwarded-Proto from this machine. Of a proxy in front,
# Django takes X-Forwarded-Proto where BASE_URL is https, and we X-Forwarded-For where
# TRUSTED_PROXIES says so.
forwarded_allow_ips = ""
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}
control_socket_disable = True  # it would lie in the home directory, one for all studios
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 heartbeats need no disk
