"""Workbooks read by worker processes while this process reads too.

The workbook reader holds Python's lock, so threads would not help. Workers take the longest workbook left, this
process the shortest; a worker has one in hand at a time, so that nobody idles while another has a queue.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from threading import Lock
from types import TracebackType

from pipeline.ingest.model import Piece, Source
from pipeline.ingest.pieces import lay_down
from pipeline.ingest.scratch import Scratch
from pipeline.processes import Pool

MAX_WORKERS = 2  # beside this process
# Workbooks together smaller than this are read here: starting a worker costs more than it saves.
WORKER_BYTES = 6 << 20
# Of workbooks read at one time: one takes some 30 times its size of memory while it is read.
TOGETHER_BYTES = 40 << 20


class Workers:
    """The workbooks among `sources` (number → source; its SHA-256 in `sums`), shared out.

    All are `left` where there is too little work. The workers start when this is entered, and read from `begin` on.
    """

    def __init__(self, sources: dict[int, Source], sums: dict[int, str | None], scratch: Scratch) -> None:
        sizes = {n: source.path.stat().st_size for n, source in sources.items() if source.kind == "excel"}
        self._left = deque(sorted(sizes, key=lambda n: -sizes[n]))
        self._sources, self._sums, self._scratch = sources, sums, scratch
        self._futures: dict[int, Future[list[Piece]]] = {}
        self._lock = Lock()
        self._count = min(MAX_WORKERS, (os.cpu_count() or 1) - 1, len(sizes) - 1)
        if sum(sorted(sizes.values())[-MAX_WORKERS:]) > TOGETHER_BYTES:
            self._count = min(self._count, 1)
        if sum(sizes.values()) < WORKER_BYTES:
            self._count = 0
        self._pool: Pool | None = None

    def __enter__(self) -> Workers:
        if self._count > 0:
            self._pool = Pool(self._count)
            for _ in range(self._count):
                self._pool.submit(_ready)  # it has this module to load, which takes a second
        return self

    def begin(self) -> None:
        """Let the workers read: nothing was found that keeps the drop from being read at all."""
        for _ in range(self._count):
            self._hand_out()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with self._lock:
            self._left.clear()
        if self._pool is not None:
            self._pool.__exit__(kind, error, at)

    def _hand_out(self, _: object = None) -> None:
        with self._lock:
            if not self._left or self._pool is None:
                return
            number = self._left.popleft()
            source, sum_ = self._sources[number], self._sums[number]
            future = self._pool.submit(lay_down, source, None, self._scratch, number, sum_)
            self._futures[number] = future
        future.add_done_callback(self._hand_out)  # outside the lock: it is called at once where the work is done

    def left(self) -> Iterator[int]:
        """Numbers of the workbooks that no worker has taken, shortest first: for this process to read."""
        while True:
            with self._lock:
                if not self._left:
                    return
                number = self._left.pop()
            yield number

    def results(self) -> Iterator[tuple[int, list[Piece]]]:
        """What the workers read, once nothing is left; an error in a worker is raised here."""
        for number in sorted(self._futures):
            yield number, self._futures[number].result()


def _ready() -> None:
    """Nothing: a worker that has done it has loaded what it reads with."""
