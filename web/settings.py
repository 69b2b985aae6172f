"""Settings: everything that an operator may choose, read once from the environment.

Nothing else in the project reads environment variables. ``docs/reference/settings.md`` lists them.
"""

from __future__ import annotations

import os
import re
import secrets
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from typing import NoReturn, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.engine import LEASE
from engine.errors import Invalid, PlanFlowError
from engine.messaging.time_to_live import expiry
from engine.outgoing import OutgoingSettings
from engine.sandbox import MOST_WORKERS, Limits, Sandbox
from engine.working_days import OwnDays, WorkingDays, read_country, read_own_days
from web.log_settings import LogSettings, log_settings
from web.mail_settings import mail_server
from web.outgoing_settings import outgoing_settings
from web.tracing_settings import traces_wanted
from webhooks.mail import MailServer

KIB = 1024
MIB = 1024 * KIB
SECRET_BYTES = 48
KEPT_SECRET = "secret_key"  # noqa: S105  the name of a file
"""The file in the home folder that holds the secret key where none is set."""
HOURS_OF_A_YEAR = 8784
MOST_PROXIES = 10
LARGEST_BODY = 1024 * MIB
SHORTEST_SCRIPT, LONGEST_SCRIPT = 0.05, 60.0
SMALLEST_SANDBOX, LARGEST_SANDBOX = 64 * MIB, 64 * 1024 * MIB
MOST_SANDBOXES = 100
MOST_JOBS = 100
MOST_WEBHOOK_DAYS = 3660
SHORTEST_TOKEN = 16
SHORTEST_LEASE, LONGEST_LEASE = 5, 3600
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")

T = TypeVar("T")


class SettingsError(PlanFlowError):
    """A setting cannot be used. The message names the environment variable and what it should look like."""

    code = "settings"


UTC = ZoneInfo("UTC")


@dataclass(frozen=True)
class ScriptSettings:
    """What designers' expressions and scripts may take. The command line needs no more to try or lint a model."""

    seconds: float = Limits.seconds
    """Time of one evaluation, and of all evaluations of one command together."""
    memory: int = Limits.memory
    """Bytes of address space of one worker process."""
    workers: int = MOST_WORKERS
    """Worker processes at once, when sources take their time."""
    working_days: WorkingDays = field(default_factory=WorkingDays, compare=False)
    """The calendar that expressions count working days with."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> ScriptSettings:
        """Read the settings; nothing is made. Raises :class:`SettingsError` naming the variable."""
        reader = _Reader(environment)
        return cls(
            seconds=reader.value("PLANFLOW_SCRIPT_SECONDS", _script_seconds, cls.seconds),
            memory=reader.value("PLANFLOW_SCRIPT_MEMORY", _script_memory, cls.memory),
            workers=reader.value("PLANFLOW_SCRIPT_WORKERS", _script_workers, cls.workers),
            working_days=_working_days(reader),
        )

    def sandbox(self) -> Sandbox:
        """A sandbox within these limits."""
        return Sandbox(Limits(self.seconds, self.memory), most=self.workers, working_days=self.working_days)


@dataclass(frozen=True)
class Settings:
    """How this installation runs. Sizes are bytes; rates are written like ``"10 per minute"``."""

    home: Path
    """Where the embedded files lie: the SQLite database and the generated secret."""
    database_url: str = field(repr=False)
    """SQLAlchemy URL; ``sqlite:///…`` or ``postgresql+psycopg://…``."""
    secret_key: str = field(repr=False)
    """Signs sessions and CSRF tokens."""
    secret_is_kept: bool = False
    """Whether it is that of the home folder."""
    public_url: str | None = None
    """The address that people type, when a proxy stands in front (``https://plans.example.com``)."""
    trusted_hosts: tuple[str, ...] | None = None
    """Host names that requests may be addressed to; None accepts every name."""
    proxies: int = 0
    """How many reverse proxies in front are trusted to say who the caller is."""
    secure_cookies: bool | None = None
    """Whether cookies travel over HTTPS only; None lets the address decide, see :meth:`serving_on`."""
    session_hours: int = 12
    """How long a sign-in lasts."""
    max_body: int = MIB
    """Limit of an ordinary request body."""
    max_upload: int = 16 * MIB
    """Limit of a deployment's request body."""
    rate_limit_storage: str = "memory://"
    """Where counts are kept; ``redis://…`` when several processes serve."""
    api_rate: str = "6000 per minute"
    """Requests of one person (or address) to the API."""
    sign_in_rate: str = "120 per minute"
    """Sign-in attempts of one address."""
    sign_in_failures: str = "10 per minute"
    """Failed sign-in attempts of one address, and for one name."""
    timezone: ZoneInfo = UTC
    """Where the company is: when its days and months begin, and the times that people read."""
    message_ttl: str = "PT1H"
    """How long a message from outside is kept when it does not say so itself: an ISO 8601 duration."""
    metrics_token: str | None = field(default=None, repr=False)
    """What has to be shown to read ``/metrics``; without it only this machine may."""
    logs: LogSettings = field(default_factory=LogSettings)
    """Form and amount of the log."""
    tracing: bool = False
    """Whether traces are kept, by who serves or works."""
    jobs_at_once: int = 4
    """Jobs that lie outside, such as calls of other systems, which one worker does at the same time."""
    job_lease: timedelta = LEASE
    """How long each of them may take before another worker does it again."""
    broker_url: str | None = field(default=None, repr=False)
    """Where numbers of jobs are handed over to workers elsewhere: a RabbitMQ or Redis."""
    broker_queue: str = "planflow"
    """The queue there; installations that share a broker need one each."""
    webhook_keep: timedelta = timedelta(days=30)
    """How long deliveries of webhooks are kept after they were delivered or given up."""
    scripts: ScriptSettings = ScriptSettings()
    """Limits of designers' expressions and scripts."""
    outgoing: OutgoingSettings = field(default_factory=OutgoingSettings)
    """Requests to other systems."""
    mail: MailServer | None = None
    """The server that letters are handed to; None sends none."""
    demo: bool = False
    """Whether this is a demo on loopback, whose accounts may be shown to strangers."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ, make: bool = True) -> Settings:
        """Read the settings, creating the home folder and its secret when they are not there yet.

        Without ``make`` nothing is created, and the secret key is empty where there is none. Raises
        :class:`SettingsError` naming the variable that cannot be used.
        """
        reader = _Reader(environment)
        home = Path(reader.text("PLANFLOW_HOME", ".planflow"))
        home = _make_home(home) if make else home.resolve()
        given = reader.value("PLANFLOW_SECRET_KEY", _secret, None)
        public_url = reader.value("PLANFLOW_PUBLIC_URL", _public_url, None)
        return cls(
            home=home,
            database_url=reader.value(
                "PLANFLOW_DATABASE_URL", _database_url, f"sqlite:///{home}/planflow.db"
            ),
            secret_key=given or _kept_secret(home, make),
            secret_is_kept=given is None,
            public_url=public_url,
            trusted_hosts=reader.value("PLANFLOW_TRUSTED_HOSTS", _names, None) or _host_of(public_url),
            proxies=reader.value("PLANFLOW_PROXIES", _proxies, 0),
            secure_cookies=reader.value("PLANFLOW_SECURE_COOKIES", _yes_or_no, None),
            session_hours=reader.value("PLANFLOW_SESSION_HOURS", _hours, 12),
            max_body=reader.value("PLANFLOW_MAX_BODY", _size, MIB),
            max_upload=reader.value("PLANFLOW_MAX_UPLOAD", _size, 16 * MIB),
            rate_limit_storage=reader.value("PLANFLOW_RATE_LIMIT_STORAGE", _storage, "memory://"),
            api_rate=reader.value("PLANFLOW_API_RATE", _rate, cls.api_rate),
            sign_in_rate=reader.value("PLANFLOW_SIGN_IN_RATE", _rate, cls.sign_in_rate),
            sign_in_failures=reader.value("PLANFLOW_SIGN_IN_FAILURES", _rate, cls.sign_in_failures),
            timezone=reader.value("PLANFLOW_TIMEZONE", _timezone, cls.timezone),
            message_ttl=reader.value("PLANFLOW_MESSAGE_TTL", _time_to_live, cls.message_ttl),
            metrics_token=reader.value("PLANFLOW_METRICS_TOKEN", _metrics_token, None),
            logs=log_settings(reader),
            tracing=traces_wanted(reader),
            jobs_at_once=reader.value("PLANFLOW_JOBS_AT_ONCE", _jobs_at_once, cls.jobs_at_once),
            job_lease=reader.value("PLANFLOW_JOB_LEASE", _job_lease, cls.job_lease),
            broker_url=reader.value("PLANFLOW_BROKER_URL", _broker, None),
            broker_queue=reader.value("PLANFLOW_BROKER_QUEUE", _queue_name, cls.broker_queue),
            webhook_keep=reader.value("PLANFLOW_WEBHOOK_DAYS", _webhook_days, cls.webhook_keep),
            scripts=ScriptSettings.from_environment(environment),
            outgoing=outgoing_settings(reader),
            mail=mail_server(reader),
        )

    @property
    def cookies_need_https(self) -> bool:
        """Whether cookies carry the ``Secure`` flag."""
        return self.https if self.secure_cookies is None else self.secure_cookies

    @property
    def https(self) -> bool:
        """Whether people reach this installation over HTTPS."""
        return _is_https(self.public_url)

    def serving_on(self, host: str) -> Settings:
        """The same settings for a server listening on ``host``.

        On loopback over plain HTTP only loopback names are accepted, which ends DNS rebinding. Elsewhere
        cookies need HTTPS, unless ``PLANFLOW_SECURE_COOKIES=no`` was chosen for this address.
        """
        if is_loopback(host):
            return replace(self, trusted_hosts=self.trusted_hosts or LOOPBACK_HOSTS)
        return replace(self, secure_cookies=self.secure_cookies is not False)


def read_log_settings(environment: Mapping[str, str] = os.environ) -> LogSettings:
    """Those of the log alone, for a command that has not asked for the others yet."""
    return log_settings(_Reader(environment))


def read_language(environment: Mapping[str, str] = os.environ) -> str:
    """The locale of the terminal without its encoding, such as ``zh_TW``, as POSIX has it (XBD §8.2); maybe empty."""
    named = (environment.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return next(filter(None, named), "").partition(".")[0].partition("@")[0]


def is_loopback(host: str) -> bool:
    """Whether a name or address to listen on can be reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True)
class _Reader:
    environment: Mapping[str, str]

    def text(self, name: str, default: str) -> str:
        return self.environment.get(name, "").strip() or default

    def value(self, name: str, parse: Callable[[str], T], default: T) -> T:
        text = self.environment.get(name, "").strip()
        if not text:
            return default
        try:
            return parse(text)
        except ValueError as error:
            self.refuse(name, str(error))

    def refuse(self, name: str, reason: str) -> NoReturn:
        raise SettingsError("%(name)s cannot be used: %(reason)s", name=name, reason=reason) from None


def _make_home(home: Path) -> Path:
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise SettingsError(
            "PLANFLOW_HOME cannot be used: %(path)s: %(reason)s", path=str(home), reason=error.strerror
        ) from None
    return home.resolve()


def _kept_secret(home: Path, make: bool) -> str:
    """The secret in the home folder, made on first use; two processes starting together agree on one."""
    path = home / KEPT_SECRET
    try:
        if not path.exists():
            if not make:
                return ""
            _write_once(path, secrets.token_urlsafe(SECRET_BYTES))
        return _secret(path.read_text().strip())
    except (OSError, ValueError) as error:
        raise SettingsError(
            "The secret in %(path)s cannot be used: %(reason)s", path=str(path), reason=str(error)
        ) from None


def _write_once(path: Path, text: str) -> None:
    # A link appears whole or not at all, and never replaces what another process was first to write.
    handle, name = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text)
        with suppress(FileExistsError):
            os.link(name, path)
    finally:
        os.unlink(name)


def _secret(text: str) -> str:
    if len(text) < 32:
        raise ValueError("at least 32 characters are needed")
    return text


def _database_url(text: str) -> str:
    scheme = text.partition(":")[0]
    if scheme == "sqlite":
        return text
    if scheme in ("postgresql", "postgres", "postgresql+psycopg"):
        return "postgresql+psycopg" + text[len(scheme) :]
    raise ValueError("write sqlite:///path or postgresql://user@host/name")


def _public_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("write an address such as https://plans.example.com")
    return text.rstrip("/")


def _is_https(public_url: str | None) -> bool:
    return public_url is not None and public_url.startswith("https://")


def _host_of(public_url: str | None) -> tuple[str, ...] | None:
    return (urlsplit(public_url).hostname or "",) if public_url else None


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise ValueError("a whole number is needed")
    return int(text)


def _count_up_to(largest: int, text: str) -> int:
    if len(text) > len(str(largest)) or _count(text) > largest:
        raise ValueError(f"the largest number is {largest}")
    return int(text)


def _proxies(text: str) -> int:
    return _count_up_to(MOST_PROXIES, text)


def _hours(text: str) -> int:
    return _above_zero(_count_up_to(HOURS_OF_A_YEAR, text))


def _size(text: str) -> int:
    return _above_zero(_count_up_to(LARGEST_BODY, text))


def _script_seconds(text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,2}(\.[0-9]{1,3})?", text):
        raise ValueError("write a number of seconds such as 1 or 0.5")
    if not SHORTEST_SCRIPT <= float(text) <= LONGEST_SCRIPT:
        raise ValueError(f"between {SHORTEST_SCRIPT:g} and {LONGEST_SCRIPT:g} seconds are needed")
    return float(text)


def _script_memory(text: str) -> int:
    number = _count_up_to(LARGEST_SANDBOX, text)
    if number < SMALLEST_SANDBOX:
        raise ValueError(f"at least {SMALLEST_SANDBOX} bytes are needed")
    return number


def _jobs_at_once(text: str) -> int:
    return _above_zero(_count_up_to(MOST_JOBS, text))


def _job_lease(text: str) -> timedelta:
    seconds = _count_up_to(LONGEST_LEASE, text)
    if seconds < SHORTEST_LEASE:
        raise ValueError(f"at least {SHORTEST_LEASE} seconds are needed")
    return timedelta(seconds=seconds)


def _webhook_days(text: str) -> timedelta:
    return timedelta(days=_above_zero(_count_up_to(MOST_WEBHOOK_DAYS, text)))


def _script_workers(text: str) -> int:
    return _above_zero(_count_up_to(MOST_SANDBOXES, text))


def _above_zero(number: int) -> int:
    if number == 0:
        raise ValueError("a number above zero is needed")
    return number


def _yes_or_no(text: str) -> bool:
    if text.lower() not in ("yes", "no"):
        raise ValueError("write yes or no")
    return text.lower() == "yes"


def _rate(text: str) -> str:
    from limits import parse_many

    parse_many(text)
    return text


def _storage(text: str) -> str:
    from limits.errors import ConfigurationError
    from limits.storage import storage_from_string

    if text.startswith(("redis:", "rediss:")) and find_spec("redis") is None:
        raise ValueError("Redis needs more software. Run: pip install 'planflow[distributed]'")
    try:
        storage_from_string(text)
    except ConfigurationError as error:
        raise ValueError(str(error)) from None
    return text


def _timezone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("write a name such as Asia/Taipei or Europe/Berlin") from None


def _working_days(reader: _Reader) -> WorkingDays:
    country = reader.value("PLANFLOW_CALENDAR", read_country, None) or read_country("CN")
    own = reader.value("PLANFLOW_CALENDAR_DAYS", lambda text: read_own_days(Path(text)), OwnDays())
    return WorkingDays(country, own, reader.value("PLANFLOW_TIMEZONE", _timezone, UTC))


def _time_to_live(text: str) -> str:
    try:
        expiry(datetime.now(UTC), text, UTC)
    except Invalid:
        raise ValueError("write an ISO 8601 duration such as PT1H or P2D, of 366 days at most") from None
    return text


def _broker(text: str) -> str:
    try:
        parts = urlsplit(text)
        known = parts.scheme in ("amqp", "amqps", "redis", "rediss") and bool(parts.hostname)
        known = known and (parts.port is None or parts.port > 0)
    except ValueError:
        known = False
    if not known:  # the address may hold a password, and is not repeated
        raise ValueError("write amqp://user:password@host/vhost or redis://host/0")
    return text


def _queue_name(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,100}", text):
        raise ValueError("write letters, digits, dots and dashes")
    return text


def _metrics_token(text: str) -> str:
    if len(text) < SHORTEST_TOKEN or not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError(f"at least {SHORTEST_TOKEN} printable ASCII characters without spaces are needed")
    return text
