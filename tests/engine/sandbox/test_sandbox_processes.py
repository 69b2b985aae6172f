"""The worker processes: started late, shared by threads, replaced when dead, gone when not needed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from engine.sandbox import Limits, Sandbox, ScriptFailed

ROOT = Path(__file__).parents[3]


def workers_of(process: psutil.Process) -> list[psutil.Process]:
    return [
        child for child in process.children(recursive=True) if "worker_start.py" in " ".join(child.cmdline())
    ]


def workers() -> list[psutil.Process]:
    return workers_of(psutil.Process())


@pytest.fixture
def own_sandbox() -> Sandbox:
    return Sandbox(Limits(seconds=0.5), workers=1)


def start_of(sandbox: Sandbox) -> psutil.Process:
    before = {worker.pid for worker in workers()}
    sandbox.evaluate("1", {})
    (fresh,) = [worker for worker in workers() if worker.pid not in before]
    return fresh


def wait_until_gone(process: psutil.Process) -> None:
    """Gone, or a zombie whose adoptive parent has not looked yet."""
    end = time.monotonic() + 5
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < end
        time.sleep(0.02)


def test_no_process_is_started_before_the_first_evaluation() -> None:
    before = len(workers())
    Sandbox()
    assert len(workers()) == before


def test_a_worker_is_kept_for_the_next_evaluation(own_sandbox: Sandbox) -> None:
    worker = start_of(own_sandbox)
    for number in range(20):
        assert own_sandbox.evaluate("n * 2", {"n": number}) == number * 2
    assert worker.is_running()
    own_sandbox.close()


def test_closing_ends_the_workers_and_later_use_starts_new_ones(own_sandbox: Sandbox) -> None:
    worker = start_of(own_sandbox)
    own_sandbox.close()
    wait_until_gone(worker)
    assert own_sandbox.evaluate("1 + 1", {}) == 2
    own_sandbox.close()


def test_a_sandbox_that_nobody_holds_ends_its_workers() -> None:
    sandbox = Sandbox()
    worker = start_of(sandbox)
    del sandbox
    import gc

    gc.collect()
    wait_until_gone(worker)


def test_a_worker_that_died_while_idle_is_replaced(own_sandbox: Sandbox) -> None:
    worker = start_of(own_sandbox)
    worker.kill()
    worker.wait(3)
    assert own_sandbox.evaluate("1 + 1", {}) == 2
    own_sandbox.close()


def test_a_worker_killed_during_an_evaluation_fails_that_evaluation_alone(own_sandbox: Sandbox) -> None:
    worker = start_of(own_sandbox)
    killer = threading.Timer(0.1, worker.kill)
    killer.start()
    with pytest.raises(ScriptFailed):
        own_sandbox.execute("for i in range(2000000000):\n  pass", {})
    killer.join()
    assert own_sandbox.evaluate("1 + 1", {}) == 2
    own_sandbox.close()


def test_a_worker_ignores_the_interrupt_meant_for_the_server(own_sandbox: Sandbox) -> None:
    worker = start_of(own_sandbox)
    worker.send_signal(signal.SIGINT)
    assert own_sandbox.evaluate("1 + 1", {}) == 2
    assert worker.is_running()
    own_sandbox.close()


def test_a_worker_knows_nothing_of_the_environment(
    own_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANFLOW_SECRET_KEY", "not for designers")
    worker = start_of(own_sandbox)
    assert "PLANFLOW_SECRET_KEY" not in worker.environ()
    assert worker.cwd() == "/"
    assert worker.num_fds() <= 3
    own_sandbox.close()


def test_many_threads_share_one_sandbox_and_each_gets_its_own_answer(sandbox: Sandbox) -> None:
    def evaluate(number: int) -> int:
        result = sandbox.evaluate("sum(values) + n", {"values": [number] * 50, "n": number})
        assert isinstance(result, int)
        return result

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(evaluate, range(200))) == [number * 51 for number in range(200)]


def test_others_are_served_while_one_source_loops() -> None:
    sandbox = Sandbox(Limits(seconds=1.5), workers=2)
    sandbox.evaluate("1", {})
    with ThreadPoolExecutor(1) as thread:
        looping = thread.submit(sandbox.execute, "for i in range(2000000000):\n  pass", {})
        time.sleep(0.1)
        started = time.monotonic()
        assert sandbox.evaluate("1 + 1", {}) == 2
        assert time.monotonic() - started < 1
        with pytest.raises(ScriptFailed):
            looping.result()
    sandbox.close()


def test_a_forked_child_starts_its_own_worker_and_leaves_its_parents_alone(own_sandbox: Sandbox) -> None:
    worker = start_of(own_sandbox)
    child = os.fork()
    if child == 0:
        try:
            right = own_sandbox.evaluate("20 + 3", {}) == 23
            own_sandbox.close()
        except BaseException:
            right = False
        os._exit(0 if right else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert worker.is_running()
    assert own_sandbox.evaluate("1 + 1", {}) == 2
    own_sandbox.close()


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_workers_end_with_their_server_even_in_the_middle_of_a_loop(end: signal.Signals) -> None:
    program = (
        "from engine.sandbox import Sandbox\ns = Sandbox()\ns.evaluate('1', {})\nprint('up', flush=True)\n"
        "s.execute('for i in range(2000000000):\\n  pass', {})\nimport time\ntime.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == b"up\n"
        (worker,) = workers_of(psutil.Process(server.pid))
        server.send_signal(end)
        server.wait(5)
    wait_until_gone(worker)


def test_memory_stays_flat_over_many_evaluations(own_sandbox: Sandbox) -> None:
    worker = start_of(own_sandbox)
    rows = {"rows": [{"n": n, "text": "x" * 50} for n in range(100)]}

    def resident_after(times: int) -> int:
        for _ in range(times):
            own_sandbox.evaluate("[r for r in rows if r['n'] > 3]", rows)
        return int(worker.memory_info().rss)

    first = resident_after(200)
    assert resident_after(600) < first + (4 << 20)
    own_sandbox.close()
