"""A RabbitMQ or Redis of a test's own: on free ports of loopback, with its data in a folder, and killed at the end."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import trustme

from web.distributed.broker import celery_app, why_away

SYSTEM = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin"))
SECONDS = 60


def free_port() -> int:
    """A port that nobody has at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def needed(program: str) -> str:
    """Where it lies; without it the test is left out, saying what is missing."""
    found = shutil.which(program, path=SYSTEM)
    if found is None:
        pytest.skip(f"{program} is not installed; on Debian: apt-get install {program}")
    return found


class Broker:
    """A broker that can be stopped, emptied, and started again at the same address."""

    url: str
    tls_port: int
    """Where it speaks TLS, as ``localhost`` and no other name."""
    authority: Path
    """The certificate of who says so."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self.tls_port = free_port(), free_port()
        self.authority, self.certificate, self.key = (
            folder / name for name in ("ca.pem", "tls.pem", "tls.key")
        )
        authority = trustme.CA()
        issued = authority.issue_cert("localhost")
        authority.cert_pem.write_to_path(self.authority)
        issued.cert_chain_pems[0].write_to_path(self.certificate)
        issued.private_key_pem.write_to_path(self.key)
        self._process: subprocess.Popen[bytes] | None = None

    def command(self) -> tuple[list[str], dict[str, str]]:
        """The program, and what it has in its environment."""
        raise NotImplementedError

    def answers(self) -> bool:
        """Whether it can be used."""
        raise NotImplementedError

    def lose_everything(self) -> None:
        """Throw away every message while it runs."""
        raise NotImplementedError

    def start(self) -> None:
        arguments, environment = self.command()
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                arguments, env=os.environ | environment, cwd=self.folder, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        _until(self.answers, self.folder / "log")

    def stop(self) -> None:
        """At once, as a power cut would."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def close(self) -> None:
        """Leave nothing behind."""
        self.stop()


class Redis(Broker):
    """Redis without a file: stopped, it has lost everything."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._program = needed("redis-server")
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> tuple[list[str], dict[str, str]]:
        options = {
            "bind": "127.0.0.1", "port": str(self.port), "dir": str(self.folder), "save": "",
            "tls-port": str(self.tls_port), "tls-cert-file": str(self.certificate), "tls-key-file": str(self.key),
            "tls-ca-cert-file": str(self.authority), "tls-auth-clients": "no",
        }  # fmt: skip
        return [
            self._program,
            *(text for name, value in options.items() for text in (f"--{name}", value)),
        ], {}

    def answers(self) -> bool:
        import redis

        try:
            return bool(redis.Redis(port=self.port).ping())
        except redis.RedisError:
            return False

    def lose_everything(self) -> None:
        import redis

        redis.Redis(port=self.port).flushall()


class RabbitMQ(Broker):
    """RabbitMQ with a node, a cookie and a port mapper of its own."""

    QUEUE = "planflow"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        needed("rabbitmq-server")
        self._program = _plain_server()
        self._mapper, self._nodes = free_port(), free_port()
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}//"
        (folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{self.port}\nlisteners.ssl.1 = 127.0.0.1:{self.tls_port}\n"
            f"ssl_options.certfile = {self.certificate}\nssl_options.keyfile = {self.key}\n"
            f"ssl_options.cacertfile = {self.authority}\nssl_options.verify = verify_none\n"
            "vm_memory_high_watermark.absolute = 512MB\n"
            "disk_free_limit.absolute = 10MB\nlog.file = false\nlog.console = true\n"
        )
        (folder / "plugins").write_text("[].\n")
        # Names are looked up in this file alone: asking a name server that is not there takes five seconds.
        (folder / "names").write_text('{lookup,[file]}.\n{host,{127,0,0,1},["localhost"]}.\n')

    def command(self) -> tuple[list[str], dict[str, str]]:
        folder = str(self.folder)
        return [str(self._program)], {
            "HOME": folder,
            "RABBITMQ_HOME": "",
            "RABBITMQ_NODENAME": f"planflow{self.port}@localhost",
            "RABBITMQ_DIST_PORT": str(self._nodes),
            "RABBITMQ_CONFIG_FILE": f"{folder}/rabbitmq.conf",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/plugins",
            "RABBITMQ_MNESIA_BASE": f"{folder}/data",
            "RABBITMQ_LOG_BASE": folder,
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "ERL_INETRC": f"{folder}/names",
            "ERL_FLAGS": "+sbwt none +sbwtdcpu none +sbwtdio none",  # a machine that has other things to do
            "ERL_EPMD_PORT": str(self._mapper),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_RELAXED_COMMAND_CHECK": "true",  # so that it can be ended although a node was killed
        }

    def answers(self) -> bool:
        return why_away(self.url, self.QUEUE) is None

    def lose_everything(self) -> None:
        app = celery_app(self.url, self.QUEUE)
        with app.connection_for_write() as connection, connection.channel() as channel:
            queue = app.amqp.queues[self.QUEUE](channel)
            queue.declare()
            queue.purge()

    def close(self) -> None:
        super().close()
        subprocess.run(
            [needed("epmd"), "-port", str(self._mapper), "-kill"], check=False, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip


def _plain_server() -> Path:
    """The server's own script: the one in the path changes to a system user and its folders."""
    found = sorted(Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*/sbin/rabbitmq-server"))
    if not found:
        pytest.skip("RabbitMQ's own script is not where Debian has it")
    return found[-1]


def _until(holds: Callable[[], bool], log: Path) -> None:
    end = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < end, log.read_text(errors="replace")[-2000:]
        time.sleep(0.1)
