"""Settings of the web server: `gunicorn --config python:studio.operations.webserver`.

Threads, because a viewer's player and a producer's upload hold connections for long. The timeout
is that of a worker's heartbeat, not of a request: an upload may take as long as it takes.
"""

from pathlib import Path

from studio import settings

bind = f"{settings.BIND_ADDRESS}:{settings.PORT}"
worker_class = "gthread"
workers = settings.WEB_WORKERS
threads = settings.WEB_THREADS
timeout = 60
graceful_timeout = 3
keepalive = 15
loglevel = "warning"
control_socket_disable = True  # it would lie in the home directory, one for all studios
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 heartbeats need no disk
