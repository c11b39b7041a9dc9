"""Processes beside this one, for work that holds Python's lock: a thread would only wait for it.

They are spawned, for the threads of the engine and of Polars do not survive a fork, and end with the process that
started them, however that ends.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.util import Finalize
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")
# Files of a drop that are together smaller are audited sooner than a second process has started.
_WORTH_A_PROCESS = 6 << 20


class Pool(ProcessPoolExecutor):
    """An executor of this many processes. Where it is left by an error, they end whatever they do."""

    def __init__(self, count: int) -> None:
        super().__init__(count, mp_context=multiprocessing.get_context("spawn"), initializer=_begin)

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        if kind is not None:
            # the way of `terminate_workers`, which Python has from 3.14 on
            for process in list((self._processes or {}).values()):
                process.terminate()
        self.shutdown(cancel_futures=True)


def _begin() -> None:
    collect_seldom()
    Thread(target=_end_with_parent, daemon=True).start()
    # The last thing a process does: to take apart all that it has loaded would take it a second.
    Finalize(None, os._exit, args=(0,), exitpriority=-1000)


def _end_with_parent() -> None:
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)


def collect_seldom() -> None:
    """Have this process look for cycles among objects seldom: loading the libraries alone makes half a million of them,
    and to go through these again and again took a second of each start."""
    gc.set_threshold(50_000)


@contextmanager
def uncollected() -> Iterator[None]:
    """While this lasts nobody looks for cycles among objects: of the many that are made nearly all go without it."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def worth_a_process(drop: Path) -> bool:
    """Whether a drop is large enough for a process beside this one."""
    return sum(file.stat().st_size for file in drop.rglob("*") if file.is_file()) >= _WORTH_A_PROCESS


@dataclass(frozen=True)
class Beside:
    """One worker beside this thread. `apart`: a process, to which work is pickled; else a thread."""

    executor: Executor
    apart: bool

    def submit(self, job: Callable[..., T], *given: Any) -> Future[T]:
        """Have the worker do `job(*given)`, after what it was given before."""
        return self.executor.submit(job, *given)

    def leave(self) -> None:
        """Leave what lies open in this process: a thread finishes what it is at and begins on nothing more."""
        if not self.apart:
            self.executor.shutdown(cancel_futures=True)


def ahead(job: Callable[[], object]) -> None:
    """Begin on `job` beside this thread, to save time only: if it fails, whoever needs it does it again and is told."""

    def quietly() -> None:
        with suppress(Exception):
            job()

    Thread(target=quietly, daemon=True).start()


@contextmanager
def beside(*, apart: bool, first: Callable[[], object]) -> Iterator[Beside]:
    """A worker while this lasts, that does `first` at once. Where this ends by an error, it is not waited for."""
    if not apart:
        # the thread that imports is not the one that work waits for
        ahead(first)
        with ThreadPoolExecutor(1) as threads:
            yield Beside(threads, apart)
        return
    with Pool(1) as processes:
        processes.submit(first)
        yield Beside(processes, apart)
