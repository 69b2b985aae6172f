"""PlanFlow behind gunicorn: ``gunicorn --config gunicorn.conf.py``. Settings of PlanFlow come from the environment."""

wsgi_app = "web.wsgi:application()"
bind = "127.0.0.1:8000"

# Each process has its own connections to the database, its own processes for expressions, and 8 threads.
workers = 2
worker_class = "gthread"
threads = 8
# Each process loads the application itself: connections and threads do not survive a fork.
preload_app = False

# Who the caller is, and whether by HTTPS, is believed of as many proxies as PLANFLOW_PROXIES says.
secure_scheme_headers: dict[str, str] = {}

timeout = 60
graceful_timeout = 30
keepalive = 30
# PlanFlow logs each request itself, with its id.
accesslog = None
errorlog = "-"
loglevel = "warning"
worker_tmp_dir = "/dev/shm"  # noqa: S108  heartbeats of gunicorn's processes, which must not wait for a disk
