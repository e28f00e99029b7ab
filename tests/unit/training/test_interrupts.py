"""Signals: once asks, twice ends at once, and the handlers are put back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

from saccade.training.interrupts import StopRequest


def test_a_signal_asks_and_the_handlers_come_back():
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with StopRequest() as stop:
        assert stop.signal_number == 0
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop.signal_number == signal.SIGTERM
    assert before == (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM))


def test_a_second_interrupt_ends_the_process_at_once():
    program = (
        "import os, signal, time\n"
        "from saccade.training.interrupts import StopRequest\n"
        "with StopRequest():\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    time.sleep(30)\n"
    )
    assert subprocess.run([sys.executable, "-c", program], timeout=20, check=False).returncode == 130


def test_outside_the_main_thread_nothing_is_touched():
    seen = []

    def work():
        with StopRequest() as stop:
            seen.append((stop.signal_number, signal.getsignal(signal.SIGTERM)))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [(0, signal.getsignal(signal.SIGTERM))]


def test_a_lost_terminal_asks_too_unless_the_program_ignores_it():
    with StopRequest() as stop:
        os.kill(os.getpid(), signal.SIGHUP)
        assert stop.signal_number == signal.SIGHUP
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with StopRequest() as stop:
            os.kill(os.getpid(), signal.SIGHUP)
            assert stop.signal_number == 0
    finally:
        signal.signal(signal.SIGHUP, before)
