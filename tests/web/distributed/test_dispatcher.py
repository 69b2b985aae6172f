"""The dispatcher, what is told of a broker that is away, and of software that is missing."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from engine import heartbeats
from engine.engine import Engine
from engine.jobs import Outside, enqueue
from engine.storage.tables import job
from tests.brokers import free_port
from tests.engine.conftest import Clock, clock, sandbox
from web.cli import main
from web.cli.at_work import AtWork
from web.distributed.broker import CeleryBroker, NoCelery, why_away
from web.distributed.dispatcher import MOST_WAITING, Dispatcher

__all__ = ["clock", "sandbox"]


class Paper:
    """A broker on paper: what was sent is in a list, and after some numbers it breaks."""

    def __init__(self, breaks_after: int | None = None, full: bool = False) -> None:
        self.sent: list[int] = []
        self._breaks_after, self._full = breaks_after, full

    @contextmanager
    def connected(self) -> Iterator[Paper]:
        yield self

    def waiting(self) -> int:
        return MOST_WAITING if self._full else 0

    def send(self, job_id: int) -> None:
        if len(self.sent) == self._breaks_after:
            raise OSError("torn")
        self.sent.append(job_id)

    def reason(self, error: Exception) -> str:
        return str(error)


@pytest.fixture
def engine(database: Any, sandbox: Any, clock: Clock) -> Engine:
    kinds = {"letter": Outside(lambda _: {}, lambda *_: None)}
    return Engine(database, lambda _session: None, {}, clock=clock, sandbox=sandbox, jobs=kinds)  # type: ignore[arg-type,return-value]


def put_in(engine: Engine, how_many: int) -> list[int]:
    with engine.database.write() as session:
        return [enqueue(session, "letter", {}, engine.clock()) for _number in range(how_many)]


def test_a_job_is_handed_over_once_and_again_when_nobody_took_it(engine: Engine, clock: Clock) -> None:
    numbers, paper = put_in(engine, 3), Paper()
    dispatcher = Dispatcher(engine, paper)
    assert dispatcher.hand_over() == 3
    assert dispatcher.hand_over() == 0
    clock.advance(seconds=61)
    assert dispatcher.hand_over() == 3
    assert paper.sent == numbers * 2


def test_two_dispatchers_hand_over_different_jobs(engine: Engine) -> None:
    numbers, paper = put_in(engine, 150), Paper()
    done = [Dispatcher(engine, paper).hand_over() for _number in range(3)]
    assert done == [100, 50, 0]
    assert sorted(paper.sent) == sorted(numbers)


def test_what_could_not_be_sent_is_handed_over_by_the_next_at_once(engine: Engine) -> None:
    numbers, torn, whole = put_in(engine, 3), Paper(breaks_after=1), Paper()
    Dispatcher(engine, torn).hand_over()
    assert Dispatcher(engine, whole).hand_over() == 2
    assert torn.sent + whole.sent == numbers


def test_into_a_full_queue_nothing_is_put(engine: Engine) -> None:
    put_in(engine, 1)
    assert Dispatcher(engine, Paper(full=True)).hand_over() == 0
    assert Dispatcher(engine, Paper()).hand_over() == 1


def test_a_mark_of_a_clock_that_was_set_back_holds_nothing_up(engine: Engine, clock: Clock) -> None:
    put_in(engine, 1)
    Dispatcher(engine, Paper()).hand_over()
    clock.advance(hours=-1)
    with engine.database.write() as session:  # due already then
        session.execute(job.update().values(due_at=clock(), try_at=clock(), handed_for=clock()))
    assert Dispatcher(engine, Paper()).hand_over() == 1


def test_a_number_that_comes_twice_late_or_from_nowhere_does_nothing(engine: Engine, clock: Clock) -> None:
    [number] = put_in(engine, 1)
    assert [engine.do_job(number, "me") for _time in range(2)] == [True, False]
    assert engine.do_job(10**18, "me") is False
    [early] = put_in(engine, 1)
    clock.advance(seconds=-1)
    assert engine.do_job(early, "me") is False


def test_a_worker_gives_back_what_is_its_own_alone(engine: Engine) -> None:
    put_in(engine, 3)
    for owner in ("me", "me", "you"):
        assert engine.lease_job(owner) is not None
    assert [engine.give_back_all("me"), engine.give_back_all("me")] == [2, 0]
    assert Dispatcher(engine, Paper()).hand_over() == 2


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("kind", ["amqp", "redis"])
def test_while_the_broker_is_away_that_is_told_once_and_no_job_is_marked(
    engine: Engine, kind: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"{kind}://guest:hidden@127.0.0.1:{free_port()}//"
    dispatcher = Dispatcher(engine, CeleryBroker(url, "planflow"))
    put_in(engine, 2)
    now = itertools.count(100, 100)  # each look is long after the one before
    monkeypatch.setattr("web.distributed.dispatcher.time.monotonic", lambda: next(now))
    assert [dispatcher.hand_over() for _look in range(3)] == [0, 0, 0]
    printed = capsys.readouterr()
    assert (printed.out + printed.err).count("the broker is away") == 1
    assert "refused" in (printed.out + printed.err)
    assert "hidden" not in printed.out + printed.err
    with engine.database.read() as session:
        assert session.scalar(select(func.count(job.c.handed_until))) == 0


@pytest.mark.parametrize("kind", ["amqp", "redis"])
def test_why_a_broker_cannot_be_reached_is_one_line_without_its_password(kind: str) -> None:
    told = why_away(f"{kind}://guest:hid%20den@127.0.0.1:{free_port()}//", "planflow")
    assert told is not None
    assert "refused" in told.lower()
    assert "\n" not in told
    assert "hid" not in told


@pytest.mark.parametrize(("url", "missing"), [("amqp://host//", "celery"), ("redis://host/0", "redis")])
def test_software_that_is_missing_is_told_with_what_to_install(
    url: str, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(NoCelery, match=r"pip install 'planflow\[distributed\]'"):
        CeleryBroker(url, "planflow")


def test_a_worker_for_a_broker_needs_one(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANFLOW_HOME", str(tmp_path))
    monkeypatch.delenv("PLANFLOW_BROKER_URL", raising=False)
    told = CliRunner().invoke(main, ["worker", "--celery"])
    assert told.exit_code == 1
    assert told.stderr == "planflow: planflow worker --celery needs PLANFLOW_BROKER_URL.\n"


class Part:
    """Something that ends when it is told to."""

    def __init__(self) -> None:
        self.goes_on = False

    def start(self) -> None:
        self.goes_on = True

    def stop(self) -> None:
        self.goes_on = False

    def alive(self) -> bool:
        return self.goes_on


def test_a_worker_is_known_from_its_start_to_its_end_and_ends_when_a_part_does(engine: Engine) -> None:
    part = Part()
    with AtWork(engine, "here", heartbeats.WORKER, part).running():
        assert [each.name for each in known(engine)] == ["here"]
    assert known(engine) == []
    work = AtWork(engine, "there", heartbeats.WORKER, part)
    with work.running():
        part.goes_on = False
        work.wait()  # returns


def test_heartbeats_are_forgotten_after_a_day(engine: Engine, clock: Clock) -> None:
    begun = clock()
    for name, kind in (("a", heartbeats.SERVER), ("b", heartbeats.DISPATCHER)):
        with engine.database.write() as session:
            heartbeats.beat(session, name, kind, begun, clock())
        clock.advance(seconds=61)
    [dispatcher, server] = known(engine)
    assert (server.alive(clock()), dispatcher.alive(clock())) == (False, False)
    clock.advance(seconds=-2)
    assert dispatcher.alive(clock())
    assert not heartbeats.somebody_works([dispatcher, server], clock())  # it only hands jobs over
    clock.advance(days=1)
    with engine.database.write() as session:
        heartbeats.beat(session, "b", heartbeats.DISPATCHER, begun, clock())
    assert [(each.name, each.started_at, each.seen_at) for each in known(engine)] == [("b", begun, clock())]


def known(engine: Engine) -> list[heartbeats.Heartbeat]:
    with engine.database.read() as session:
        return heartbeats.workers(session)
