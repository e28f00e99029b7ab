import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import time

import numpy as np
import pytest

from saccade.data.loading.workers import Workers
from saccade.errors import BadData, SaccadeError


def work(number, seconds=0.0):
    time.sleep(seconds)
    if number == 13:
        raise BadData("got 13; taken are other numbers; choose one")
    return number * 10, os.getpid()


@pytest.fixture
def two():
    workers = Workers(2, work)
    yield workers
    workers.close()


def test_results_come_in_order_from_every_process(two):
    results = list(two.results((number, 0.01 * (number % 3)) for number in range(9)))
    assert [value for value, _ in results] == [number * 10 for number in range(9)]
    assert len({process for _, process in results}) == 2
    assert os.getpid() not in {process for _, process in results}


def test_no_tasks_give_no_results(two):
    assert list(two.results([])) == []


def test_work_given_up_half_way_is_not_mixed_with_the_next(two):
    begun = two.results((number,) for number in range(20))
    assert next(begun)[0] == 0
    assert next(begun)[0] == 10
    begun.close()
    assert [value for value, _ in two.results((number,) for number in (7, 8, 9))] == [70, 80, 90]


def test_an_error_of_ours_comes_through_and_the_workers_live(two):
    with pytest.raises(BadData, match="got 13"):
        list(two.results((number,) for number in (1, 13, 2)))
    assert [value for value, _ in two.results([(4,)])] == [40]


def test_a_large_result_and_many_tasks_do_not_block():
    workers = Workers(2, bytes)
    assert sum(len(result) for result in workers.results((1 << 20,) for _ in range(20))) == 20 << 20
    workers.close()


def arrays(number, size):
    return [np.full(size, number, np.uint8), "text", np.arange(3) + number]


@pytest.mark.parametrize("room", [0, 1 << 12, 1 << 20])
def test_arrays_come_whole_by_memory_or_by_the_pipe(room):
    workers = Workers(2, arrays, room=room)
    for _ in range(2):
        for number, (pixels, text, more) in enumerate(workers.results((number, 10_000) for number in range(12))):
            assert pixels.tolist() == [number] * 10_000
            assert (text, more.tolist()) == ("text", [number, number + 1, number + 2])
    workers.close()


def test_a_result_stays_until_the_next_is_taken():
    workers = Workers(1, arrays, room=1 << 16)
    results = workers.results((number, 100) for number in range(9))
    for number in range(9):
        pixels = next(results)[0]
        time.sleep(0.02)  # the worker fills the other places meanwhile
        assert pixels.tolist() == [number] * 100
    workers.close()


def test_a_dead_worker_is_reported(two):
    (_, victim), _ = two.results((number,) for number in range(2))
    os.kill(victim, signal.SIGKILL)
    with pytest.raises(SaccadeError, match=r"worker process that died \(signal 9.* set workers to a smaller number"):
        list(two.results((number,) for number in range(8)))


def test_closing_ends_every_process_at_once():
    workers = Workers(2, work)
    begun = workers.results((number, 30.0) for number in range(4))
    time.sleep(0.1)
    before = {child.pid for child in multiprocessing.active_children()}
    started = time.monotonic()
    workers.close()
    begun.close()
    assert time.monotonic() - started < 10
    assert len(before - {child.pid for child in multiprocessing.active_children()}) == 2
    workers.close()  # twice does no harm


def test_an_interrupt_is_the_parents_to_answer(two):
    child = next(two.results([(1,)]))[1]
    os.kill(child, signal.SIGINT)
    assert [value for value, _ in two.results((number,) for number in range(4))] == [0, 10, 20, 30]


SCRIPT = textwrap.dedent("""
    import multiprocessing, os, signal, sys
    from saccade.data.loading.workers import Workers

    def work(number):
        return number, os.getpid()

    if __name__ == "__main__":
        multiprocessing.set_start_method(sys.argv[1])
        workers = Workers(2, work)
        print(*sorted({process for _, process in workers.results((number,) for number in range(4))}), flush=True)
        if sys.argv[2] == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
""")


@pytest.mark.parametrize(("method", "end"), [("fork", "returned"), ("fork", "killed"), ("spawn", "killed")])
def test_no_process_is_left_behind(tmp_path, method, end):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, "-W", "error", str(script), method, end], capture_output=True, timeout=120, check=False
    )
    assert done.stderr == b""
    processes = [int(word) for word in done.stdout.split()]
    assert len(processes) == 2
    deadline = time.monotonic() + 20
    while any(_lives(process) for process in processes) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(_lives(process) for process in processes)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
