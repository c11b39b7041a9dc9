"""One run at a time: a lock that the system lets go of when its holder ends, however it ends.

It is a lock on the folders themselves and leaves no file behind.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from pipeline.errors import BadInput


@contextmanager
def locked(out: Path, ledger: Path) -> Iterator[None]:
    """Hold the output folder and the ledger's folder (both must be there). BadInput when another run holds either."""
    with ExitStack() as held:
        for folder in sorted({out.resolve(), ledger.parent.resolve()}):
            held.enter_context(_held(folder))
        yield


def at_work(folder: Path) -> bool:
    """Whether a run holds this folder, told without touching the lock; False where the system does not list locks."""
    try:
        inode = folder.stat().st_ino
        held = Path("/proc/locks").read_text(encoding="ascii").splitlines()
    except OSError:
        return False
    return any(" FLOCK " in line and " WRITE " in line and f":{inode} " in line for line in held)


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as e:
            raise BadInput(
                "another run is at work in this folder",
                file=folder.name,
                remedy="wait until it has ended; the lock goes with it",
            ) from e
        yield
    finally:
        os.close(handle)
