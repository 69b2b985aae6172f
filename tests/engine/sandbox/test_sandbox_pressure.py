"""Under pressure: sources that take all they can get from the workers, and workers that somebody kills."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import psutil
import pytest

from engine.sandbox import Limits, PeopleOf, Sandbox, ScriptFailed
from engine.sandbox.kept import Kept
from engine.sandbox.process import WorkerProcess
from engine.sandbox.sandbox import REST
from tests.engine.sandbox.test_sandbox_hostile import Crowd

LIMIT = 2.5


def own(sandbox: Sandbox) -> list[WorkerProcess]:
    """The workers that run for this sandbox alone."""
    return list(sandbox._pool._running)


def kill(sandbox: Sandbox) -> None:
    for worker in own(sandbox):
        os.kill(worker.pid, signal.SIGKILL)


def endless(number: int = 0) -> str:
    """A loop that differs from every other one, so that it is none that rests."""
    return f"x = {number}\nfor i in range(2000000000):\n  pass"


def looping(threads: ThreadPoolExecutor, sandbox: Sandbox, count: int) -> list[Future[Any]]:
    """So many threads in so many loops."""
    found = [threads.submit(sandbox.execute, endless(number), {}) for number in range(count)]
    time.sleep(0.2)
    return found


def test_two_blocked_workers_let_others_through() -> None:
    sandbox = Sandbox(Limits(seconds=LIMIT), workers=2, most=4)
    with ThreadPoolExecutor(2) as threads:
        loops = looping(threads, sandbox, 2)
        assert sandbox.evaluate("1 + 1", {}) == 2
        assert not any(loop.done() for loop in loops)
        assert len(own(sandbox)) == 3
        assert all(isinstance(loop.exception(), ScriptFailed) for loop in loops)
    assert len(own(sandbox)) <= 2
    sandbox.close()


def test_no_more_than_the_most_workers_run_and_who_waited_longest_comes_first() -> None:
    sandbox = Sandbox(Limits(seconds=0.5), workers=1, most=1)
    order: list[int] = []
    sandbox.evaluate("0", {})

    def evaluate(number: int) -> None:
        assert sandbox.evaluate("n * 2", {"n": number}) == number * 2
        order.append(number)

    with ThreadPoolExecutor(6) as threads:
        (loop,) = looping(threads, sandbox, 1)
        waiting = []
        for number in range(5):
            waiting.append(threads.submit(evaluate, number))
            time.sleep(0.03)
        for one in waiting:
            one.result()
        assert isinstance(loop.exception(), ScriptFailed)
        assert len(own(sandbox)) <= 1
    assert order == sorted(order)
    sandbox.close()


def test_a_source_that_was_stopped_rests_and_tells_why() -> None:
    sandbox = Sandbox(Limits(seconds=0.1), workers=1)
    with pytest.raises(ScriptFailed) as first:
        sandbox.execute(endless(), {})
    begun = time.monotonic()
    with pytest.raises(ScriptFailed) as second:
        sandbox.execute(endless(), {})
    assert time.monotonic() - begun < 0.05
    assert (second.value.kind, second.value.line) == ("timeout", first.value.line)
    assert str(first.value) in str(second.value)
    time.sleep(0.1 * REST)
    with pytest.raises(ScriptFailed) as third:
        sandbox.execute(endless(), {})
    assert "rests" not in str(third.value)
    sandbox.close()


def test_an_error_of_a_source_does_not_make_it_rest() -> None:
    sandbox = Sandbox(workers=1)
    with pytest.raises(ScriptFailed):
        sandbox.evaluate("1 // n", {"n": 0})
    assert sandbox.evaluate("1 // n", {"n": 1}) == 1
    sandbox.close()


def test_all_sources_of_a_command_have_the_time_of_one() -> None:
    sandbox = Sandbox(Limits(seconds=0.4), workers=1)
    allowance = sandbox.allowance()
    sources = [f"[a for a in range({400_000 + number}) if a < 0]" for number in range(100)]

    def evaluate_all() -> None:
        for source in sources:
            sandbox.evaluate(source, {}, None, allowance)

    begun = time.monotonic()
    with pytest.raises(ScriptFailed, match=r"took longer than 0\.4 s together"):
        evaluate_all()
    assert time.monotonic() - begun < 10
    with pytest.raises(ScriptFailed, match="together"):
        sandbox.evaluate("1 + 1", {}, None, allowance)
    assert sandbox.evaluate("1 + 1", {}) == 2
    sandbox.close()


def test_a_worker_is_kept_however_large_the_server_is() -> None:
    ballast = bytearray(300 << 20)
    for place in range(0, len(ballast), 4096):
        ballast[place] = 1
    sandbox = Sandbox(workers=1)
    sandbox.evaluate("1 + 1", {})
    (worker,) = own(sandbox)
    for number in range(20):
        assert sandbox.evaluate("n + 1", {"n": number}) == number + 1
    assert own(sandbox) == [worker]
    sandbox.close()


def test_a_worker_that_has_been_large_is_replaced_so_that_the_next_source_has_all_the_memory() -> None:
    sandbox = Sandbox(Limits(seconds=20, memory=128 << 20), workers=1)  # it is about memory alone
    large = "len([str(a) * 10 for a in range(400000)])"
    for number in range(3):
        assert sandbox.evaluate(f"{large} + {number}", {}) == 400000 + number
        assert all(psutil.Process(worker.pid).memory_info().rss < 64 << 20 for worker in own(sandbox))
    sandbox.close()


def test_long_sources_do_not_fill_a_worker() -> None:
    sandbox = Sandbox(Limits(memory=96 << 20), workers=1)
    for number in range(40):
        source = "len([" + ",".join(f"n{number}" for _ in range(8000)) + "])"
        assert sandbox.evaluate(source, {f"n{number}": 1}) == 8000
    sandbox.close()


def test_what_is_kept_of_sources_is_bounded_by_their_number_and_their_length() -> None:
    kept: Kept[int] = Kept(count=3, characters=10)
    for number, source in enumerate(("a", "b", "c", "d")):
        kept.put(source, "script", number)
    assert [kept.get(source, "script") for source in "abcd"] == [None, 1, 2, 3]
    kept.put("x" * 9, "script", 9)
    assert [kept.get(source, "script") for source in ("c", "d", "x" * 9)] == [None, 3, 9]
    assert kept.put("y" * 11, "script", 11) == 11
    assert kept.get("y" * 11, "script") is None


def test_a_worker_that_is_killed_just_before_a_call_does_not_make_it_fail() -> None:
    sandbox = Sandbox(workers=1)
    for number in range(30):
        assert sandbox.evaluate("n + 1", {"n": number}) == number + 1
        kill(sandbox)
    sandbox.close()


def test_a_worker_may_be_killed_at_any_moment() -> None:
    """A call gives its right answer or fails cleanly, and the next one finds a worker."""
    sandbox, end = Sandbox(workers=2), threading.Event()

    def keep_killing() -> None:
        while not end.is_set():
            time.sleep(random.uniform(0.0, 0.4))  # noqa: S311
            with suppress(ProcessLookupError, RuntimeError):  # it has just been replaced
                kill(sandbox)

    killer = threading.Thread(target=keep_killing)
    told: set[str] = set()
    killer.start()
    for number in range(60):
        try:
            assert sandbox.evaluate("sum([n for _ in range(20000)])", {"n": number}) == number * 20000
        except ScriptFailed as failure:
            told.add(str(failure))
    end.set()
    killer.join()
    assert all("ended from outside" in each for each in told)
    assert sandbox.evaluate("1 + 1", {}) == 2
    sandbox.close()


def test_what_a_killed_worker_had_begun_is_not_begun_again() -> None:
    asked: list[str] = []

    class Watching(Crowd):
        def members(self, group: str) -> list[str]:
            asked.append(group)
            return []

    sandbox = Sandbox(workers=1)
    sandbox.evaluate("1", {})
    killer = threading.Timer(0.3, kill, [sandbox])
    killer.start()
    with pytest.raises(ScriptFailed, match="ended from outside"):
        sandbox.execute('x = members("a")\nfor i in range(2000000000):\n  pass', {}, PeopleOf(Watching()))
    assert asked == ["a"]
    assert sandbox.evaluate("2 + 2", {}) == 4
    sandbox.close()


def test_no_zombie_is_left_of_workers_that_were_stopped() -> None:
    sandbox = Sandbox(Limits(seconds=0.1), workers=1)
    for number in range(5):
        with pytest.raises(ScriptFailed):
            sandbox.evaluate(f'int("9" * 300000{number})', {})
    sandbox.close()
    assert not own(sandbox)
    assert not [child for child in psutil.Process().children() if child.status() == psutil.STATUS_ZOMBIE]


def test_a_source_is_not_blamed_for_a_machine_that_has_no_time_for_it() -> None:
    """The worker is halted, as it is when others have the processors, and goes on after its limit."""
    sandbox = Sandbox(Limits(seconds=0.4), workers=1)
    assert sandbox.evaluate("sum([n, 1])", {"n": 1}) == 2
    (worker,) = own(sandbox)
    os.kill(worker.pid, signal.SIGSTOP)
    goer = threading.Timer(0.8, os.kill, [worker.pid, signal.SIGCONT])
    goer.start()
    assert sandbox.evaluate("sum([n, 1])", {"n": 2}) == 3
    sandbox.close()
