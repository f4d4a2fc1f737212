"""Two judges at work: processes that run and judge hand-ins, and can be ended when they hang."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from importlib import import_module
from multiprocessing.connection import Connection, wait
from pathlib import Path

import nbformat

from crmlib.course.grading.beside import confine
from crmlib.course.grading.walls import Wall

_JUDGING = 120.0  # seconds beyond those of the notebook, until a judge is taken to hang
# What a kernel loads: here it is compiled, where it can be stored, for kernels may not.
_LOADED_BY_KERNELS = (
    *("ipykernel.kernelapp", "ipykernel.ipkernel", "matplotlib_inline.backend_inline"),
    *("matplotlib.pyplot", "scipy.stats", "statsmodels.api"),
)


@dataclass(frozen=True)
class Job:
    """A hand-in to judge: its key, and where the rebuilt and the released notebook are."""

    key: tuple[str, str]
    book: Path
    released: Path


@dataclass(frozen=True)
class Terms:
    """What holds for all hand-ins: the wall, the shared folder, the seconds for a cell."""

    wall: Wall
    shared: Path
    timeout: float

    @property
    def deadline(self) -> float:
        """The longest that a judge may take for one hand-in, in seconds."""
        return max(3 * self.timeout, 180) + _JUDGING


def judge_all(
    jobs: Iterable[Job], terms: Terms, workers: int
) -> Iterator[tuple[Job | None, dict | None, str]]:
    """Judge hand-ins as they come; give each with its result, or with None and what went wrong.

    What goes wrong here is the grader's trouble: the hand-in may be tried again. Now and then there
    is no job either, so that the caller can look up.
    """
    waiting, judges = deque(jobs), []
    try:
        while waiting or any(one.job for one in judges):
            while waiting and len(judges) < workers:
                judges.append(_Judge(terms))
            for one in judges:
                if waiting and not one.job:
                    one.give(waiting.popleft())
            yield from _answers(judges)
            judges = [one for one in judges if one.alive]
            yield None, None, ""
    finally:
        for one in judges:
            one.end()


def _answers(judges: list[_Judge]) -> Iterator[tuple[Job, dict | None, str]]:
    busy = {one.line: one for one in judges if one.job}
    ready = wait(list(busy), timeout=0.5)
    for line, one in busy.items():
        job = one.job
        if line in ready:
            yield job, *one.taken()
        elif time.monotonic() > one.until:
            one.end()
            yield job, None, "it could not be judged in time"


class _Judge:
    """One process that judges; it is told what to do over a line, one hand-in at a time."""

    def __init__(self, terms: Terms):
        self.line, theirs = _SPAWN.Pipe()
        self._process = _SPAWN.Process(target=_work, args=(theirs, terms), daemon=True)
        with _deaf():
            self._process.start()
        theirs.close()
        self._terms, self.job, self.until, self.alive = terms, None, 0.0, True

    def give(self, job: Job) -> None:
        self.job, self.until = job, time.monotonic() + self._terms.deadline
        with suppress(OSError):  # it is gone already: `taken` says so
            self.line.send(job)

    def taken(self) -> tuple[dict | None, str]:
        self.job = None
        try:
            return self.line.recv()
        except (EOFError, OSError):
            self.end()
            return None, "the judge ended unexpectedly"

    def end(self) -> None:
        self.alive, self.job = False, None
        self._process.terminate()  # it ends its kernel first
        self._process.join(15)
        self._process.kill()
        self._process.join()
        self.line.close()


@contextmanager
def _deaf() -> Iterator[None]:
    """Start a process that never hears Ctrl-C: it is meant for the one that asks."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


_SPAWN = multiprocessing.get_context("spawn")


def _work(line: Connection, terms: Terms) -> None:
    """Judge what comes over the line until it closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if sys.platform == "linux":
        confine.adopt(signal.SIGTERM)
    for name in _LOADED_BY_KERNELS:
        import_module(name)
    with suppress(EOFError):
        while job := line.recv():
            line.send(_judged(job, terms))
            _sweep()


def _judged(job: Job, terms: Terms) -> tuple[dict | None, str]:
    from crmlib.course.grading import judge

    book, released = (nbformat.read(path, as_version=4) for path in (job.book, job.released))
    try:
        result = judge.judged(book, released, terms.wall, terms.shared, terms.timeout)
    except Exception as error:  # one hand-in must not end the class
        return None, f"it could not be judged ({type(error).__name__}: {error})"
    return asdict(result), ""


def _sweep() -> None:
    """End what a kernel left behind, should anything have survived its keeper."""
    if sys.platform != "linux":
        return
    for pid in confine.family(os.getpid()):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
